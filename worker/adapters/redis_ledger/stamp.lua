--[[
Writes a small record (a pause, a back-off) with moments of the server's clock, if the fields that guard it still are what
was read. Repeating a call is safe: a record knows its last write id.

KEYS   1 record
ARGV   1 write id  2 lifetime in ms ("0" = no end)  3 number of guards  4 number of moments
       then field, value pairs: the guards as read ("" = absent), the moments in ms from now, the values as they are
RETURNS 1, or 0 if a guard changed
]]
local now = server_now()
if redis.call('HGET', KEYS[1], 'w') == ARGV[1] then return 1 end
local moments = 5 + 2 * ARGV[3]
local values = moments + 2 * ARGV[4]
for a = 5, moments - 2, 2 do
  if (redis.call('HGET', KEYS[1], ARGV[a]) or '') ~= ARGV[a + 1] then return 0 end
end
redis.call('HSET', KEYS[1], 'w', ARGV[1], unpack(ARGV, values))
for a = moments, values - 2, 2 do
  redis.call('HSET', KEYS[1], ARGV[a], string.format('%.0f', now + ARGV[a + 1]))
end
if ARGV[2] ~= '0' then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 1
