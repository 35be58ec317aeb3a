-- Acknowledge jobs and free their subjects. A token that is no longer ours changes nothing.
-- KEYS inflight, leases, stats; ARGV queue's name, tokens...
-- Returns the lost tokens, and the tokens whose subject turned others away meanwhile.
local inflight, leases, stats = unpack(KEYS)
local name = ARGV[1]
local texts = redis.call('HMGET', inflight, unpack(ARGV, 2))
local lost, crowded, owned, jobs, locks = {}, {}, {}, {}, {}
for i, text in ipairs(texts) do
  local token = ARGV[i + 1]
  if not text then
    lost[#lost + 1] = token
  else
    owned[#owned + 1] = token
    local job = read(text)
    if job.s and not job.w then
      job.token = token
      jobs[#jobs + 1], locks[#locks + 1] = job, lock_of(name, job)
    end
  end
end
if #lost > 0 then redis.call('HINCRBY', stats, 'lost', #lost) end
if #owned == 0 then return { lost, crowded } end

redis.call('HINCRBY', stats, 'acked', #owned)
redis.call('ZREM', leases, unpack(owned))
redis.call('HDEL', inflight, unpack(owned))
if #jobs > 0 then
  local free = {}
  for i, value in ipairs(redis.call('MGET', unpack(locks))) do
    local ours, turned_away = frees(jobs[i], value)
    if ours then free[#free + 1] = locks[i] end
    if turned_away then crowded[#crowded + 1] = jobs[i].token end
  end
  if #free > 0 then redis.call('DEL', unpack(free)) end
end
return { lost, crowded }
