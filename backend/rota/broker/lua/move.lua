-- Gives a waiting task another place in line.
-- KEYS: ready scheduled ranks deadlines tasks idle wake
-- ARGV: id payload rank due_at deadline_at
-- Returns: 1, or 0 where it does not wait here
local ready, scheduled, ranks, deadlines, tasks, idle, wake = unpack(KEYS)
local id, payload, rank, due, deadline = unpack(ARGV)
if not (redis.call('ZSCORE', ready, id) or redis.call('ZSCORE', scheduled, id)) then return 0 end
redis.call('HSET', tasks, id, payload)
if deadline ~= '0' then redis.call('ZADD', deadlines, deadline, id) else redis.call('ZREM', deadlines, id) end
if tonumber(due) > now_ms() then
  redis.call('ZREM', ready, id)
  redis.call('ZADD', scheduled, due, id)
  redis.call('HSET', ranks, id, rank)
else
  redis.call('ZREM', scheduled, id)
  redis.call('HDEL', ranks, id)
  redis.call('ZADD', ready, rank, id)
  wake_idle(idle, wake, 1)
end
return 1
