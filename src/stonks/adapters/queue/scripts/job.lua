-- How a job's text is read and written, and where jobs go. Put in front of the scripts that handle jobs.
--
-- What the queue knows of a job is spliced into its text as the first member, so that the rest keeps its bytes:
--   {"_q":{"id":"parsing:7","n":2,"c":0,"t":1735689600000,"h":1,"s":"7","w":300000,"why":"lease_expired"},"document_id":"7"}
-- id: ledger id, or the first token of a job that came without one; n: deliveries; c: crashes; t: when it was put on
-- the queue or became due, in ms; h: it belongs to the priority lane; s: the subject whose lock it took, absent for a
-- job pushed by hand; w: how long that lock lasts where it outlives the job, in ms; why: what brought it back last.
--
-- Every script changes the place a job goes to before the place it comes from, and looks at both before it changes
-- either: where someone made a key something else a script fails before it has moved anything.

local COMMA = 44

-- A JSON string's inside in ASCII escapes; without braces, so that "_q" ends at the first closing one.
local function escape(text)
  return (text:gsub('[%z\1-\31"\\{}\127]', function(c) return ('\\u%04x'):format(c:byte()) end))
end

local function unescape(text)
  if not text:find('\\', 1, true) then return text end
  return (text:gsub('\\u00(%x%x)', function(hex) return string.char(tonumber(hex, 16)) end))
end

-- Any bytes as a JSON string in which every character stands for one byte (ISO 8859-1).
local function bytes_as_string(bytes)
  return '"' .. bytes:gsub('[%z\1-\31"\\\127-\255]', function(c) return ('\\u%04x'):format(c:byte()) end) .. '"'
end

local function is_object(text)
  return text:find('^%s*{') and (text:byte(-1) == 125 or text:find('}%s*$'))
end

-- Split what the queue wrote of a job; nil when someone else wrote it. Strings stay escaped.
local function read_tag(tag)
  local id, n, c, more = tag:match('^"id":"([^"]*)","n":(%d+),"c":(%d+)(.*)$')
  if not id or #n > 4 or #c > 4 or more:find('{', 1, true) then return nil end
  return {
    id = id, n = tonumber(n), c = tonumber(c), t = tonumber(more:match('^,"t":(%d+)')),
    h = more:find(',"h":1', 1, true) and true, s = more:match(',"s":"([^"]*)"'), w = more:match(',"w":(%d+)'),
    why = more:match(',"why":"([^"]*)"'),
  }
end

-- A producer's text: the blanks before its first brace and what follows that brace. What is no object stays whole.
local function bare(text)
  local _, brace = text:find('^%s*{')
  if not brace then return { id = '', n = 0, c = 0, rest = text, bare = true } end
  return { id = '', n = 0, c = 0, lead = text:sub(1, brace - 1), rest = text:sub(brace + 1) }
end

-- Split a job's text into what the queue knows of it and the producer's text. A job that came bare has an empty id.
local function read(text)
  local _, start = text:find('^%s*{"_q":{')
  local stop = start and text:find('}', start, true)
  if stop then
    local comma = text:byte(stop + 1) == COMMA
    local job = (comma or text:find('^%s*}', stop + 1)) and read_tag(text:sub(start + 1, stop - 1))
    if job then
      job.lead, job.rest = text:sub(1, start - 7), text:sub(comma and stop + 2 or stop + 1)
      return job
    end
  end
  return bare(text)
end

-- The producer's bytes.
local function payload_of(job)
  return job.bare and job.rest or job.lead .. '{' .. job.rest
end

-- The inverse of read. Whatever is not an object stays as it is.
local function write(job)
  if job.bare then return job.rest end
  return job.lead .. '{"_q":{"id":"' .. job.id .. '","n":' .. job.n .. ',"c":' .. job.c
    .. (job.t and ',"t":' .. job.t or '') .. (job.h and ',"h":1' or '') .. (job.s and ',"s":"' .. job.s .. '"' or '')
    .. (job.w and ',"w":' .. job.w or '') .. (job.why and ',"why":"' .. job.why .. '"' or '')
    .. (job.rest:find('^%s*}') and '}' or '},') .. job.rest
end

local function lock_of(name, job)
  return 'stonks:dedupe:' .. name .. ':' .. unescape(job.s)
end

-- What a lock holds; false also where someone made it something that is no string.
local function held(lock)
  return redis.call('MGET', lock)[1]
end

-- Whether a job's going frees its subject, and whether others of it were turned away meanwhile.
local function frees(job, value)
  local id = job.s and not job.w and unescape(job.id)
  return id and (value == id or value == id .. '+'), id and value == id .. '+'
end

local function unlock(name, job)
  if not job.s then return end
  local lock = lock_of(name, job)
  if frees(job, held(lock)) then redis.call('DEL', lock) end
end

-- A dead letter. `raw` says that the job's text is not known to be JSON.
local function letter(job, reason, error_json, now, raw)
  local body = raw and bytes_as_string(payload_of(job)) or write(job)
  return '{"reason":"' .. escape(reason) .. '","at":' .. now .. ',"error":' .. error_json .. ',"job":' .. body .. '}'
end

local function milliseconds()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
