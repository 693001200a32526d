-- Removes what a queue keeps about a worker that has left; its lane goes back into line.
-- KEYS: idle claims settles wake ready running tasks tries journal epoch config handed counts limits starts parked unpark crew lane laned stats offers lines
-- USES: rules
-- ARGV: worker
-- Returns: 1
local idle, claims, settles, wake, _, _, _, _, _, _, config, handed, _, _, _, _, _, _, _, _, _, offers = unpack(KEYS)
redis.call('HDEL', idle, ARGV[1])
redis.call('HDEL', claims, ARGV[1])
redis.call('HDEL', settles, ARGV[1])
redis.call('HDEL', handed, ARGV[1])
redis.call('HDEL', offers, ARGV[1])
redis.call('DEL', wake .. ARGV[1])
local settings = redis.call('HMGET', config, 'paused', 'special')
if settings[2] then
  local rules = Rules(all_keys(), settings[2], settings[1] ~= '1', now_ms())
  rules.leave(ARGV[1])
  rules.finish(0)
end
return 1
