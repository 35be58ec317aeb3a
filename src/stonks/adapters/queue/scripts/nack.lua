-- Part with a job that is not done; it goes to exactly one place.
-- KEYS queue, high, inflight, leases, delayed, dlq, stats
-- ARGV queue's name, token, mode; for retry, crash and bury also the budget (most deliveries or crashes), delay in ms,
--      reason, error as JSON; for bury also '1' when the text is not known to be JSON
-- Returns delayed, returned, dead, released or lost.
local queue, high, inflight, leases, delayed, dlq, stats = unpack(KEYS)
local name, token, mode, budget, delay, reason, error_json, raw = unpack(ARGV)
move_even_when_full(leases)
local text = redis.call('HGET', inflight, token)
redis.call('ZSCORE', leases, token)
if not text then
  redis.call('HINCRBY', stats, 'lost', 1)
  return 'lost'
end
local job, now = read(text), milliseconds()

local function to_head()
  job.t = now
  redis.call('LPUSH', job.h and high or queue, write(job))
end

-- Two jobs of the same text are two jobs, which a set would make one.
local function set_aside()
  job.t = now
  while redis.call('ZADD', delayed, 'NX', now + delay, write(job)) == 0 do job.t = job.t + 1 end
end

local function settle_where()
  if mode == 'release' then
    job.n = job.n - 1
    redis.call('HINCRBY', stats, 'released', 1)
    to_head()
    return 'released'
  end
  if mode == 'crash' then job.n, job.c = job.n - 1, job.c + 1 end
  if mode == 'crash' and job.c < tonumber(budget) then
    job.why = escape(reason)
    redis.call('HINCRBY', stats, 'crashed', 1)
    to_head()
    return 'returned'
  end
  if mode == 'retry' and job.n < tonumber(budget) then
    job.why = escape(reason)
    redis.call('HINCRBY', stats, 'retried', 1)
    set_aside()
    return 'delayed'
  end
  redis.call('HINCRBY', stats, 'dead', 1)
  redis.call('RPUSH', dlq, letter(job, reason, error_json, now, raw == '1'))
  unlock(name, job)
  return 'dead'
end

local where = settle_where()
redis.call('ZREM', leases, token)
redis.call('HDEL', inflight, token)
return where
