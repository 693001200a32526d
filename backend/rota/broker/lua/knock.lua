-- Counts a knock at a door, unless too many came within the window: then it counts for nothing.
-- KEYS: knocks
-- ARGV: most window_ms
-- Returns: 0, or in how many ms the next one may come
local knocks, most, window = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2])
local now = now_ms()
local oldest = redis.call('LINDEX', knocks, most - 1)
-- Redis' clock may have been set back: a knock of the future keeps nobody out for longer than a window.
local wait = oldest and math.min(tonumber(oldest) + window - now, window) or 0
if wait > 0 then return wait end
redis.call('LPUSH', knocks, int(now))
redis.call('LTRIM', knocks, 0, most - 1)
redis.call('PEXPIRE', knocks, window)
return 0
