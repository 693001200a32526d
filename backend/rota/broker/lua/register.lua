-- Enters a worker and the functions that it offers.
-- KEYS: info seen catalogue
-- ARGV: worker info(JSON) ttl_ms functions(JSON)
-- Returns: 1
local info, seen, catalogue = unpack(KEYS)
redis.call('HSET', info, ARGV[1], ARGV[2])
redis.call('HSET', catalogue, ARGV[1], ARGV[4])
redis.call('ZADD', seen, int(now_ms() + tonumber(ARGV[3])), ARGV[1])
return 1
