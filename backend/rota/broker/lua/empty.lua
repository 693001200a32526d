-- Removes what is kept of a queue that holds no task; where it holds one, it removes nothing.
-- KEYS: tasks
-- ARGV: keys of the queue
-- Returns: how many keys were removed
if redis.call('HLEN', KEYS[1]) > 0 then return 0 end
local removed = 0
for i = 1, #ARGV do removed = removed + redis.call('UNLINK', ARGV[i]) end
return removed
