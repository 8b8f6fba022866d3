--[[
Reads the clock of the server that holds a store's state (of a cluster: the slot's node).

KEYS   1 any key of the store
RETURNS server milliseconds
]]
return server_now()
