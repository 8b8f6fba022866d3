--[[
Forgets rejected events, and their bytes in the count of what is kept. Repeating a call forgets nothing more.

KEYS   1 rejected  2 counters
ARGV   the ids
RETURNS number of events forgotten
]]
local forgotten = 0
for _, id in ipairs(ARGV) do
  local row = redis.call('XRANGE', KEYS[1], id, id)[1]
  if row then
    redis.call('XDEL', KEYS[1], id)
    redis.call('HINCRBY', KEYS[2], 'rejected_bytes', '-' .. row[2][6])
    forgotten = forgotten + 1
  end
end
return forgotten
