-- A task that was claimed to run alone begins: from now on a death of its worker is its own.
-- KEYS: running tasks config
-- ARGV: worker id token(number:lease)
-- Returns: 1, or 0 where the worker holds it no longer
local running, tasks, config = unpack(KEYS)
local run = redis.call('HGET', running, ARGV[2])
if not run and not is_rebuilt(config) and redis.call('HEXISTS', tasks, ARGV[2]) == 0 then return 1 end
local right = ARGV[3] .. ':' .. ARGV[1] .. ':'
if not run or string.sub(run, 1, #right) ~= right then return 0 end
if string.sub(run, -1) == 'w' then redis.call('HSET', running, ARGV[2], string.sub(run, 1, -2)) end
return 1
