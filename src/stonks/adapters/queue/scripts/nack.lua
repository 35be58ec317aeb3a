-- Part with a job that is not done; it goes to exactly one place.
-- KEYS queue, inflight, leases, delayed, dlq, stats
-- ARGV queue's name, token, mode; for retry and bury also most deliveries, delay in ms, reason, error as JSON; for bury
--      also '1' when the text is not known to be JSON
-- Returns delayed, dead, released or lost.
local queue, inflight, leases, delayed, dlq, stats = unpack(KEYS)
local name, token, mode, max_deliveries, delay, reason, error_json, raw = unpack(ARGV)
local text = redis.call('HGET', inflight, token)
if not text then
  redis.call('HINCRBY', stats, 'lost', 1)
  return 'lost'
end
redis.call('HDEL', inflight, token)
redis.call('ZREM', leases, token)
local job, now = read(text), milliseconds()

if mode == 'release' then
  job.n = job.n - 1
  redis.call('LPUSH', queue, write(job))
  return 'released'
end
if mode == 'retry' and job.n < tonumber(max_deliveries) then
  job.why = reason
  redis.call('ZADD', delayed, now + delay, write(job))
  redis.call('HINCRBY', stats, 'retried', 1)
  return 'delayed'
end
bury(dlq, name, job, reason, error_json, now, raw == '1')
redis.call('HINCRBY', stats, 'dead', 1)
return 'dead'
