--[[
Adds what a process has counted to a store's counters, once: a repeated call knows its id.

KEYS   1 counters  2 counted:<id>
ARGV   1 for how long the id is remembered (ms), then field, times pairs
RETURNS 1, or 0 if it was counted before
]]
if not redis.call('SET', KEYS[2], '1', 'NX', 'PX', ARGV[1]) then return 0 end
for a = 2, #ARGV, 2 do redis.call('HINCRBY', KEYS[1], ARGV[a], ARGV[a + 1]) end
return 1
