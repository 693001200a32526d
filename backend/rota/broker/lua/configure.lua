-- Sets how a queue is worked; workers are woken when it goes on.
-- KEYS: config ready idle wake
-- ARGV: paused(0/1)
-- Returns: 1
local config, ready, idle, wake = unpack(KEYS)
local was = redis.call('HGET', config, 'paused')
redis.call('HSET', config, 'paused', ARGV[1])
if was == '1' and ARGV[1] == '0' then wake_idle(idle, wake, redis.call('ZCARD', ready)) end
return 1
