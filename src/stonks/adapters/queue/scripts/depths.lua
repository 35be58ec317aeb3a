-- How much of each queue is where, in one look.
-- KEYS for each queue: queue, high, inflight, leases, delayed, dlq
-- Returns for each queue: waiting, in flight, delayed, dead, ms until the first lease ends (nil where there is none).
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local depths = {}
for i = 1, #KEYS, 6 do
  local queue, high, inflight, leases, delayed, dlq = unpack(KEYS, i, i + 5)
  local first = redis.call('ZRANGE', leases, 0, 0, 'WITHSCORES')[2]
  depths[#depths + 1] = redis.call('LLEN', queue) + redis.call('LLEN', high)
  depths[#depths + 1] = redis.call('HLEN', inflight)
  depths[#depths + 1] = redis.call('ZCARD', delayed)
  depths[#depths + 1] = redis.call('LLEN', dlq)
  depths[#depths + 1] = first and tonumber(first) - now or false
end
return depths
