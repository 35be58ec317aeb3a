-- Move dead letters back with fresh budgets and their ids kept, or throw them away; a page of them, oldest first. Only
-- people ask for this.
-- KEYS queue, high, dlq, stats
-- ARGV queue's name, replay or discard, first place of the page, its length, most letters, presence lock's life in ms,
--      sha1s of the letters that are meant (none: all)
-- Returns how many letters the page had, and how many of them were moved.
local queue, high, dlq, stats = unpack(KEYS)
local name, mode, first, length = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local limit, life = tonumber(ARGV[5]), ARGV[6]
local GONE = 'stonks:moved' -- no letter: those begin with a brace
local wanted = {}
for i = 7, #ARGV do wanted[ARGV[i]] = true end

-- `","job":` cannot stand inside the entry's strings: a quote in them is escaped.
local function job_of(entry)
  local _, stop = entry:find('","job":', 1, true)
  if not stop then return bare(entry) end
  local body = entry:sub(stop + 1, -2)
  if body:sub(1, 1) == '"' then return bare(unescape(body:sub(2, -2))) end
  return read(body)
end

local function move_back(entry)
  local job = job_of(entry)
  job.n, job.c, job.t, job.why = 0, 0, milliseconds(), nil
  if job.s then
    local taken = not redis.call('SET', lock_of(name, job), unescape(job.id), 'NX', 'PX', job.w or life)
    -- Its row was opened, and the reconciler was faster.
    if taken and frees(job, held(lock_of(name, job))) then return end
  end
  redis.call('RPUSH', job.h and high or queue, (job.id == '' and payload_of(job)) or write(job))
end

local page = redis.call('LRANGE', dlq, first, first + length - 1)
redis.call('LLEN', queue)
redis.call('LLEN', high)
local moved = 0
for i, entry in ipairs(page) do
  if moved < limit and (#ARGV < 7 or wanted[redis.sha1hex(entry)]) then
    if mode == 'replay' then move_back(entry) end
    redis.call('LSET', dlq, first + i - 1, GONE)
    moved = moved + 1
  end
end
if moved > 0 then
  redis.call('LREM', dlq, 0, GONE)
  redis.call('HINCRBY', stats, mode == 'replay' and 'replayed' or 'discarded', moved)
end
return { #page, moved }
