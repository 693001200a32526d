-- Ends at once what was leased to a worker whose process has ended: the next sweep takes it back. It is handed nothing more.
-- KEYS: running leases idle
-- ARGV: worker
-- Returns: how many tasks it held
local running, leases, idle = unpack(KEYS)
local now, held = int(now_ms()), {}
redis.call('HDEL', idle, ARGV[1])
local runs = redis.call('HGETALL', running)
for i = 1, #runs, 2 do
  local _, _, worker = parse_run(runs[i + 1])
  if worker == ARGV[1] then
    held[#held + 1] = now
    held[#held + 1] = runs[i]
  end
end
in_parts('ZADD', leases, held)
return #held / 2
