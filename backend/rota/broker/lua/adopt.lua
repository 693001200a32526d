-- Takes back what ran when Redis was emptied: each run under its own token, so that its worker goes on. What the worker has
-- handed in meanwhile is left alone. A run of which no sign of life comes within `lease_ms` is lost like any other.
-- KEYS: running leases tasks config vouched ready idle wake tries journal epoch counts limits starts parked unpark crew lane laned stats offers lines
-- USES: rules
-- ARGV: lease_ms poison_deaths is_all(1: from now on what is not held does not run), then for each: id payload token(number:lease) worker rank deadline used deaths
-- Returns: how many it took back
local running, leases, tasks, config, vouched = unpack(KEYS)
-- Who comes later was held up, and what it knows to run may have ended since.
if is_rebuilt(config) then return 0 end
local poison_deaths, now = tonumber(ARGV[2]), now_ms()
local until_, adopted = int(now + tonumber(ARGV[1])), 0
for i = 4, #ARGV, 8 do
  local id, payload, token, worker, rank, deadline, used, deaths = unpack(ARGV, i, i + 7)
  if redis.call('SISMEMBER', vouched, id) == 0 and redis.call('HSETNX', tasks, id, payload) == 1 then
    local number, lease = string.match(token, '^(%d+):(%d+)$')
    -- Nobody here knows whether one that is to run alone had begun.
    local mark = tonumber(deaths) + 1 >= poison_deaths and 'w' or 'a'
    redis.call('HSET', running, id, run_of(number, lease, worker, rank, deadline, now, used, deaths .. mark))
    redis.call('ZADD', leases, until_, id)
    adopted = adopted + 1
  end
end
if ARGV[3] == '1' then
  redis.call('HSET', config, 'rebuilt', '1')
  redis.call('DEL', vouched)
end
local settings = redis.call('HMGET', config, 'paused', 'special')
if settings[2] and adopted > 0 then
  local rules = Rules(all_keys(), settings[2], settings[1] ~= '1', now)
  rules.recount(false)
  rules.finish(0)
end
return adopted
