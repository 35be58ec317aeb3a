-- Acknowledge jobs and free their subjects. A token that is no longer ours changes nothing.
-- KEYS inflight, leases, stats; ARGV queue's name, tokens...
-- Returns the lost tokens, and the tokens whose subject turned others away meanwhile.
local inflight, leases, stats = unpack(KEYS)
local name = ARGV[1]
local lost, crowded, owned, jobs, locks = {}, {}, {}, {}, {}

-- The id and the subject of a job whose lock goes with it; nil for others. What is in flight was written by a claim, so
-- that its tag need not be taken apart.
local function holder(text)
  local _, open = text:find('{"_q":{"id":"', 1, true)
  local quote = open and text:find('"', open + 1, true)
  local stop = quote and text:find('}', quote, true)
  local _, s = text:find(',"s":"', quote or #text, true)
  if not stop or not s or s > stop then return nil end
  local close = text:find('"', s + 1, true)
  if not close or text:find('^,"w":', close + 1) then return nil end
  return { id = text:sub(open + 1, quote - 1), s = text:sub(s + 1, close - 1) }
end

move_even_when_full(leases)
for i, text in ipairs(redis.call('HMGET', inflight, unpack(ARGV, 2))) do
  local token = ARGV[i + 1]
  if not text then
    lost[#lost + 1] = token
  else
    owned[#owned + 1] = token
    local job = holder(text)
    if job then
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
