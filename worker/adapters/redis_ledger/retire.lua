--[[
Forgets the index lines of orders that ended so long ago that their documents have expired.

KEYS   1 attention  2 learn  3 reread  4-6 orders:<ended status>  7 flags  8 counters
ARGV   1 age in ms  2 most lines an index
RETURNS number of lines forgotten
]]
local before = string.format('(%.0f', server_now() - tonumber(ARGV[1]))
local forgotten = 0
for i = 4, 6 do
  local ids = redis.call('ZRANGEBYSCORE', KEYS[i], '-inf', before, 'LIMIT', 0, ARGV[2])
  for _, id in ipairs(ids) do
    redis.call('ZREM', KEYS[i], id)
    if redis.call('ZREM', KEYS[1], id) == 1 then
      for reason in string.gmatch(redis.call('HGET', KEYS[7], id) or '', '[^,]+') do
        redis.call('HINCRBY', KEYS[8], 'attention:' .. reason, -1)
      end
      redis.call('HDEL', KEYS[7], id)
    end
    redis.call('ZREM', KEYS[2], id)
    redis.call('ZREM', KEYS[3], id)
  end
  forgotten = forgotten + #ids
end
return forgotten
