-- Prolongs the leases that a worker still holds. What ran when Redis was emptied and is not taken back yet counts as held.
-- KEYS: running leases tasks config
-- ARGV: worker lease_ms, then for each: id token(number:lease)
-- Returns: the ids that it holds no longer
local running, leases, tasks, config = unpack(KEYS)
local worker, until_ = ARGV[1], int(now_ms() + tonumber(ARGV[2]))
local lost, held = {}, {}
for i = 3, #ARGV, 2 do
  local id, right = ARGV[i], ARGV[i + 1] .. ':' .. worker .. ':'
  local run = redis.call('HGET', running, id)
  if run and string.sub(run, 1, #right) == right then
    held[#held + 1] = until_
    held[#held + 1] = id
    -- Heard of again: from now on a death of its worker is its own.
    if string.sub(run, -1) == 'a' then redis.call('HSET', running, id, string.sub(run, 1, -2)) end
  elseif is_rebuilt(config) or redis.call('HEXISTS', tasks, id) == 1 then
    lost[#lost + 1] = id
  end
end
in_parts('ZADD', leases, held)
return lost
