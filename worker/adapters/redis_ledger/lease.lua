--[[
Takes, prolongs or gives back a lease. Its holder may repeat any of it. A lease that ran out before its holder gave it
back is counted when the next one takes it. Whoever finds it taken looks whether it lasts too long.

KEYS   1 lease:<drain>  2 holders  3 counters  then, for "leave": indexes by time
ARGV   1 token  2 milliseconds (0 = give it back)
       3 "renew" = not if it ran out meanwhile, "leave" = not if something in the indexes has come due  4 drain
RETURNS 1 if the lease is (or was) this token's, 0 if it is another's or not given back
]]
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then
  if ARGV[3] == 'take' then bound_lease(KEYS[1], ARGV[2]) end
  return 0
end
-- Not given back yet, though it may have run out: what came due meanwhile is still this run's to tell of.
if ARGV[3] == 'leave' and redis.call('HGET', KEYS[2], ARGV[4]) == ARGV[1] then
  for k = 4, #KEYS do
    if redis.call('ZCOUNT', KEYS[k], '-inf', server_now()) > 0 then return 0 end
  end
end
if ARGV[2] == '0' then
  redis.call('DEL', KEYS[1])
  if redis.call('HGET', KEYS[2], ARGV[4]) == ARGV[1] then redis.call('HDEL', KEYS[2], ARGV[4]) end
elseif ARGV[3] == 'renew' and not holder then
  return 0
else
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  if not holder then
    local last = redis.call('HGET', KEYS[2], ARGV[4])
    if last and last ~= ARGV[1] then redis.call('HINCRBY', KEYS[3], 'takeover:' .. ARGV[4], 1) end
    redis.call('HSET', KEYS[2], ARGV[4], ARGV[1])
  end
end
return 1
