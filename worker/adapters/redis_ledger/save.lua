--[[
Saves orders, each over the version that was read, and in the same step moves it between the indexes, takes or closes its
idempotency key, counts, and deletes the inbox entries it took in. Each order is saved or refused on its own; a fence
refuses all. Repeating a call is safe: a save knows its own write id (a repeated call whose fence has gone meanwhile
says so; what the first one saved stays).
A version written by another server than the one before jumps, and so does the first one of an order that the new server
does not know: after a failover that forgot a write, the version that its writer still holds must not come up again for
somebody else's.
What the orders stand on is read by one command, and what they leave is written by a few at the end: one for each order
and step took a third of Redis' time. Where an order comes twice in a call, what it leaves last holds.

KEYS   1 inbox  2 counters  3 lease  4 server  5 paused  6 attention  7 learn  8 reread  9 flags
       10-16 orders:<status>, in ARGV's order  17 hours
       then for each order: order:<id>, its code:<remote> keys, and pickup:<remote>:<round> if it has a key step
ARGV   1 lease token ("" = no fence)  2 "1" if claiming  3 write id  4 retention of ended orders (ms)
       5 lifetime of idempotency keys (ms)  6 number of ended statuses (they come last)  7-13 statuses
       14 number of orders  15 hours kept, then for each order:
       order id, version ("0" = new), status, at, learn and reread ("" = no), attention (reasons, "," between them),
       document, number of codes, key step ("", "take", "close"), token, what is counted if it enters its status
       ("<counter> <times> ..."), what is counted of this hour if it enters its status, and what in any case (both as
       before), number of events that came past the inbox, number of inbox entries, the entries
       Times are server milliseconds, or "+n" for n milliseconds from now.
RETURNS {server milliseconds, fence ("" = none), one line an order: "saved:<version>", "lost", "owned:<order id>",
       "held:<order id>" or "closed"}
]]
local now = server_now()
local run_id = server_run_id()
local server = string.sub(run_id, 1, 5)
local jump = 1 + (tonumber(server, 16) or 0)

if ARGV[1] ~= '' then
  if redis.call('GET', KEYS[3]) ~= ARGV[1] then return {now, 'lease_lost'} end
  if ARGV[2] == '1' then
    if redis.call('HGET', KEYS[5], 'active') == '1' then return {now, 'paused'} end
    local known = redis.call('HMGET', KEYS[4], 'id', 'changed_at', 'doubted')
    if run_id ~= '' and known[1] ~= run_id then return {now, 'server_changed'} end
    if known[2] and known[3] ~= known[2] then return {now, 'server_changed'} end
  end
end

local function moment(text)
  if string.sub(text, 1, 1) == '+' then return now + tonumber(string.sub(text, 2)) end
  return tonumber(text)
end

local index, ended = {}, {}
for i = 1, 7 do
  index[ARGV[6 + i]] = KEYS[9 + i]
  ended[ARGV[6 + i]] = i > 7 - tonumber(ARGV[6])
end

-- A document of another server jumps; a new one does where the store is known from another server.
local moved = nil
local function jumps(known, origin)
  if server == '' then return false end
  if known then return origin ~= server end
  if moved == nil then
    local store = redis.call('HMGET', KEYS[4], 'id', 'changed_at')
    moved = store[1] and (store[1] ~= run_id or store[2]) and true or false
  end
  return moved
end

local counted = {}
local function count(name, times)
  if times ~= 0 then counted[name] = (counted[name] or 0) + times end
end

local of_hour = {}
local function count_of_hour(text)
  for what, times in string.gmatch(text, '(%S+) (%d+)') do of_hour[what] = (of_hour[what] or 0) + times end
end

-- Lua's stack holds some thousands of values: a call at a time for as many.
local function portions(values, from, act)
  for i = from, #values, 1000 do act(i, unpack(values, i, math.min(i + 999, #values))) end
end

-- What the orders' own keys hold by now, false = nothing.
local held = {}
portions(KEYS, 18, function(first, ...)
  for i, value in ipairs(redis.call('MGET', ...)) do held[KEYS[first + i - 1]] = value end
end)

-- What is to be written: strings, moments of expiry (false = none) by key, scores (false = no line) by index and id.
local written, expiry, lines, flagged, taken = {}, {}, {}, {}, {}
local function write_string(key, value)
  held[key] = value
  table.insert(written, key)
  table.insert(written, value)
end
local function line(key, id, score)
  lines[key] = lines[key] or {}
  lines[key][id] = score
end

local function recount(id, before)
  local reasons = flagged[id]
  if before == reasons then return end
  for reason in string.gmatch(before, '[^,]+') do count('attention:' .. reason, -1) end
  for reason in string.gmatch(reasons, '[^,]+') do count('attention:' .. reason, 1) end
  if reasons == '' then redis.call('HDEL', KEYS[9], id) else redis.call('HSET', KEYS[9], id, reasons) end
end

