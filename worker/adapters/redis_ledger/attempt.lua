--[[
Counts a try of a password before it is made, unless one of its counters is full; a try that succeeded is taken back.
A counter lives for a window from its first try. Repeating a call counts once more: slower for who tries, never faster.

KEYS   the counters of this try
ARGV   1 "take" or "give back"  2 window (ms)  then for each counter how many it holds
RETURNS 0: it may be made; else the milliseconds until the counter that is full for longest begins anew
]]
if ARGV[1] == 'give back' then
  for _, key in ipairs(KEYS) do
    if tonumber(redis.call('GET', key) or '0') > 0 then redis.call('DECR', key) end
  end
  return 0
end
local wait = 0
for k, key in ipairs(KEYS) do
  local full = tonumber(redis.call('GET', key) or '0') >= tonumber(ARGV[2 + k])
  -- A window is never longer than one, though the server's clock was set back.
  bound_lease(key, ARGV[2])
  if full then wait = math.max(wait, redis.call('PTTL', key), 1) end
end
if wait > 0 then return wait end
for _, key in ipairs(KEYS) do
  if redis.call('INCR', key) == 1 then redis.call('PEXPIRE', key, ARGV[2]) end
end
return 0
