--[[
Takes entries out of the inbox that enter no order: each is counted, and kept in `rejected` if it has a reason. Events
that never were in an inbox come with entry id "". Repeating a call drops an inbox entry once; of the others it may keep
a second copy.

KEYS   1 inbox  2 counters  3 rejected
ARGV   1 most bytes kept (bodies and reasons)  2 lifetime of what is kept (ms)
       then for each: entry id, counter, reason ("" = not kept), body
RETURNS number of entries dropped
]]
local now = server_now()
if redis.call('XLEN', KEYS[3]) == 0 then redis.call('HDEL', KEYS[2], 'rejected_bytes') end
local dropped = 0
for a = 3, #ARGV, 4 do
  local entry, counter, reason = ARGV[a], ARGV[a + 1], ARGV[a + 2]
  if entry == '' or redis.call('XDEL', KEYS[1], entry) == 1 then
    dropped = dropped + 1
    redis.call('HINCRBY', KEYS[2], counter, 1)
    if reason ~= '' then
      local body = ARGV[a + 3]
      local size = #reason + #body
      redis.call('XADD', KEYS[3], '*', 'reason', reason, 'body', body, 'size', size)
      redis.call('PEXPIRE', KEYS[3], ARGV[2])
      redis.call('HINCRBY', KEYS[2], 'rejected_bytes', size)
    end
  end
end
local bytes = tonumber(redis.call('HGET', KEYS[2], 'rejected_bytes') or '0')
while true do
  local oldest = redis.call('XRANGE', KEYS[3], '-', '+', 'COUNT', 1)[1]
  if not oldest then break end
  local born = tonumber(string.match(oldest[1], '^(%d+)'))
  if bytes <= tonumber(ARGV[1]) and born >= now - tonumber(ARGV[2]) then break end
  redis.call('XDEL', KEYS[3], oldest[1])
  bytes = redis.call('HINCRBY', KEYS[2], 'rejected_bytes', '-' .. oldest[2][6])
end
return dropped
