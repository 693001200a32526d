-- A worker's sign of life.
-- KEYS: info seen desired
-- ARGV: worker info(JSON) ttl_ms
-- Returns: known(0/1), the state that it should take ('' = ONLINE), whether it should steal (0/1, '' = as it was started)
local info, seen, desired = unpack(KEYS)
if redis.call('HEXISTS', info, ARGV[1]) == 0 then return { 0, '', '' } end
redis.call('HSET', info, ARGV[1], ARGV[2])
redis.call('ZADD', seen, int(now_ms() + tonumber(ARGV[3])), ARGV[1])
return { 1, redis.call('HGET', desired, ARGV[1]) or '', redis.call('HGET', desired, ARGV[1] .. ' stealing') or '' }
