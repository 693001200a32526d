-- Removes what a queue keeps about a worker that has left.
-- KEYS: idle claims settles wake
-- ARGV: worker
-- Returns: 1
local idle, claims, settles, wake = unpack(KEYS)
redis.call('HDEL', idle, ARGV[1])
redis.call('HDEL', claims, ARGV[1])
redis.call('HDEL', settles, ARGV[1])
redis.call('DEL', wake .. ARGV[1])
return 1
