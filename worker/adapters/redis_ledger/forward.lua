--[[
Starts a quarantine, as a change of server does (standing.lua): the server's clock was set forward, and the time that was
granted to requests on their way is not over. Nothing happens where one was started since: whoever finds the step later,
or repeats this call, finds it known. A start in the future is of a time before the clock was set back.

KEYS   1 server
ARGV   1 since when the clock was set forward, in milliseconds as it tells them now
RETURNS {changed_at, doubted or "0"}
]]
local now = server_now()
local known = redis.call('HMGET', KEYS[1], 'changed_at', 'doubted')
local changed_at = known[1] or '0'
if tonumber(changed_at) < tonumber(ARGV[1]) or tonumber(changed_at) > now then
  changed_at = string.format('%.0f', now)
  redis.call('HSET', KEYS[1], 'changed_at', changed_at)
end
return {changed_at, known[2] or '0'}
