--[[
Takes, prolongs or gives back a lease. Its holder may repeat any of it.

KEYS   1 lease:<drain>  then, for "leave": indexes by time
ARGV   1 token  2 milliseconds (0 = give it back)
       3 "renew" = not if it ran out meanwhile, "leave" = not if something in the indexes has come due
RETURNS 1 if the lease is (or was) this token's, 0 if it is another's or not given back
]]
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
if ARGV[3] == 'leave' and holder then
  for k = 2, #KEYS do
    if redis.call('ZCOUNT', KEYS[k], '-inf', server_now()) > 0 then return 0 end
  end
end
if ARGV[2] == '0' then
  redis.call('DEL', KEYS[1])
elseif ARGV[3] == 'renew' and not holder then
  return 0
else
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
end
return 1
