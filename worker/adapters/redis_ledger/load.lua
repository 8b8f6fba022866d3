--[[
Reads orders, and which orders go by some codes: one call and one answer, for a command each costs the client more than
the server.

KEYS   order:<id> of each order, then code:<remote> of each code
ARGV   1 number of orders
RETURNS for each order {version, status, time, l, e, document} (all null: unknown), for each code its order's id or null
]]
local found = {}
for i, key in ipairs(KEYS) do
  if i <= tonumber(ARGV[1]) then
    found[i] = redis.call('HMGET', key, 'v', 's', 't', 'l', 'e', 'd')
  else
    found[i] = redis.call('GET', key)
  end
end
return found
