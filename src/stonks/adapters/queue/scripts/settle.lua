-- Acknowledge jobs and free their subjects. A token that is no longer ours changes nothing.
-- KEYS inflight, leases, stats; ARGV queue's name, tokens...
-- Returns the lost tokens, and the tokens whose subject turned others away meanwhile.
local inflight, leases, stats = unpack(KEYS)
local lost, crowded = {}, {}
for i = 2, #ARGV do
  local token = ARGV[i]
  local text = redis.call('HGET', inflight, token)
  if not text then
    lost[#lost + 1] = token
  else
    redis.call('HDEL', inflight, token)
    redis.call('ZREM', leases, token)
    if unlock(ARGV[1], read(text)) then crowded[#crowded + 1] = token end
  end
end
local acked = #ARGV - 1 - #lost
if acked > 0 then redis.call('HINCRBY', stats, 'acked', acked) end
if #lost > 0 then redis.call('HINCRBY', stats, 'lost', #lost) end
return { lost, crowded }
