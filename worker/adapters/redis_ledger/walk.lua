--[[
Walks along an index of orders, from a line onwards, and finds those that fit. It only reads. Looking at a thousand
lines takes Redis about a millisecond, with part, reason and KEYS[3] up to four (2.5 to 3.5 measured, in 100,000): who
looks for longer calls again from where it stopped.

KEYS   1 index  2 flags  3 another index that must hold the orders, too
ARGV   1 "1" if descending  2 time and 3 id of the line behind which it begins ("" = at the end it comes from)
       4 most orders found  5 most lines looked at  6 part of the id, in small letters ("" = any)
       7 reason for attention ("" = any)  8 "1" if KEYS[3] counts
RETURNS {lines of the index, time and id of the last one looked at ("" = it came to the index's end), then time and id
       of each order found}
]]
local descending, most, part, reason, within = ARGV[1] == '1', tonumber(ARGV[4]), ARGV[6], ARGV[7], ARGV[8] == '1'
local total = redis.call('ZCARD', KEYS[1])

-- As Redis sorts, whatever the locale: Lua's own comparison goes by that.
local function precedes(one, other)
  for i = 1, math.min(#one, #other) do
    local a, b = string.byte(one, i), string.byte(other, i)
    if a ~= b then return a < b end
  end
  return #one < #other
end

-- How many lines stand before this one, which may be gone, or up to it where `counts_itself`.
local function lines_before(at, id, counts_itself)
  local low = redis.call('ZCOUNT', KEYS[1], '-inf', '(' .. at)
  local high = redis.call('ZCOUNT', KEYS[1], '-inf', at)
  while low < high do
    local middle = math.floor((low + high) / 2)
    local there = redis.call('ZRANGE', KEYS[1], middle, middle)[1]
    if precedes(there, id) or (counts_itself and there == id) then low = middle + 1 else high = middle end
  end
  return low
end

local passed = 0
if ARGV[2] ~= '' then
  passed = lines_before(ARGV[2], ARGV[3], not descending)
  if descending then passed = total - passed end
end
local lines = tonumber(ARGV[5])
if part == '' and reason == '' and not within then lines = math.min(lines, most) end
local ids = redis.call(descending and 'ZREVRANGE' or 'ZRANGE', KEYS[1], passed, passed + lines - 1)

-- All ids at once first: most searches find nothing in most of them, and line by line takes twice as long.
local fitting, enough = {}, (reason == '' and not within) and most or #ids
if part == '' or string.find(string.lower(table.concat(ids, ' ')), part, 1, true) then
  for i, id in ipairs(ids) do
    if #fitting == enough then break end
    if part == '' or string.find(string.lower(id), part, 1, true) then table.insert(fitting, i) end
  end
end

-- Those of which a command says so, a call for as many as Lua's stack holds.
local function sifted(fits, command, key)
  local left = {}
  for first = 1, #fitting, 1000 do
    local asked = {}
    for n = first, math.min(first + 999, #fitting) do table.insert(asked, ids[fitting[n]]) end
    for n, said in ipairs(redis.call(command, key, unpack(asked))) do
      if fits(said) then table.insert(left, fitting[first + n - 1]) end
    end
  end
  return left
end
if within then fitting = sifted(function(at) return at end, 'ZMSCORE', KEYS[3]) end
if reason ~= '' then
  local wanted = ',' .. reason .. ','
  local function has(reasons) return reasons and string.find(',' .. reasons .. ',', wanted, 1, true) end
  fitting = sifted(has, 'HMGET', KEYS[2])
end

local looked_at = #ids
local found = {}
for n = 1, math.min(most, #fitting) do
  local id = ids[fitting[n]]
  table.insert(found, redis.call('ZSCORE', KEYS[1], id))
  table.insert(found, id)
  if n == most then looked_at = fitting[n] end
end
local result = {total, '', ''}
if looked_at > 0 and passed + looked_at < total then
  result[2], result[3] = redis.call('ZSCORE', KEYS[1], ids[looked_at]), ids[looked_at]
end
for _, value in ipairs(found) do table.insert(result, value) end
return result
