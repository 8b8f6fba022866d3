--[[
Puts events into a store's inbox, all or none. Repeating a call may put them twice, which counting does not notice.

KEYS   1 inbox
ARGV   1 the inbox's limit, then the events' JSON
RETURNS 1, or 0 if they would not fit
]]
local count = #ARGV - 1
if redis.call('XLEN', KEYS[1]) + count > tonumber(ARGV[1]) then return 0 end
for i = 2, #ARGV do redis.call('XADD', KEYS[1], '*', 'e', ARGV[i]) end
return 1
