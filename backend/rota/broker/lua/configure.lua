-- Sets how a queue is worked: all that SQL says of it. Waiting tasks follow at once; counts are made anew.
-- KEYS: config ready idle wake running tasks tries journal epoch counts limits starts parked unpark crew lane laned stats offers lines
-- USES: rules
-- ARGV: paused(0/1) strategy, then for each limit: its name in `limits`, max_running:max_starts:period_ms
-- Returns: how many counts were wrong although nothing was changed
local config, ready, idle, wake, _, _, _, _, _, _, limits, _, _, unpark, crew, _, _, _, offers = unpack(KEYS)
local paused, strategy = ARGV[1], ARGV[2]
local now = now_ms()
local settings = redis.call('HMGET', config, 'paused', 'special')
local was_open, was_special = settings[1] ~= '1', settings[2]
local strategy_was, _, was_sorted = parse_special(was_special)
local is_open = paused == '0'

local is_new, number = false, 0
for i = 3, #ARGV, 2 do
  number = number + 1
  if redis.call('HGET', limits, ARGV[i]) ~= ARGV[i + 1] then is_new = true end
end
is_new = is_new or redis.call('HLEN', limits) ~= number
if is_new then
  redis.call('DEL', limits)
  if number > 0 then redis.call('HSET', limits, unpack(ARGV, 3)) end
end

if was_special and strategy_was ~= strategy then Rules(all_keys(), was_special, was_open, now).disband() end
if strategy == 'PRIORITY' then redis.call('DEL', crew) end

local is_limited = number > 0 or redis.call('EXISTS', unpark) == 1
redis.call('HSET', config, 'paused', paused)
local special = keep_special(config, special_of(strategy, is_limited, was_sorted or offers_differ(offers)))

local is_changed = is_new or was_open ~= is_open or special ~= was_special
local wrong = 0
if special or was_special then
  local rules = Rules(all_keys(), special or 'PRIORITY:0:0', is_open, now)
  wrong = rules.recount(is_changed)
  rules.unpark(500)
  rules.finish(0)
  if rules.unsort() then keep_special(config, special_of(strategy, is_limited, false)) end
end
if is_changed and is_open then wake_idle(idle, wake, math.huge) end
return is_changed and 0 or wrong
