--[[
Put before every other script when it is loaded: the server that runs it, by its clock and by its id, and what its clock
may do to a lease.
]]
-- Milliseconds.
local function server_now()
  local clock = redis.call('TIME')
  return clock[1] * 1000 + math.floor(clock[2] / 1000)
end

-- A server without INFO (a test double) has no id, which counts as no change.
local function server_run_id()
  local info = redis.pcall('INFO', 'server')
  if type(info) ~= 'string' then return '' end
  return string.match(info, 'run_id:(%w+)') or ''
end

-- Ends another's lease in as long as it is taken for, at most: where it would last longer, the server's clock was set
-- back. Its holder reckons by a clock of its own, and has given it up by then.
local function bound_lease(key, most)
  if redis.call('PTTL', key) > tonumber(most) then redis.call('PEXPIRE', key, most) end
end
