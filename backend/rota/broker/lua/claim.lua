-- Gives a worker the tasks of smallest rank under one lease. The same claim id gives the same answer again. Before anything
-- else a worker is told what a push has handed to it and it has not seen: that answers no claim, and is all that is done.
-- KEYS: ready scheduled ranks deadlines tasks tries running leases idle wake claims lease config journal epoch handed counts limits starts parked unpark crew lane laned stats offers lines
-- USES: rules
-- ARGV: worker claim_id want(at most 4000; 0: it takes nothing more) lease_ms slots(for its lane) steals(0/1) seen(the last lease that was handed to it) is_free(0/1: it does nothing, and may be handed a task) functions(those that it has, each on a line, between two line ends; '': as it told before) poison_deaths
-- Returns: lease, now, next due instant (0: none), left in line, was handed(0/1), then for each task: id payload number used deaths
local ready, scheduled, ranks, deadlines, tasks, tries, running, leases, idle, wake, claims, lease_key, config, journal, epoch, handed, _, _, _, _, _, _, _, _, _, offers = unpack(KEYS)
local worker, claim_id, want, lease_ms = ARGV[1], ARGV[2], math.min(tonumber(ARGV[3]), 4000), tonumber(ARGV[4])
local poison_deaths = tonumber(ARGV[10])
local now = now_ms()

-- What was lost on the way: the same again, as far as the worker still holds it. It renews no lease of which it does not
-- know, and answers may be lost again and again: so to ask is to renew.
local function again(lease, ids, was_handed)
  local answer, renewed = { lease, int(now), '0', redis.call('ZCARD', ready), was_handed }, {}
  for id in string.gmatch(ids, '[^,]+') do
    local run = redis.call('HGET', running, id)
    if run then
      local number, held, holder, _, _, _, used, deaths = parse_run(run)
      if held == lease and holder == worker then
        for _, value in ipairs({ id, redis.call('HGET', tasks, id), number, used, deaths }) do answer[#answer + 1] = value end
        renewed[#renewed + 1] = int(now + lease_ms)
        renewed[#renewed + 1] = id
      end
    end
  end
  in_parts('ZADD', leases, renewed)
  return answer
end

local last = redis.call('HGET', claims, worker)
if last and string.sub(last, 1, #claim_id + 1) == claim_id .. ' ' then
  local lease, ids = string.match(last, '^%S+ (%d+) (.*)$')
  return again(lease, ids, 0)
end

local unseen = redis.call('HGET', handed, worker)
if unseen then
  local lease, id = string.match(unseen, '^(%d+) (.*)$')
  local answer = lease ~= ARGV[7] and again(lease, id, 1)
  if answer and #answer > 5 then return answer end
  redis.call('HDEL', handed, worker)
end

if ARGV[9] ~= '' and redis.call('HGET', offers, worker) ~= ARGV[9] then
  redis.call('HSET', offers, worker, ARGV[9])
  if offers_differ(offers) then sort_queue(config) end
end
local settings = redis.call('HMGET', config, 'paused', 'special')
local is_open = settings[1] ~= '1'
local rules = settings[2] and Rules(all_keys(), settings[2], is_open, now)

local promoted = promote(scheduled, ranks, ready, journal, epoch, now, 200)
expire(deadlines, ready, scheduled, ranks, tasks, tries, journal, epoch, now, 200, rules)

local room = is_open and want or 0
if rules then
  if want > 0 then rules.join(worker, math.max(tonumber(ARGV[5] or '0'), want), ARGV[6] or '1') else rules.leave(worker) end
  promoted = promoted + rules.unpark(200)
  room = rules.room(room)
end

local lease, answer, body, given = '0', {}, {}, {}
local held, ends, late = {}, {}, {}
local looked, stops_short, until_ = 0, false, int(now + lease_ms)
-- One round, but where limits refuse what is popped, a lane gives too little, or what is popped has expired.
while #given < room do
  local popped
  local given_before = #given
  if rules then popped = rules.take(worker, room - #given) else popped = redis.call('ZPOPMIN', ready, room - #given) end
  if #popped == 0 then break end
  if lease == '0' then lease = new_lease(lease_key) end
  local names = {}
  for i = 1, #popped, 2 do names[#names + 1] = popped[i] end
  local payloads = redis.call('HMGET', tasks, unpack(names))
  local tried = redis.call('EXISTS', tries) == 1 and redis.call('HMGET', tries, unpack(names))
  local has_deadlines = redis.call('EXISTS', deadlines) == 1
  for i, id in ipairs(names) do
    local deadline = has_deadlines and redis.call('ZSCORE', deadlines, id) or '0'
    if tonumber(deadline) > 0 and tonumber(deadline) <= now then
      late[#late + 1] = id
    elseif payloads[i] and (not rules or rules.admit(id, payloads[i], popped[2 * i])) then
      local number, used, deaths = '0', '0', '0'
      if tried and tried[i] then number, used, deaths = string.match(tried[i], '^(%d+):(%d+):(%d+)$') end
      if deadline ~= '0' then redis.call('ZREM', deadlines, id) end
      number = int(tonumber(number) + 1)
      given[#given + 1] = id
      held[#held + 1] = id
      local waits = tonumber(deaths) + 1 >= poison_deaths and 'w' or ''
      held[#held + 1] = run_of(number, lease, worker, popped[2 * i], deadline, now, used, deaths .. waits)
      ends[#ends + 1] = until_
      ends[#ends + 1] = id
      body[#body + 1] = '[' .. quote(id) .. ',' .. number .. ']'
      for _, value in ipairs({ id, payloads[i], number, used, deaths }) do answer[#answer + 1] = value end
    end
  end
  looked = looked + #names
  if not rules and #given - given_before == #names then break end
  stops_short = #given < room and looked >= want + 200
  if stops_short then break end
end
if rules and #given < room and rules.is_behind() then stops_short = true end
expire_these(late, deadlines, ready, scheduled, ranks, tasks, tries, journal, epoch, now, rules)
if #given > 0 then
  in_parts('HSET', running, held)
  in_parts('ZADD', leases, ends)
  note(journal, epoch, 'claimed', now, worker, lease, '[' .. table.concat(body, ',') .. ']')
end
redis.call('HSET', claims, worker, claim_id .. ' ' .. lease .. ' ' .. table.concat(given, ','))

local missing = want - #given
if missing > 0 then
  local is_free = ARGV[8] == '1' and #given == 0
  redis.call('HSET', idle, worker, is_free and missing .. ':' .. int(lease_ms) .. ':' .. int(now) or missing)
else
  redis.call('HDEL', idle, worker)
end
local next_due = redis.call('ZRANGE', scheduled, 0, 0, 'WITHSCORES')[2] or '0'
if rules then
  rules.started(worker, #given)
  -- What became due here and was not taken here is for others that wait.
  rules.finish(missing == 0 and promoted or 0)
  local opens = rules.next_at()
  if opens < math.huge and (next_due == '0' or opens < tonumber(next_due)) then next_due = int(opens) end
end
if stops_short then
  redis.call('RPUSH', wake .. worker, '')
  redis.call('PEXPIRE', wake .. worker, 60000)
end
local left = redis.call('ZCARD', ready)
if not rules and is_open and promoted > 0 and missing == 0 then wake_idle(idle, wake, math.min(promoted, left)) end
local head = { lease, int(now), next_due, left, 0 }
for _, value in ipairs(answer) do head[#head + 1] = value end
return head
