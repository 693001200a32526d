-- Gives a worker the tasks of smallest rank under one lease. The same claim id gives the same answer again.
-- KEYS: ready scheduled ranks deadlines tasks tries running leases idle wake claims lease config journal epoch
-- ARGV: worker claim_id want(at most 4000) lease_ms
-- Returns: lease, now, next due instant (0: none), left in line, then for each task: id payload number used
local ready, scheduled, ranks, deadlines, tasks, tries, running, leases, idle, wake, claims, lease_key, config, journal, epoch = unpack(KEYS)
local worker, claim_id, want, lease_ms = ARGV[1], ARGV[2], math.min(tonumber(ARGV[3]), 4000), tonumber(ARGV[4])
local now = now_ms()

-- An answer that was lost: the same again, as far as the worker still holds it.
local last = redis.call('HGET', claims, worker)
if last and string.sub(last, 1, #claim_id + 1) == claim_id .. ' ' then
  local lease, ids = string.match(last, '^%S+ (%d+) (.*)$')
  local answer = { lease, int(now), '0', redis.call('ZCARD', ready) }
  for id in string.gmatch(ids, '[^,]+') do
    local run = redis.call('HGET', running, id)
    if run then
      local number, held, holder, _, _, _, used = parse_run(run)
      if held == lease and holder == worker then
        for _, value in ipairs({ id, redis.call('HGET', tasks, id), number, used }) do answer[#answer + 1] = value end
      end
    end
  end
  return answer
end

local promoted = promote(scheduled, ranks, ready, journal, epoch, now, 200)
expire(deadlines, ready, scheduled, ranks, tasks, tries, journal, epoch, now, 200)

local is_open = redis.call('HGET', config, 'paused') ~= '1'
local popped = {}
if want > 0 and is_open then popped = redis.call('ZPOPMIN', ready, want) end

local lease, answer, body, given = '0', {}, {}, {}
if #popped > 0 then
  -- From the clock (in µs), and above the last: a number never comes again, even where Redis was emptied or restored.
  local t = redis.call('TIME')
  lease = int(math.max(t[1] * 1000000 + t[2], tonumber(redis.call('GET', lease_key) or '0') + 1))
  redis.call('SET', lease_key, lease)
  local names, held, ends, late = {}, {}, {}, {}
  for i = 1, #popped, 2 do names[#names + 1] = popped[i] end
  local payloads = redis.call('HMGET', tasks, unpack(names))
  local tried = redis.call('EXISTS', tries) == 1 and redis.call('HMGET', tries, unpack(names))
  local has_deadlines = redis.call('EXISTS', deadlines) == 1
  local until_ = int(now + lease_ms)
  for i, id in ipairs(names) do
    local deadline = has_deadlines and redis.call('ZSCORE', deadlines, id) or '0'
    if tonumber(deadline) > 0 and tonumber(deadline) <= now then
      late[#late + 1] = id
    elseif payloads[i] then
      local number, used, deaths = '0', '0', '0'
      if tried and tried[i] then number, used, deaths = string.match(tried[i], '^(%d+):(%d+):(%d+)$') end
      if deadline ~= '0' then redis.call('ZREM', deadlines, id) end
      number = int(tonumber(number) + 1)
      given[#given + 1] = id
      held[#held + 1] = id
      -- Scores may come as 1.7e+12: they are kept as whole numbers.
      held[#held + 1] = number .. ':' .. lease .. ':' .. worker .. ':' .. int(tonumber(popped[2 * i])) .. ':' .. int(tonumber(deadline)) .. ':' .. int(now) .. ':' .. used .. ':' .. deaths
      ends[#ends + 1] = until_
      ends[#ends + 1] = id
      body[#body + 1] = '[' .. quote(id) .. ',' .. number .. ']'
      for _, value in ipairs({ id, payloads[i], number, used }) do answer[#answer + 1] = value end
    end
  end
  expire_these(late, deadlines, ready, scheduled, ranks, tasks, tries, journal, epoch, now)
  in_parts('HSET', running, held)
  in_parts('ZADD', leases, ends)
  if #body > 0 then note(journal, epoch, 'claimed', now, worker, lease, '[' .. table.concat(body, ',') .. ']') end
end
redis.call('HSET', claims, worker, claim_id .. ' ' .. lease .. ' ' .. table.concat(given, ','))

local missing = want - #given
if missing > 0 then redis.call('HSET', idle, worker, missing) else redis.call('HDEL', idle, worker) end
local left = redis.call('ZCARD', ready)
-- What became due here and was not taken here is for others that wait.
if is_open and promoted > 0 and missing == 0 then wake_idle(idle, wake, math.min(promoted, left)) end

local next_due = redis.call('ZRANGE', scheduled, 0, 0, 'WITHSCORES')[2] or '0'
local head = { lease, int(now), next_due, left }
for _, value in ipairs(answer) do head[#head + 1] = value end
return head
