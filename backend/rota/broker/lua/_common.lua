-- Put in front of every script: what they share.

local function now_ms()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

-- Numbers become text without an exponent.
local function int(n)
  return string.format('%.0f', n)
end

-- JSON strings made here are ids and names without characters to escape.
local function quote(s)
  return '"' .. s .. '"'
end

-- Calls a command with a long list of arguments in parts, below Lua's limit on unpack.
local function in_parts(command, key, list)
  for i = 1, #list, 4000 do
    redis.call(command, key, unpack(list, i, math.min(i + 3999, #list)))
  end
end

-- The values of many fields of a hash, in parts likewise; false where there is none.
local function values_of(key, fields)
  local values = {}
  for i = 1, #fields, 4000 do
    local found = redis.call('HMGET', key, unpack(fields, i, math.min(i + 3999, #fields)))
    for j = 1, #found do values[i + j - 1] = found[j] end
  end
  return values
end

-- Appends to the journal. The epoch is made with the first entry; a new one tells that Redis was emptied.
local function note(journal, epoch, kind, at, worker, lease, body)
  local t = redis.call('TIME')
  redis.call('SET', epoch, t[1] .. string.format('%06d', t[2]), 'NX')
  redis.call('XADD', journal, '*', 'k', kind, 'at', int(at), 'w', worker, 'l', lease, 'b', body)
end

-- Wakes idle workers by name until their wants cover `count` tasks.
local function wake_idle(idle, wake, count)
  if count <= 0 then return end
  local waiting = redis.call('HGETALL', idle)
  for i = 1, #waiting, 2 do
    if count <= 0 then return end
    redis.call('HDEL', idle, waiting[i])
    redis.call('RPUSH', wake .. waiting[i], '')
    redis.call('PEXPIRE', wake .. waiting[i], 60000)
    count = count - tonumber(string.match(waiting[i + 1], '^%d+'))
  end
end

-- Moves what is due from scheduled to ready. Returns how many.
local function promote(scheduled, ranks, ready, journal, epoch, now, limit)
  local due = redis.call('ZRANGEBYSCORE', scheduled, '-inf', int(now), 'LIMIT', 0, limit)
  if #due == 0 then return 0 end
  local names = {}
  for i, id in ipairs(due) do
    redis.call('ZADD', ready, redis.call('HGET', ranks, id) or int(now), id)
    names[i] = quote(id)
  end
  in_parts('ZREM', scheduled, due)
  in_parts('HDEL', ranks, due)
  note(journal, epoch, 'promoted', now, '', '0', '[' .. table.concat(names, ',') .. ']')
  return #due
end

-- Ends tasks whose deadline has passed before they were started.
local function expire_these(late, deadlines, ready, scheduled, ranks, tasks, tries, journal, epoch, now, rules)
  if #late == 0 then return end
  if rules then rules.take_out(late) end
  local names = {}
  for i, id in ipairs(late) do names[i] = quote(id) end
  in_parts('ZREM', ready, late)
  in_parts('ZREM', scheduled, late)
  in_parts('ZREM', deadlines, late)
  in_parts('HDEL', ranks, late)
  in_parts('HDEL', tasks, late)
  in_parts('HDEL', tries, late)
  note(journal, epoch, 'expired', now, '', '0', '[' .. table.concat(names, ',') .. ']')
end

-- Ends what waits past its deadline. Returns how many.
local function expire(deadlines, ready, scheduled, ranks, tasks, tries, journal, epoch, now, limit, rules)
  local late = redis.call('ZRANGEBYSCORE', deadlines, '-inf', int(now), 'LIMIT', 0, limit)
  expire_these(late, deadlines, ready, scheduled, ranks, tasks, tries, journal, epoch, now, rules)
  return #late
end

-- A lease's number, from the clock (in µs) and above the last: none comes again, even where Redis was emptied or restored.
local function new_lease(lease_key)
  local t = redis.call('TIME')
  local lease = int(math.max(t[1] * 1000000 + t[2], tonumber(redis.call('GET', lease_key) or '0') + 1))
  redis.call('SET', lease_key, lease)
  return lease
end

-- Whether all that ran when Redis was emptied has been taken back (adopt.lua). Until then what is not held may still run.
local function is_rebuilt(config) return redis.call('HGET', config, 'rebuilt') == '1' end

-- A value of `running`. Scores may come as 1.7e+12: they are kept as whole numbers. A mark after the deaths says that no death
-- of its worker is its own: `w`, it is claimed, but waits to run alone; `a`, it was taken back and not heard of since.
local function run_of(number, lease, worker, rank, deadline, now, used, deaths)
  return number .. ':' .. lease .. ':' .. worker .. ':' .. int(tonumber(rank)) .. ':' .. int(tonumber(deadline)) .. ':' .. int(now) .. ':' .. used .. ':' .. deaths
end

-- The parts of a value of `running`: number, lease, worker, rank, deadline, claimed_at, used, deaths, mark.
local function parse_run(value)
  return string.match(value, '^(%d+):(%d+):([^:]*):([^:]*):(%d+):(%d+):(%d+):(%d+)([aw]?)$')
end

-- Puts a task that ran before back into line: now, or at `due`.
local function put_back(id, rank, due, deadline, tried, now, ready, scheduled, ranks, deadlines, tries)
  redis.call('HSET', tries, id, tried)
  if tonumber(deadline) > 0 then redis.call('ZADD', deadlines, deadline, id) end
  if due > now then
    redis.call('ZADD', scheduled, int(due), id)
    redis.call('HSET', ranks, id, rank)
    return 0
  end
  redis.call('ZADD', ready, rank, id)
  return 1
end
