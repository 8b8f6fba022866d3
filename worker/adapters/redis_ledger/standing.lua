--[[
Reads where a store stands at the start of a round, and notes which Redis server answers: when it is another one than
before, what it confirms may be less than what was saved, so `changed_at` starts a quarantine. Asked to begin a run, it
also takes the drain, unless that rests or is another's. Whoever begins may repeat it.

KEYS   1 server  2 paused  3 backoff:<drain>  4 orders:due  5 orders:requesting  6 attention
       to begin a run: 7 hint:<drain>, which is deleted  8 lease:<drain>  9 holders  10 counters
ARGV   to begin a run: 1 token  2 milliseconds of the lease  3 drain
RETURNS {server milliseconds, changed_at or "0", doubted or "0", {paused fields}, {backoff fields}, orders due now,
         claims whose lease is over, orders with attention, the server's run id or "", 1 if the drain is the token's}
]]
local now = server_now()
local run_id = server_run_id()
local known = redis.call('HGET', KEYS[1], 'id')
if run_id ~= '' and known ~= run_id then
  redis.call('HSET', KEYS[1], 'id', run_id)
  if known then redis.call('HSET', KEYS[1], 'changed_at', string.format('%.0f', now)) end
end
local taken = 0
if KEYS[7] then
  redis.call('DEL', KEYS[7])
  local rests_until = redis.call('HGET', KEYS[3], 'until') or '0'
  local holder = redis.call('GET', KEYS[8])
  if holder and holder ~= ARGV[1] then bound_lease(KEYS[8], ARGV[2]) end
  if tonumber(rests_until) <= now and (not holder or holder == ARGV[1]) then
    redis.call('SET', KEYS[8], ARGV[1], 'PX', ARGV[2])
    taken = 1
    -- As in lease.lua: one that ran out before its holder gave it back is counted.
    local last = redis.call('HGET', KEYS[9], ARGV[3])
    if not holder and last and last ~= ARGV[1] then redis.call('HINCRBY', KEYS[10], 'takeover:' .. ARGV[3], 1) end
    redis.call('HSET', KEYS[9], ARGV[3], ARGV[1])
  end
end
local server = redis.call('HMGET', KEYS[1], 'changed_at', 'doubted')
return {
  now, server[1] or '0', server[2] or '0', redis.call('HGETALL', KEYS[2]), redis.call('HGETALL', KEYS[3]),
  redis.call('ZCOUNT', KEYS[4], '-inf', now), redis.call('ZCOUNT', KEYS[5], '-inf', now),
  redis.call('ZCARD', KEYS[6]), run_id, taken,
}
