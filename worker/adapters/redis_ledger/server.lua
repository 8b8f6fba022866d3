--[[
Shared by save.lua and standing.lua, and put before them when they are loaded: which Redis server answers.
A server without INFO (a test double) has no id, which counts as no change.
]]
local function server_run_id()
  local info = redis.pcall('INFO', 'server')
  if type(info) ~= 'string' then return '' end
  return string.match(info, 'run_id:(%w+)') or ''
end
