-- Removes tasks wherever they are; a worker that runs one is told to cancel it.
-- KEYS: ready scheduled ranks deadlines tasks tries running leases wake idle journal epoch config counts limits starts parked unpark crew lane laned stats offers lines
-- USES: rules
-- ARGV: ids
-- Returns: how many were held
local ready, scheduled, ranks, deadlines, tasks, tries, running, leases, wake, _, _, _, config = unpack(KEYS)
local settings = redis.call('HMGET', config, 'paused', 'special')
local rules = settings[2] and Rules(all_keys(), settings[2], settings[1] ~= '1', now_ms())
local dropped = 0
in_parts('ZREM', ready, ARGV)
for _, id in ipairs(ARGV) do
  local run = redis.call('HGET', running, id)
  if run then
    local _, _, worker = parse_run(run)
    redis.call('RPUSH', wake .. worker, '{"cancel":[' .. quote(id) .. ']}')
    redis.call('PEXPIRE', wake .. worker, 60000)
    redis.call('HDEL', running, id)
    if rules then rules.ended(id, worker) end
  elseif rules then
    rules.take_out({ id })
  end
  dropped = dropped + redis.call('HDEL', tasks, id)
end
in_parts('ZREM', scheduled, ARGV)
in_parts('ZREM', deadlines, ARGV)
in_parts('ZREM', leases, ARGV)
in_parts('HDEL', ranks, ARGV)
in_parts('HDEL', tries, ARGV)
-- What one of them held back may have come into line meanwhile, and be one of them too.
in_parts('ZREM', ready, ARGV)
if rules then rules.finish(0) end
return dropped
