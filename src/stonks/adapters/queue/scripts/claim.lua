-- Take jobs under a lease: first promote what is due and reap what expired, so that any live worker keeps time for all.
-- KEYS queue, high, inflight, leases, delayed, dlq, stats, then both lanes of each queue downstream
-- ARGV queue's name, most jobs, lease in ms, token prefix, jobs in hand, high water, most crashes, most jobs to promote
--      and to reap
-- Returns 1 when a queue downstream is full and nothing was taken, else 0; then for each job: ledger id ('' where there
-- is none), deliveries, crashes, ms waited (-1 where unknown), payload. The token of the i-th is prefix:i.
local queue, high, inflight, leases, delayed, dlq, stats = unpack(KEYS, 1, 7)
local name, limit, lease, prefix, in_hand = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5])
local high_water, max_crashes, sweep = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local now = milliseconds()
move_even_when_full(leases)

local function lane_of(job)
  return job.h and high or queue
end

local function promote()
  local due = redis.call('ZRANGEBYSCORE', delayed, '-inf', now, 'WITHSCORES', 'LIMIT', 0, sweep)
  if #due == 0 then return end
  redis.call('HINCRBY', stats, 'promoted', #due / 2)
  for i = 1, #due, 2 do
    local job = read(due[i])
    job.t = due[i + 1]
    redis.call('RPUSH', lane_of(job), write(job))
    redis.call('ZREM', delayed, due[i])
  end
end

-- A crash is not a failure of the handler: it counts in its own budget.
local function crashed(token, text)
  local job = read(text)
  job.n, job.c, job.t, job.why = job.n - 1, job.c + 1, now, 'lease_expired'
  if job.c < max_crashes then
    redis.call('LPUSH', lane_of(job), write(job))
  else
    redis.call('HINCRBY', stats, 'dead', 1)
    -- Nobody lived to say whether a job pushed by hand is JSON.
    local why = '"its worker died or hung ' .. job.c .. ' times"'
    redis.call('RPUSH', dlq, letter(job, 'lease_expired', why, now, not job.s))
    unlock(name, job)
  end
end

local function reap()
  local expired = redis.call('ZRANGEBYSCORE', leases, '-inf', now, 'LIMIT', 0, sweep)
  if #expired == 0 then return end
  local texts = redis.call('HMGET', inflight, unpack(expired))
  redis.call('HINCRBY', stats, 'reclaimed', #expired)
  -- Latest first, so that the one that waited longest ends up at the very head.
  for i = #expired, 1, -1 do
    if texts[i] then crashed(expired[i], texts[i]) end
    redis.call('ZREM', leases, expired[i])
    redis.call('HDEL', inflight, expired[i])
  end
end

local function is_held_back()
  for i = 8, #KEYS, 2 do
    if redis.call('LLEN', KEYS[i]) + redis.call('LLEN', KEYS[i + 1]) >= high_water then return true end
  end
  return false
end

local count, stop = 0, false
local claimed, jobs, terms, malformed = { 0 }, {}, {}, {}

local function accept(job, is_high)
  count = count + 1
  local token = prefix .. ':' .. count
  job.n, job.h = job.n + 1, is_high
  if job.id == '' then job.id = token end
  local at = #claimed
  claimed[at + 1] = job.s and unescape(job.id) or ''
  claimed[at + 2], claimed[at + 3] = job.n, job.c
  claimed[at + 4] = job.t and math.max(now - job.t, 0) or -1
  job.t = job.t or now
  claimed[at + 5] = payload_of(job)
  jobs[count * 2 - 1], jobs[count * 2] = token, write(job)
  terms[count * 2 - 1], terms[count * 2] = now + lease, token
end

-- Take from a lane's head; returns how many it gave. A job whose next crash is its last travels alone, into empty hands:
-- it may be what kills workers, and then whatever is done beside it would be condemned with it; or it was beside such a
-- job, and must not be again. After fewer crashes it is innocent until then: what a killed worker had in hand is done as
-- fast as anything else.
local function take(lane, is_high)
  local texts = redis.call('LRANGE', lane, 0, limit - count - 1)
  for i, text in ipairs(texts) do
    if not is_object(text) then
      malformed[#malformed + 1] = letter({ rest = text, bare = true }, 'malformed', '"not a JSON object"', now, true)
    else
      local job = read(text)
      local suspect = job.c >= max_crashes - 1
      if suspect and (count > 0 or in_hand > 0) then
        stop = true
        return i - 1
      end
      accept(job, is_high)
      if suspect then
        stop = true
        return i
      end
    end
  end
  return #texts
end

promote()
reap()
if limit < 1 then return claimed end
if is_held_back() then return { 1 } end
local from_high = take(high, true)
local from_queue = (not stop and count < limit) and take(queue, nil) or 0

if #malformed > 0 then
  redis.call('LLEN', dlq)
  redis.call('HINCRBY', stats, 'dead', #malformed)
  redis.call('RPUSH', dlq, unpack(malformed))
end
if count > 0 then
  redis.call('HINCRBY', stats, 'claimed', count)
  redis.call('HSET', inflight, unpack(jobs))
  redis.call('ZADD', leases, unpack(terms))
end
if from_high > 0 then redis.call('LTRIM', high, from_high, -1) end
if from_queue > 0 then redis.call('LTRIM', queue, from_queue, -1) end
return claimed
