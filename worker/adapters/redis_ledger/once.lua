--[[
Claims a turn for one of all who ask. Where a turn would last longer than any does, the server's clock was set back since
it was claimed: it is over. A repeated call finds the turn taken.

KEYS   1 the turn
ARGV   1 milliseconds that it lasts
RETURNS 1 if it is the caller's, 0 if it is another's
]]
if redis.call('PTTL', KEYS[1]) > tonumber(ARGV[1]) then redis.call('DEL', KEYS[1]) end
return redis.call('SET', KEYS[1], '1', 'NX', 'PX', ARGV[1]) and 1 or 0
