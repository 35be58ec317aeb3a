-- Find the jobs whose locks stand although they are nowhere, because someone deleted a list, and free those locks. What
-- is in flight without a lease gets one that has ended.
-- KEYS queue, high, inflight, leases, delayed, stats
-- ARGV queue's name, most jobs to look through, then for each job asked about: ledger id, subject
-- Returns the ledger ids whose locks were freed; none where the queue is too long to look through.
local queue, high, inflight, leases, delayed, stats = unpack(KEYS)
local name, limit = ARGV[1], tonumber(ARGV[2])

local missing, any = {}, false
for i = 3, #ARGV, 2 do
  local id = ARGV[i]
  local lock = 'stonks:dedupe:' .. name .. ':' .. ARGV[i + 1]
  local value = held(lock)
  if value == id or value == id .. '+' then
    missing[escape(id)], any = lock, true
  end
end

local function found(text)
  missing[read(text).id] = nil
end

local function look_through(lane)
  for first = 0, redis.call('LLEN', lane) - 1, 500 do
    for _, text in ipairs(redis.call('LRANGE', lane, first, first + 499)) do found(text) end
  end
end

local held_jobs = redis.call('HLEN', inflight)
local total = redis.call('LLEN', queue) + redis.call('LLEN', high) + held_jobs + redis.call('ZCARD', delayed)
if total > limit or not (any or held_jobs > redis.call('ZCARD', leases)) then return {} end
look_through(high)
look_through(queue)
for _, text in ipairs(redis.call('ZRANGE', delayed, 0, -1)) do found(text) end
local in_hand = redis.call('HGETALL', inflight)
for i = 1, #in_hand, 2 do
  found(in_hand[i + 1])
  redis.call('ZADD', leases, 'NX', 0, in_hand[i])
end

local freed = {}
for id, lock in pairs(missing) do
  redis.call('DEL', lock)
  freed[#freed + 1] = unescape(id)
end
if #freed > 0 then redis.call('HINCRBY', stats, 'orphans', #freed) end
return freed
