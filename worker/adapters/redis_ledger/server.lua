--[[
Put before every other script when it is loaded: the server that runs it, by its clock and by its id.
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
