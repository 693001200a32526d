-- Gives a waiting task another place in line.
-- KEYS: ready scheduled ranks deadlines tasks idle wake tries journal epoch running config counts limits starts parked unpark crew lane laned stats offers lines
-- USES: rules
-- ARGV: id payload rank due_at deadline_at
-- Returns: 1, or 0 where it does not wait here
local ready, scheduled, ranks, deadlines, tasks, idle, wake, _, _, _, _, config = unpack(KEYS)
local id, payload, rank, due, deadline = unpack(ARGV)
local now = now_ms()
local settings = redis.call('HMGET', config, 'paused', 'special')
local rules = settings[2] and Rules(all_keys(), settings[2], settings[1] ~= '1', now)
local waits = redis.call('ZSCORE', ready, id) or redis.call('ZSCORE', scheduled, id) or (rules and rules.holds(id))
if not waits then return 0 end
redis.call('ZREM', ready, id)
if rules then rules.take_out({ id }, true) end
redis.call('HSET', tasks, id, payload)
if deadline ~= '0' then redis.call('ZADD', deadlines, deadline, id) else redis.call('ZREM', deadlines, id) end
local in_line = 0
if tonumber(due) > now then
  redis.call('ZADD', scheduled, due, id)
  redis.call('HSET', ranks, id, rank)
else
  redis.call('ZREM', scheduled, id)
  redis.call('HDEL', ranks, id)
  redis.call('ZADD', ready, rank, id)
  in_line = 1
end
if rules then rules.finish(in_line) else wake_idle(idle, wake, in_line) end
return 1
