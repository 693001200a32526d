-- Sends workers that are not there away from their lanes, which go back into line.
-- KEYS: ready running tasks tries journal epoch idle wake config counts limits starts parked unpark crew lane laned stats offers lines
-- USES: rules
-- ARGV: the workers that are there
-- Returns: how many were sent away
local _, _, _, _, _, _, _, _, config = unpack(KEYS)
local settings = redis.call('HMGET', config, 'paused', 'special')
if not settings[2] then return 0 end
local rules = Rules(all_keys(), settings[2], settings[1] ~= '1', now_ms())
local there, sent = {}, 0
for _, worker in ipairs(ARGV) do there[worker] = true end
for _, worker in ipairs(rules.members()) do
  if not there[worker] then
    rules.leave(worker)
    sent = sent + 1
  end
end
rules.finish(0)
return sent
