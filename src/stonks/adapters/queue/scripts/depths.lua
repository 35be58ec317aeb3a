-- How much of each queue is where, in one look.
-- KEYS for each queue: queue, inflight, delayed, dlq
-- Returns for each queue: waiting, in flight, delayed, dead.
local depths = {}
for i = 1, #KEYS, 4 do
  depths[#depths + 1] = redis.call('LLEN', KEYS[i])
  depths[#depths + 1] = redis.call('HLEN', KEYS[i + 1])
  depths[#depths + 1] = redis.call('ZCARD', KEYS[i + 2])
  depths[#depths + 1] = redis.call('LLEN', KEYS[i + 3])
end
return depths
