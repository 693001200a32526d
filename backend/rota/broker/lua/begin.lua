-- A task that was claimed to run alone begins: from now on a death of its worker is its own.
-- KEYS: running
-- ARGV: worker id token(number:lease)
-- Returns: 1, or 0 where the worker holds it no longer
local running = KEYS[1]
local run = redis.call('HGET', running, ARGV[2])
local right = ARGV[3] .. ':' .. ARGV[1] .. ':'
if not run or string.sub(run, 1, #right) ~= right then return 0 end
if string.sub(run, -1) == 'w' then redis.call('HSET', running, ARGV[2], string.sub(run, 1, -2)) end
return 1
