--[[
Reads where a store stands at the start of a round, and notes which Redis server answers: when it is another one than
before, what it confirms may be less than what was saved, so `changed_at` starts a quarantine.

KEYS   1 server  2 paused  3 backoff:<drain>
RETURNS {server milliseconds, changed_at or "0", doubted or "0", {paused fields}, {backoff fields}}
]]
local now = server_now()
local run_id = server_run_id()
local known = redis.call('HGET', KEYS[1], 'id')
if run_id ~= '' and known ~= run_id then
  redis.call('HSET', KEYS[1], 'id', run_id)
  if known then redis.call('HSET', KEYS[1], 'changed_at', string.format('%.0f', now)) end
end
local server = redis.call('HMGET', KEYS[1], 'changed_at', 'doubted')
return {now, server[1] or '0', server[2] or '0', redis.call('HGETALL', KEYS[2]), redis.call('HGETALL', KEYS[3])}
