-- Promotes what is due, expires what waits past its deadline, and takes back what was leased to a worker that is gone.
-- KEYS: ready scheduled ranks deadlines tasks tries running leases journal epoch idle wake config counts limits starts parked unpark crew lane laned stats offers lines
-- USES: rules
-- ARGV: limit poison_deaths
-- Returns: promoted expired lost more(0/1)
local ready, scheduled, ranks, deadlines, tasks, tries, running, leases, journal, epoch, idle, wake, config = unpack(KEYS)
local limit, poison_deaths = tonumber(ARGV[1]), tonumber(ARGV[2])
local now = now_ms()
local settings = redis.call('HMGET', config, 'paused', 'special')
local rules = settings[2] and Rules(all_keys(), settings[2], settings[1] ~= '1', now)

local promoted = promote(scheduled, ranks, ready, journal, epoch, now, limit)
local expired = expire(deadlines, ready, scheduled, ranks, tasks, tries, journal, epoch, now, limit, rules)
local unparked = rules and rules.unpark(limit) or 0

local ended = redis.call('ZRANGEBYSCORE', leases, '-inf', int(now), 'LIMIT', 0, limit)
local body, in_line = {}, promoted
for _, id in ipairs(ended) do
  local run = redis.call('HGET', running, id)
  redis.call('ZREM', leases, id)
  redis.call('HDEL', running, id)
  if run then
    local number, lease, worker, rank, deadline, _, used, deaths, mark = parse_run(run)
    local is_its_own = mark == ''
    deaths = tonumber(deaths) + (is_its_own and 1 or 0)
    if rules then rules.ended(id, worker) end
    local poison = is_its_own and deaths >= poison_deaths
    if poison then
      redis.call('HDEL', tasks, id)
      redis.call('HDEL', tries, id)
    else
      in_line = in_line + put_back(id, rank, 0, deadline, number .. ':' .. used .. ':' .. int(deaths), now, ready, scheduled, ranks, deadlines, tries)
    end
    body[#body + 1] = '[' .. quote(id) .. ',' .. number .. ',' .. quote(lease) .. ',' .. quote(worker) .. ',' .. (poison and '1' or is_its_own and '0' or '2') .. ']'
  end
end
if #body > 0 then note(journal, epoch, 'lost', now, '', '0', '[' .. table.concat(body, ',') .. ']') end
if rules then rules.finish(in_line) else wake_idle(idle, wake, in_line) end
local more = (promoted >= limit or expired >= limit or unparked >= limit or #ended >= limit) and 1 or 0
return { promoted, expired, #body, more }
