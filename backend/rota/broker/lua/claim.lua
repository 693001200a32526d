-- Gives a worker the tasks of smallest rank under one lease. The same claim id gives the same answer again.
-- KEYS: ready scheduled ranks deadlines tasks tries running leases idle claims lease config journal epoch
-- ARGV: worker claim_id want lease_ms
-- Returns: lease, now, next due instant (0: none), left in line, then for each task: id payload number used
local ready, scheduled, ranks, deadlines, tasks, tries, running, leases, idle, claims, lease_key, config, journal, epoch = unpack(KEYS)
local worker, claim_id, want, lease_ms = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
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

promote(scheduled, ranks, ready, journal, epoch, now, 200)
expire(deadlines, ready, scheduled, ranks, tasks, tries, journal, epoch, now, 200)

local popped = {}
if want > 0 and redis.call('HGET', config, 'paused') ~= '1' then popped = redis.call('ZPOPMIN', ready, want) end

local lease, answer, body, names, ends = '0', {}, {}, {}, {}
if #popped > 0 then
  -- Seeded from the clock (in µs), so that a number never comes again after Redis was emptied.
  local t = redis.call('TIME')
  redis.call('SET', lease_key, t[1] .. string.format('%06d', t[2]), 'NX')
  redis.call('INCR', lease_key)
  lease = redis.call('GET', lease_key)
  for i = 1, #popped, 2 do names[#names + 1] = popped[i] end
  local has_tries = redis.call('EXISTS', tries) == 1
  local has_deadlines = redis.call('EXISTS', deadlines) == 1
  local payloads = redis.call('HMGET', tasks, unpack(names))
  local tried = has_tries and redis.call('HMGET', tries, unpack(names))
  local until_ = int(now + lease_ms)
  local held = {}
  for i, id in ipairs(names) do
    if payloads[i] then
      local number, used, deaths, deadline = '0', '0', '0', '0'
      if tried and tried[i] then number, used, deaths = string.match(tried[i], '^(%d+):(%d+):(%d+)$') end
      if has_deadlines then
        deadline = redis.call('ZSCORE', deadlines, id) or '0'
        redis.call('ZREM', deadlines, id)
      end
      number = int(tonumber(number) + 1)
      held[#held + 1] = id
      held[#held + 1] = number .. ':' .. lease .. ':' .. worker .. ':' .. popped[2 * i] .. ':' .. deadline .. ':' .. int(now) .. ':' .. used .. ':' .. deaths
      ends[#ends + 1] = until_
      ends[#ends + 1] = id
      body[#body + 1] = '[' .. quote(id) .. ',' .. number .. ']'
      for _, value in ipairs({ id, payloads[i], number, used }) do answer[#answer + 1] = value end
    end
  end
  in_parts('HSET', running, held)
  in_parts('ZADD', leases, ends)
  note(journal, epoch, 'claimed', now, worker, lease, '[' .. table.concat(body, ',') .. ']')
end
redis.call('HSET', claims, worker, claim_id .. ' ' .. lease .. ' ' .. table.concat(names, ','))

local missing = want - #names
if missing > 0 then redis.call('HSET', idle, worker, missing) else redis.call('HDEL', idle, worker) end

local next_due = redis.call('ZRANGE', scheduled, 0, 0, 'WITHSCORES')[2] or '0'
local head = { lease, int(now), next_due, redis.call('ZCARD', ready) }
for _, value in ipairs(answer) do head[#head + 1] = value end
return head
