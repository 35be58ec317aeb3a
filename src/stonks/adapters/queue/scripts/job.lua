-- How a job's text is read and written. Put in front of the scripts that need it.
--
-- What the queue knows of a job is spliced into its text as the first member, so that the rest keeps its bytes:
--   {"_q":{"id":"parsing:7","n":2,"c":0,"s":"7","why":"lease_expired"},"document_id":"7"}
-- id: ledger id, or the first token of a job that came without one; n: deliveries; c: crashes;
-- s: the subject whose presence lock this job holds, absent for a job pushed by hand; why: what brought it back last.

local PREFIX = 'stonks:'

-- A JSON string's inside in ASCII escapes; without braces, so that "_q" ends at the first closing one.
local function escape(text)
  return (text:gsub('[%z\1-\31"\\{}\127]', function(c) return ('\\u%04x'):format(c:byte()) end))
end

local function unescape(text)
  return (text:gsub('\\u00(%x%x)', function(hex) return string.char(tonumber(hex, 16)) end))
end

-- Any bytes as a JSON string in which every character stands for one byte (ISO 8859-1).
local function bytes_as_string(bytes)
  return '"' .. bytes:gsub('[%z\1-\31"\\\127-\255]', function(c) return ('\\u%04x'):format(c:byte()) end) .. '"'
end

local function is_object(text)
  return text:find('^%s*{') and text:find('}%s*$')
end

-- Split a job's text into what the queue knows of it and its payload. A job that came bare has an empty id.
local function read(text)
  local lead, meta, rest = text:match('^(%s*){"_q":({[^{}]*})(.*)$')
  local id, n, c, more
  if meta and (rest:find('^,') or rest:find('^%s*}')) then
    id, n, c, more = meta:match('^{"id":"([^"]*)","n":(%d+),"c":(%d+)(.*)}$')
  end
  if not id then return { id = '', n = 0, c = 0, payload = text } end
  local subject = more:match('^,"s":"([^"]*)"')
  return {
    id = unescape(id), n = tonumber(n), c = tonumber(c), s = subject and unescape(subject),
    payload = lead .. '{' .. (rest:sub(1, 1) == ',' and rest:sub(2) or rest),
  }
end

-- The inverse: the payload with what the queue knows of it in front. Whatever is not an object stays as it is.
local function write(job)
  local lead, rest = job.payload:match('^(%s*){(.*)$')
  if not lead then return job.payload end
  local parts = { lead, '{"_q":{"id":"', escape(job.id), '","n":', job.n, ',"c":', job.c }
  if job.s then parts[#parts + 1] = ',"s":"' .. escape(job.s) .. '"' end
  if job.why then parts[#parts + 1] = ',"why":"' .. escape(job.why) .. '"' end
  parts[#parts + 1] = rest:find('^%s*}') and '}' or '},'
  parts[#parts + 1] = rest
  return table.concat(parts)
end

local function lock_of(queue, job)
  return PREFIX .. 'dedupe:' .. queue .. ':' .. job.s
end

-- Free the presence lock that a job holds; true when others of its subject were turned away meanwhile.
local function unlock(queue, job)
  if not job.s then return false end
  local key = lock_of(queue, job)
  local held = redis.call('GET', key)
  if held ~= job.id and held ~= job.id .. '+' then return false end
  redis.call('DEL', key)
  return held ~= job.id
end

-- Put a job into the dead-letter queue and free its subject. `raw` says that its text is not known to be JSON.
local function bury(dlq, queue, job, reason, error_json, now, raw)
  unlock(queue, job)
  local body = raw and bytes_as_string(job.payload) or write(job)
  redis.call('RPUSH', dlq,
    '{"reason":"' .. escape(reason) .. '","at":' .. now .. ',"error":' .. error_json .. ',"job":' .. body .. '}')
end

local function milliseconds()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
