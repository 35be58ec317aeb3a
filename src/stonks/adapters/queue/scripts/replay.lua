-- Move dead letters back, oldest first, with fresh budgets and their ids kept. Only people ask for this.
-- KEYS dlq, queue, stats; ARGV queue's name, most jobs, lock's life in ms, ledger ids... (none: all)
-- Returns how many were moved.
local dlq, queue, stats = unpack(KEYS)
local name, limit, life = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local wanted = {}
for i = 4, #ARGV do wanted[ARGV[i]] = true end

-- `","job":` cannot stand inside the entry's strings: a quote in them is escaped.
local function job_of(entry)
  local _, stop = entry:find('","job":', 1, true)
  local body = entry:sub(stop + 1, -2)
  if body:sub(1, 1) == '"' then return { id = '', payload = unescape(body:sub(2, -2)) } end
  return read(body)
end

local moved = 0
for _, entry in ipairs(redis.call('LRANGE', dlq, 0, -1)) do
  if moved >= limit then break end
  local job = job_of(entry)
  if #ARGV < 4 or wanted[job.id] then
    redis.call('LREM', dlq, 1, entry)
    if job.s then redis.call('SET', lock_of(name, job), job.id, 'NX', 'PX', life) end
    job.n, job.c = 0, 0
    redis.call('RPUSH', queue, (job.id == '' and job.payload) or write(job))
    moved = moved + 1
  end
end
if moved > 0 then redis.call('HINCRBY', stats, 'replayed', moved) end
return moved