local function save(order_key, code_keys, pickup_key, a, write)
  local id, version, status = ARGV[a], ARGV[a + 1], ARGV[a + 2]
  local step, token = ARGV[a + 9], ARGV[a + 10]
  local record = held[order_key] or ''
  local known, writer, origin, before, learn, reread = string.match(record, '^(%d+) (%S+) (%S+) (%S+) %S+ (%S+) (%S+)')
  if writer == write then return 'saved:' .. known end
  if (known or '0') ~= version then return 'lost' end
  -- A new order must not go by any code that is another's, one to be requested not by the code it goes by.
  local checked = version == '0' and #code_keys or step == 'take' and 1 or 0
  local owners = {}
  for i, key in ipairs(code_keys) do
    owners[i] = held[key]
    if i <= checked and owners[i] and owners[i] ~= id then return 'owned:' .. owners[i] end
  end
  if step ~= '' then
    local holder, outcome = string.match(held[pickup_key] or '', '^(.*) (%S*)$')
    if holder and holder ~= id then return 'held:' .. holder end
    if step == 'take' and outcome == 'requested' then return 'closed' end
    held[pickup_key] = id .. ' ' .. (step == 'take' and token or 'requested')
    redis.call('SET', pickup_key, held[pickup_key], 'PX', ARGV[5])
  end

  local saved = version + 1
  if jumps(known, origin) then saved = saved + jump end
  local at = string.format('%.0f', moment(ARGV[a + 3]))
  local wish = {}
  for i = 1, 2 do
    wish[i] = ARGV[a + 3 + i]
    wish[i] = wish[i] == '' and '-' or string.format('%.0f', moment(wish[i]))
  end
  local parts = {saved, write, server == '' and '-' or server, status, at, wish[1], wish[2], ARGV[a + 7]}
  write_string(order_key, table.concat(parts, ' '))
  if before ~= status then
    -- A new document may follow one that expired, whose lines nobody has retired yet.
    for left, key in pairs(index) do
      if left == before or (not before and ended[left]) then line(key, id, false) end
    end
    count('entered:' .. status, 1)
    for name, times in string.gmatch(ARGV[a + 11], '(%S+) (%d+)') do count(name, tonumber(times)) end
    count_of_hour(ARGV[a + 12])
  end
  count_of_hour(ARGV[a + 13])
  line(index[status], id, at)
  local wished = {learn, reread}
  for i = 1, 2 do
    if wish[i] ~= '-' or wished[i] ~= '-' then line(KEYS[6 + i], id, wish[i] ~= '-' and wish[i]) end
  end
  flagged[id] = ARGV[a + 6]

  local own_keys = {}
  for i, key in ipairs(code_keys) do
    if not owners[i] then write_string(key, id) end
    if not owners[i] or owners[i] == id then table.insert(own_keys, key) end
  end
  if ended[status] then
    local expires = string.format('%.0f', tonumber(at) + tonumber(ARGV[4]))
    expiry[order_key] = expires
    for _, key in ipairs(own_keys) do expiry[key] = expires end
  elseif before and ended[before] then
    expiry[order_key] = false
    for _, key in ipairs(own_keys) do expiry[key] = false end
  end

  count('events', tonumber(ARGV[a + 14]))
  for i = a + 16, a + 15 + ARGV[a + 15] do table.insert(taken, ARGV[i]) end
  return 'saved:' .. saved
end

local results = {now, ''}
local k, a = 18, 16
for n = 1, tonumber(ARGV[14]) do
  local codes = tonumber(ARGV[a + 8])
  local code_keys = {}
  for i = 1, codes do code_keys[i] = KEYS[k + i] end
  local has_key = ARGV[a + 9] ~= ''
  results[n + 2] = save(KEYS[k], code_keys, has_key and KEYS[k + codes + 1] or nil, a, ARGV[3] .. '.' .. n)
  k = k + 1 + codes + (has_key and 1 or 0)
  a = a + 16 + tonumber(ARGV[a + 15])
end

portions(written, 1, function(_, ...) redis.call('MSET', ...) end)
for key, moment_of in pairs(expiry) do
  if moment_of then redis.call('PEXPIREAT', key, moment_of) else redis.call('PERSIST', key) end
end
for key, scores in pairs(lines) do
  local drawn, crossed_out = {}, {}
  for id, score in pairs(scores) do
    if score then
      table.insert(drawn, score)
      table.insert(drawn, id)
    else
      table.insert(crossed_out, id)
    end
  end
  portions(drawn, 1, function(_, ...) redis.call('ZADD', key, ...) end)
  portions(crossed_out, 1, function(_, ...) redis.call('ZREM', key, ...) end)
end
portions(taken, 1, function(_, ...) count('events', redis.call('XDEL', KEYS[1], ...)) end)

-- Orders with attention, and how many there are by reason. Where no order has or had one, the index alone is asked.
local raised, looked_at, lowered, gone = {}, {}, {}, 0
for id, reasons in pairs(flagged) do
  if reasons ~= '' then
    table.insert(raised, now)
    table.insert(raised, id)
    table.insert(looked_at, id)
  else
    table.insert(lowered, id)
  end
end
portions(raised, 1, function(_, ...) redis.call('ZADD', KEYS[6], 'NX', ...) end)
portions(lowered, 1, function(_, ...) gone = gone + redis.call('ZREM', KEYS[6], ...) end)
if gone > 0 then
  for _, id in ipairs(lowered) do table.insert(looked_at, id) end
end
portions(looked_at, 1, function(first, ...)
  for i, before in ipairs(redis.call('HMGET', KEYS[9], ...)) do recount(looked_at[first + i - 1], before or '') end
end)

if counted.events then count('recordings', 1) end
if ARGV[2] == '1' and counted['entered:requesting'] then count('claims', 1) end
for name, times in pairs(counted) do redis.call('HINCRBY', KEYS[2], name, times) end

local hour = math.floor(now / 3600000)
for what, times in pairs(of_hour) do
  -- The first of its kind in this hour sees the oldest hours off.
  if redis.call('HINCRBY', KEYS[17], hour .. ':' .. what, times) == times then
    for _, field in ipairs(redis.call('HKEYS', KEYS[17])) do
      if string.match(field, '^%d+') + ARGV[15] <= hour then redis.call('HDEL', KEYS[17], field) end
    end
    redis.call('PEXPIRE', KEYS[17], ARGV[15] * 3600000)
  end
end
return results
