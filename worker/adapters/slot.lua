--[[
Reserves the next free slot for a call: the first that is a window after the N-th last and a second after the M-th
last. Repeating a call takes another slot.

KEYS   1 the last slots, newest first, in microseconds of the server's clock
ARGV   1 N  2 window in microseconds  3 M, at most N  4 how long the caller can wait for it, in microseconds
RETURNS how long to wait for the slot, in microseconds, or -1: longer than the caller can, and no slot is taken
]]
-- No slot is taken further ahead than its caller waits, and none waits for a minute: then the server's clock was set back,
-- and what was taken by the old one is forgotten. The next second may see calls twice over; refused, they are repeated.
local FURTHEST = 60000000
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local oldest = redis.call('LINDEX', KEYS[1], ARGV[1] - 1)
local second = redis.call('LINDEX', KEYS[1], ARGV[3] - 1)
local newest = redis.call('LINDEX', KEYS[1], 0)
if newest and newest - now > math.max(FURTHEST, tonumber(ARGV[4])) then
  redis.call('DEL', KEYS[1])
  oldest, second, newest = nil, nil, nil
end
local slot = math.max(now, tonumber(newest) or 0)
if oldest then slot = math.max(slot, oldest + ARGV[2]) end
if second then slot = math.max(slot, second + 1000000) end
if slot - now > tonumber(ARGV[4]) then return -1 end
redis.call('LPUSH', KEYS[1], string.format('%.0f', slot))
redis.call('LTRIM', KEYS[1], 0, ARGV[1] - 1)
redis.call('PEXPIRE', KEYS[1], math.ceil((slot - now + ARGV[2]) / 1000))
return slot - now
