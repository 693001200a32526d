-- Takes tasks into line; ids that are held already are left alone. Journalled is only what SQL cannot know: whether what waits
-- for its instant is ready by now, and that Redis was empty. Who pushes has committed the rest, and tells of it.
-- A worker that is woken out of doing nothing is handed the task of smallest rank: it need not ask for it.
-- KEYS: tasks ready scheduled ranks deadlines tries journal epoch idle wake config running leases lease handed counts limits starts parked unpark crew lane laned stats offers lines
-- USES: rules
-- ARGV: by (an instant; what comes later is refused whole), then for each task: id payload rank more   (more: due_at:deadline_at:number:used:deaths, 0 = none; '' = all 0)
-- Returns: how many were new, now, whether it came too late (0/1)
local tasks, ready, scheduled, ranks, deadlines, tries, journal, epoch, idle, wake, config, running, leases, lease_key, handed = unpack(KEYS)
local now = now_ms()
-- An idle worker asks each second; of one that has not asked for longer nobody knows whether it lives.
local fresh_ms = 1500
-- It may have been pushed by the reconciler since, and have ended: then it must not start once more.
if now > tonumber(ARGV[1]) then return { 0, int(now), 1 } end

local names = {}
for i = 2, #ARGV, 4 do names[#names + 1] = ARGV[i] end
local held = values_of(tasks, names)

-- One command for all of them, not some for each.
local payloads, line, later, places, ends, tried, told, seen = {}, {}, {}, {}, {}, {}, {}, {}
for n, id in ipairs(names) do
  local payload, rank, more = unpack(ARGV, 4 * n - 1, 4 * n + 1)
  if not held[n] and not seen[id] then
    seen[id] = true
    payloads[#payloads + 1] = id
    payloads[#payloads + 1] = payload
    local due, deadline, runs = '0', '0', '0:0:0'
    if more ~= '' then due, deadline, runs = string.match(more, '^(%d+):(%d+):(%d+:%d+:%d+)$') end
    local waits = tonumber(due) > now
    if waits then
      later[#later + 1] = due
      later[#later + 1] = id
      places[#places + 1] = id
      places[#places + 1] = rank
    else
      line[#line + 1] = rank
      line[#line + 1] = id
    end
    -- SQL may still call scheduled what is not any more.
    if due ~= '0' then told[#told + 1] = '[' .. quote(id) .. ',' .. (waits and due or '-1') .. ']' end
    if deadline ~= '0' then
      ends[#ends + 1] = deadline
      ends[#ends + 1] = id
    end
    if runs ~= '0:0:0' then
      tried[#tried + 1] = id
      tried[#tried + 1] = runs
    end
  end
end
in_parts('HSET', tasks, payloads)
in_parts('ZADD', ready, line)
in_parts('ZADD', scheduled, later)
in_parts('HSET', ranks, places)
in_parts('ZADD', deadlines, ends)
in_parts('HSET', tries, tried)

-- Leases the first of the line to a worker that wants so many. False: a claim must see to what is first.
local function hand(worker, want, lease_ms)
  local id, rank = unpack(redis.call('ZRANGE', ready, 0, 0, 'WITHSCORES'))
  local payload = id and redis.call('HGET', tasks, id)
  local deadline = id and redis.call('ZSCORE', deadlines, id) or '0'
  if not payload or (deadline ~= '0' and tonumber(deadline) <= now) then return false end
  local number, used, deaths = string.match(redis.call('HGET', tries, id) or '0:0:0', '^(%d+):(%d+):(%d+)$')
  local lease = new_lease(lease_key)
  number = int(tonumber(number) + 1)
  redis.call('ZREM', ready, id)
  if deadline ~= '0' then redis.call('ZREM', deadlines, id) end
  redis.call('HSET', running, id, run_of(number, lease, worker, rank, deadline, now, used, deaths))
  redis.call('ZADD', leases, int(now + lease_ms), id)
  note(journal, epoch, 'claimed', now, worker, lease, '[[' .. quote(id) .. ',' .. number .. ']]')
  -- Kept until the worker tells that it has it: what is sent can be lost on the way.
  redis.call('HSET', handed, worker, lease .. ' ' .. id)
  -- It goes on waiting by name with the rest of its slots, unless there is more for it, or it has no more.
  local asks = (want == 1 or redis.call('EXISTS', ready) == 1) and 1 or 0
  if asks == 1 then redis.call('HDEL', idle, worker) else redis.call('HSET', idle, worker, want - 1) end
  redis.call('RPUSH', wake .. worker, table.concat({ 'task', lease, int(now), number, used, deaths, asks, id, payload }, ' '))
  redis.call('PEXPIRE', wake .. worker, 60000)
  return true
end

-- Hands one task each to idle workers until their wants cover `count` tasks; returns how many are not covered.
local function hand_out(count)
  local waiting, has_looked = redis.call('HGETALL', idle), false
  for i = 1, #waiting, 2 do
    if count <= 0 then return 0 end
    local want, lease_ms, at = string.match(waiting[i + 1], '^(%d+):(%d+):(%d+)$')
    if want and now - at < fresh_ms then
      if not has_looked then -- what comes due just now may be before it
        has_looked = true
        expire(deadlines, ready, scheduled, ranks, tasks, tries, journal, epoch, now, 200)
        count = count + promote(scheduled, ranks, ready, journal, epoch, now, 200)
      end
      if not hand(waiting[i], tonumber(want), tonumber(lease_ms)) then return count end
      count = count - want
    end
  end
  return count
end

if #payloads > 0 then
  if #told > 0 or redis.call('EXISTS', epoch) == 0 then
    note(journal, epoch, 'pushed', now, '', '0', '[' .. table.concat(told, ',') .. ']')
  end
  local settings = redis.call('HMGET', config, 'paused', 'special')
  if settings[2] then
    Rules(all_keys(), settings[2], settings[1] ~= '1', now).finish(#line / 2)
  else
    wake_idle(idle, wake, settings[1] == '1' and #line / 2 or hand_out(#line / 2))
  end
end
return { #payloads / 2, int(now), 0 }
