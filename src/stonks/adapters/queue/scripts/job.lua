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

local COMMA, QUOTE, CLOSE = 44, 34, 125
local STRINGS, NUMBERS = { s = true, why = true }, { h = true, w = true }

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
  return text:find('^%s*{') and (text:byte(-1) == CLOSE or text:find('}%s*$'))
end

-- A producer's text: the blanks before its first brace and what follows that brace. What is no object stays whole.
local function bare(text)
  local _, brace = text:find('^%s*{')
  if not brace then return { id = '', n = 0, c = 0, rest = text, bare = true } end
  return { id = '', n = 0, c = 0, lead = text:sub(1, brace - 1), rest = text:sub(brace + 1) }
end

-- The members of a tag that not every job has, from after `at` on; returns where the tag ends, or nil where someone else
-- wrote it.
local function read_more(text, at, job)
  while text:byte(at) == COMMA do
    local _, last, member = text:find('^,"(%a+)":', at)
    local first, stop, value
    if STRINGS[member] and text:byte(last + 1) == QUOTE then
      first, stop = last + 2, text:find('"', last + 2, true)
      value = stop and text:sub(first, stop - 1)
    elseif NUMBERS[member] then
      first, stop, value = text:find('^([1-9]%d*)', last + 1)
    end
    if not stop or NUMBERS[member] and #value > 12 then return nil end
    job[member], at = value, stop + 1
  end
  return text:byte(at) == CLOSE and at
end

local function read_tag(text, open)
  local quote = text:find('"', open, true)
  if not quote then return nil end
  local _, last, n, c, t = text:find('^,"n":(%d+),"c":(%d+),"t":(%d+)', quote + 1)
  if not last or #n > 4 or #c > 4 or #t > 14 then return nil end
  local job = { id = text:sub(open, quote - 1), n = tonumber(n), c = tonumber(c), t = t }
  local stop = read_more(text, last + 1, job)
  if not stop then return nil end
  if text:byte(stop + 1) == COMMA then
    job.rest = text:sub(stop + 2)
  elseif text:find('^%s*}', stop + 1) then
    job.rest = text:sub(stop + 1)
  else
    return nil
  end
  return job
end

-- Split a job's text into what the queue knows of it and the producer's text. A job that came bare has an empty id.
-- Strings stay escaped.
local function read(text)
  local _, last = text:find('^%s*{"_q":{"id":"')
  local job = last and read_tag(text, last + 1)
  if not job then return bare(text) end
  job.lead = text:sub(1, last - 13)
  return job
end

-- The producer's bytes.
local function payload_of(job)
  return job.bare and job.rest or job.lead .. '{' .. job.rest
end

-- The inverse of read. Whatever is not an object stays as it is.
local function write(job)
  if job.bare then return job.rest end
  return job.lead .. '{"_q":{"id":"' .. job.id .. '","n":' .. job.n .. ',"c":' .. job.c
    .. ',"t":' .. job.t .. (job.h and ',"h":1' or '') .. (job.s and ',"s":"' .. job.s .. '"' or '')
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

-- Full memory is no reason to keep jobs where they are: it would never empty. The server refuses a script what takes
-- memory only until the script has written; this writes nothing.
local function move_even_when_full(key)
  redis.call('PERSIST', key)
end

local function milliseconds()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
