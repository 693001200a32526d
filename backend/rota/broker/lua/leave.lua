-- Removes a worker from the register.
-- KEYS: info seen catalogue desired
-- ARGV: worker
-- Returns: 1 where it was registered
local info, seen, catalogue, desired = unpack(KEYS)
redis.call('ZREM', seen, ARGV[1])
redis.call('HDEL', catalogue, ARGV[1])
redis.call('HDEL', desired, ARGV[1], ARGV[1] .. ' stealing')
return redis.call('HDEL', info, ARGV[1])
