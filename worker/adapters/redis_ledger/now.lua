--[[
Reads the clock of the server that holds a store's state (of a cluster: the slot's node).

KEYS   1 any key of the store
RETURNS server milliseconds
]]
local clock = redis.call('TIME')
return clock[1] * 1000 + math.floor(clock[2] / 1000)
