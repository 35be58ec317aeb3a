-- Take tokens from a bucket, or say how long to wait for them; nobody is ever let through early.
-- KEYS bucket; ARGV tokens, microseconds a token costs, tokens the bucket holds, microseconds it is held shut.
-- Returns 0 when they were taken, else the microseconds to wait.
--
-- The bucket is the instant at which it is full again: taking n tokens moves it n costs on, and it may never be further
-- from now than all it holds. Only the server's clock counts, and one that jumps back lets nobody through early.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local cost = tonumber(ARGV[2])
local depth = cost * tonumber(ARGV[3])
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now)
local held = tonumber(ARGV[4])
if held > 0 then
  full = math.max(full, now + held + depth - cost)
else
  local wait = full + cost * tonumber(ARGV[1]) - depth - now
  if wait > 0 then return wait end
  full = full + cost * tonumber(ARGV[1])
end
redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000) + 1)
return 0
