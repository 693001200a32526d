-- Removes tasks wherever they are; a worker that runs one is told to cancel it.
-- KEYS: ready scheduled ranks deadlines tasks tries running leases wake
-- ARGV: ids
-- Returns: how many were held
local ready, scheduled, ranks, deadlines, tasks, tries, running, leases, wake = unpack(KEYS)
local dropped = 0
for _, id in ipairs(ARGV) do
  local run = redis.call('HGET', running, id)
  if run then
    local _, _, worker = parse_run(run)
    redis.call('RPUSH', wake .. worker, '{"cancel":[' .. quote(id) .. ']}')
    redis.call('PEXPIRE', wake .. worker, 60000)
  end
  dropped = dropped + redis.call('HDEL', tasks, id)
end
in_parts('ZREM', ready, ARGV)
in_parts('ZREM', scheduled, ARGV)
in_parts('ZREM', deadlines, ARGV)
in_parts('ZREM', leases, ARGV)
in_parts('HDEL', ranks, ARGV)
in_parts('HDEL', tries, ARGV)
in_parts('HDEL', running, ARGV)
return dropped
