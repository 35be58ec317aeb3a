-- Push jobs to one queue, each unless its subject is locked or the queue is full.
-- KEYS queue, high, stats
-- ARGV queue's name, high water, presence lock's life in ms, then for each job: ledger id and subject, both
--      escaped, window in ms ('' for a presence lock), payload
-- Returns for each job 1 (pushed), 0 (its subject is locked) or -1 (full; no lock taken).
local queue, high, stats = unpack(KEYS)
local name, high_water, life = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local now = milliseconds()
local waiting = redis.call('LLEN', queue) + redis.call('LLEN', high)
local answers, texts, full, refused = {}, {}, 0, 0

-- Whoever settles the job that is there hears, through its lock, that another one of the subject waits in the ledger.
local function turn_away(lock, id)
  local value = held(lock)
  if not value then return end
  redis.call('PEXPIRE', lock, life)
  if value ~= id and value:sub(-1) ~= '+' then redis.call('APPEND', lock, '+') end
end

local function enqueue(id, subject, window, payload)
  if waiting + #texts >= high_water then
    full = full + 1
    return -1
  end
  local job = bare(payload)
  job.id, job.s, job.t, job.w = id, subject, now, window ~= '' and window or nil
  local lock, value = lock_of(name, job), unescape(id)
  if not redis.call('SET', lock, value, 'NX', 'PX', job.w or life) then
    if not job.w then turn_away(lock, value) end
    refused = refused + 1
    return 0
  end
  texts[#texts + 1] = write(job)
  return 1
end

for i = 4, #ARGV, 4 do
  answers[#answers + 1] = enqueue(unpack(ARGV, i, i + 3))
end
if full > 0 then redis.call('HINCRBY', stats, 'full', full) end
if refused > 0 then redis.call('HINCRBY', stats, 'refused', refused) end
if #texts > 0 then redis.call('RPUSH', queue, unpack(texts)) end
return answers
