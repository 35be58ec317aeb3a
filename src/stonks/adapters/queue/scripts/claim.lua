-- Take jobs under a lease: first promote what is due and reap what expired, so that any live worker keeps time for all.
-- KEYS queue, inflight, leases, delayed, dlq, stats
-- ARGV queue's name, most jobs, lease in ms, token prefix, most crashes, most jobs to promote and to reap
-- Returns a flat list of token, ledger id ('' where there is none), deliveries, crashes, payload.
local queue, inflight, leases, delayed, dlq, stats = unpack(KEYS)
local name, limit, lease, prefix = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local max_crashes, sweep = tonumber(ARGV[5]), tonumber(ARGV[6])
local now = milliseconds()

for _, text in ipairs(redis.call('ZRANGEBYSCORE', delayed, '-inf', now, 'LIMIT', 0, sweep)) do
  redis.call('ZREM', delayed, text)
  redis.call('RPUSH', queue, text)
end

local expired = redis.call('ZRANGEBYSCORE', leases, '-inf', now, 'LIMIT', 0, sweep)
-- Latest first, so that the one that waited longest ends up at the very head.
for i = #expired, 1, -1 do
  local token = expired[i]
  local job = read(redis.call('HGET', inflight, token))
  redis.call('ZREM', leases, token)
  redis.call('HDEL', inflight, token)
  redis.call('HINCRBY', stats, 'reclaimed', 1)
  -- A crash is not a failure of the handler: it counts in its own budget.
  job.n, job.c, job.why = job.n - 1, job.c + 1, 'lease_expired'
  if job.c >= max_crashes then
    -- Nobody lived to say whether a job pushed by hand is JSON.
    bury(dlq, name, job, 'lease_expired', '"its worker died or hung ' .. job.c .. ' times"', now, not job.s)
    redis.call('HINCRBY', stats, 'dead', 1)
  else
    redis.call('LPUSH', queue, write(job))
  end
end

if limit < 1 then return {} end
local texts = redis.call('LPOP', queue, limit) or {}
local claimed = {}
for i, text in ipairs(texts) do
  local job = read(text)
  local suspect = job.c > 0
  if not is_object(text) then
    bury(dlq, name, { payload = text }, 'malformed', '"not a JSON object"', now, true)
    redis.call('HINCRBY', stats, 'dead', 1)
  elseif suspect and #claimed > 0 then
    -- What may have killed a worker travels alone: batch mates would be condemned with it.
    for j = #texts, i, -1 do redis.call('LPUSH', queue, texts[j]) end
    break
  else
    local token = prefix .. ':' .. i
    local ledger_id = job.s and job.id or ''
    job.n = job.n + 1
    if job.id == '' then job.id = token end
    redis.call('HSET', inflight, token, write(job))
    redis.call('ZADD', leases, now + lease, token)
    for _, value in ipairs({ token, ledger_id, job.n, job.c, job.payload }) do claimed[#claimed + 1] = value end
    if suspect then
      for j = #texts, i + 1, -1 do redis.call('LPUSH', queue, texts[j]) end
      break
    end
  end
end
if #claimed > 0 then redis.call('HINCRBY', stats, 'claimed', #claimed / 5) end
return claimed
