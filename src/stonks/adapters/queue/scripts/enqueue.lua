-- Push jobs, each unless its subject is in the queue already or the queue is full.
-- KEYS for each job: queue, lock, inflight, delayed, stats
-- ARGV high water, lock's life in ms, then for each job: ledger id, subject, payload
-- Returns for each job 1 (pushed), 0 (its subject is there) or -1 (full; no lock taken).
local high_water, life = tonumber(ARGV[1]), ARGV[2]
local answers = {}

-- The lock is taken though nothing is queued: someone deleted the list. Then the lock protects nothing.
local function is_orphan(queue, inflight, delayed)
  return redis.call('LLEN', queue) == 0 and redis.call('HLEN', inflight) == 0 and redis.call('ZCARD', delayed) == 0
end

local function refused(lock, id)
  local held = redis.call('GET', lock)
  -- A mark for whoever settles the job that is there: another one of the subject waits in the ledger.
  if held ~= id and held:sub(-1) ~= '+' then redis.call('APPEND', lock, '+') end
end

local function enqueue(at, id, subject, payload)
  local queue, lock, inflight, delayed, stats = unpack(KEYS, at, at + 4)
  if redis.call('LLEN', queue) >= high_water then
    redis.call('HINCRBY', stats, 'full', 1)
    return -1
  end
  if not redis.call('SET', lock, id, 'NX', 'PX', life) then
    if not is_orphan(queue, inflight, delayed) then
      refused(lock, id)
      redis.call('HINCRBY', stats, 'refused', 1)
      return 0
    end
    redis.call('SET', lock, id, 'PX', life)
    redis.call('HINCRBY', stats, 'orphans', 1)
  end
  redis.call('RPUSH', queue, write({ id = id, n = 0, c = 0, s = subject, payload = payload }))
  return 1
end

for i = 0, #KEYS / 5 - 1 do
  answers[i + 1] = enqueue(i * 5 + 1, unpack(ARGV, i * 3 + 3, i * 3 + 5))
end
return answers
