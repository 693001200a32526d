-- Sends a command to a worker through the list on which it waits.
-- KEYS: wake
-- ARGV: worker command(JSON)
-- Returns: 1
local key = KEYS[1] .. ARGV[1]
redis.call('RPUSH', key, ARGV[2])
redis.call('PEXPIRE', key, 60000)
return 1
