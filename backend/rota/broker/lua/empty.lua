-- Removes what is kept of a queue that holds no task; where it holds one, it removes nothing. That nothing runs unheld stays known.
-- KEYS: tasks config
-- ARGV: keys of the queue
-- Returns: how many keys were removed
local tasks, config = unpack(KEYS)
if redis.call('HLEN', tasks) > 0 then return 0 end
local rebuilt, removed = is_rebuilt(config), 0
for i = 1, #ARGV do removed = removed + redis.call('UNLINK', ARGV[i]) end
if rebuilt then redis.call('HSET', config, 'rebuilt', '1') end
return removed
