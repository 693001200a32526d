-- Put in front of the scripts whose header says "USES: rules": limits and lanes. Made only for a queue that has either.

-- k: all keys by name. special: STRATEGY:is_limited(0/1), as `config` has it.
local function Rules(k, special, is_open, now)
  local strategy, limited = string.match(special, '^([%u_]+):([01])$')
  local has_lanes, is_limited = strategy ~= 'PRIORITY', limited == '1'
  local rules = { is_limited = is_limited }
  local became_ready = 0 -- what parked sets and lanes gave back
  local stats = {}

  local function count(what, by) stats[what] = (stats[what] or 0) + by end

  -- Limits

  local known = {}
  local function limit_of(field)
    if known[field] == nil then
      local text = redis.call('HGET', k.limits, field)
      local running, starts, period = string.match(text or '', '^(%d+):(%d+):(%d+)$')
      known[field] = running and { running = tonumber(running), starts = tonumber(starts), period = tonumber(period) } or false
    end
    return known[field]
  end

  -- The limit behind a name: `k:multiply"key` is one of the many names of `k:multiply`.
  local function field_of(name) return string.match(name, '^[^"]*') end

  -- The names under which a task may be held back, the narrowest first. A payload begins with function and limit key.
  local function names_of(payload)
    local name, after = string.match(payload, '^{"f":"([^"]*)"()')
    if not name then return {} end
    local key = string.match(payload, '^,"k":"([^"]*)"', after)
    if key then return { 'k:' .. name .. '"' .. key, 'f:' .. name } end
    return { 'f:' .. name }
  end

  -- The limits that a task has, the narrowest first; the queue's own comes last.
  local function limits_of(payload)
    local found = {}
    for _, name in ipairs(names_of(payload)) do
      local limit = limit_of(field_of(name))
      if limit then found[#found + 1] = { name = name, limit = limit } end
    end
    local whole = limit_of('q')
    if whole then found[#found + 1] = { name = 'q', limit = whole } end
    return found
  end

  -- From when the nth start from now is allowed by starts per period; 0: now.
  local function window_opens(name, limit, nth)
    if limit.starts == 0 then return 0 end
    local key = k.starts .. name
    redis.call('LTRIM', key, 0, limit.starts - 1)
    local free = limit.starts - redis.call('LLEN', key)
    if nth <= free then return 0 end
    local oldest = tonumber(redis.call('LINDEX', key, free - nth) or now)
    if oldest > now then -- the clock was set back: what it said before means nothing
      redis.call('DEL', key)
      return 0
    end
    return oldest + limit.period
  end

  local function running_of(name) return tonumber(redis.call('HGET', k.counts, name) or '0') end

  -- How many more may run by the count alone.
  local function room_of(name, limit)
    if limit.running == 0 then return math.huge end
    return limit.running - running_of(name)
  end

  -- From when one more may start; math.huge: when one of those that run has ended.
  local function opens_at(name, limit)
    if room_of(name, limit) <= 0 then return math.huge end
    return window_opens(name, limit, 1)
  end

  local function uncount(name)
    if redis.call('HINCRBY', k.counts, name, -1) <= 0 then redis.call('HDEL', k.counts, name) end
  end

  local function no_longer_parks(name)
    if redis.call('EXISTS', k.parked .. name) == 0 then redis.call('ZREM', k.unpark, name) end
  end

  -- Puts the best-ranked of what a limit holds back into line. Returns how many.
  local function offer(name, most)
    local moved = redis.call('ZPOPMIN', k.parked .. name, most)
    for i = 1, #moved, 2 do redis.call('ZADD', k.ready, moved[i + 1], moved[i]) end
    no_longer_parks(name)
    became_ready = became_ready + #moved / 2
    return #moved / 2
  end

  -- One of a limit's tasks runs no longer, or is on offer no longer: the next that it holds back may take its place.
  local function offer_next(name, limit)
    if redis.call('ZSCORE', k.unpark, name) and opens_at(name, limit) <= now then offer(name, 1) end
  end

  -- How many of `want` tasks the queue's own limit lets start.
  local whole_opens = math.huge
  function rules.room(want)
    local limit = is_limited and limit_of('q')
    if not limit then return want end
    local most, room = math.min(want, math.max(room_of('q', limit), 0)), 0
    while room < most do
      local at = window_opens('q', limit, room + 1)
      if at > now then
        whole_opens = at
        break
      end
      room = room + 1
    end
    return room
  end

  -- The next instant at which a limit lets something start; math.huge: none is known.
  function rules.next_at()
    local first = redis.call('ZRANGE', k.unpark, 0, 0, 'WITHSCORES')[2]
    return math.min(whole_opens, first and first ~= 'inf' and tonumber(first) or math.huge)
  end

  local was_laned, back = {}, {}

  local function park(id, rank, name, at)
    redis.call('ZADD', k.parked .. name, rank, id)
    if at == math.huge then redis.call('ZADD', k.unpark, 'NX', '+inf', name) else redis.call('ZADD', k.unpark, int(at), name) end
    if was_laned[id] then back[#back + 1] = id end
    count('limited', 1)
  end

  -- Whether a task may start: then it counts as running. Else it is parked with the limit that it met first.
  function rules.admit(id, payload, rank)
    if not is_limited then return true end
    local found = limits_of(payload)
    for i, one in ipairs(found) do
      local at = one.name ~= 'q' and opens_at(one.name, one.limit) or 0
      if at > now then
        park(id, rank, one.name, at)
        for j, other in ipairs(found) do
          if j ~= i and other.name ~= 'q' then offer_next(other.name, other.limit) end
        end
        return false
      end
    end
    for _, one in ipairs(found) do
      redis.call('HINCRBY', k.counts, one.name, 1)
      if one.limit.starts > 0 then
        redis.call('LPUSH', k.starts .. one.name, int(now))
        redis.call('PEXPIRE', k.starts .. one.name, int(one.limit.period))
      end
    end
    return true
  end

  -- Puts what limits hold back into line as far as they allow it by now. Returns how many.
  function rules.unpark(most)
    if not is_limited then return 0 end
    local total = 0
    for _, name in ipairs(redis.call('ZRANGEBYSCORE', k.unpark, '-inf', int(now), 'LIMIT', 0, most)) do
      local limit, left = limit_of(field_of(name)), most - total
      if left <= 0 then break end
      if not limit then
        total = total + offer(name, left)
      else
        local room, free = room_of(name, limit), 0
        while free < math.min(room, left) and window_opens(name, limit, free + 1) <= now do free = free + 1 end
        if free > 0 then total = total + offer(name, free) end
        if free < left and redis.call('ZSCORE', k.unpark, name) then
          local at = free >= room and math.huge or window_opens(name, limit, free + 1)
          redis.call('ZADD', k.unpark, at == math.huge and '+inf' or int(math.max(at, now + 1)), name)
        end
      end
    end
    return total
  end

  -- Lanes

  local crew -- who has a lane, by name: id, slots, steals, lane (how many are in it), load (how many it runs)
  local dealt, fresh = {}, {} -- what was assigned in this script, in order; id -> worker while it is in that lane

  local function members()
    if crew then return crew end
    crew = {}
    local found = redis.call('HGETALL', k.crew)
    for i = 1, #found, 2 do
      local slots, steals = string.match(found[i + 1], '^(%d+):([01])$')
      crew[#crew + 1] = {
        id = found[i],
        slots = tonumber(slots),
        steals = steals == '1',
        lane = redis.call('ZCARD', k.lane .. found[i]),
        load = running_of('w:' .. found[i]),
      }
    end
    table.sort(crew, function(a, b) return a.id < b.id end)
    return crew
  end

  local function member(worker)
    for _, one in ipairs(members()) do
      if one.id == worker then return one end
    end
  end

  -- The member whose turn is after the last one's, or who has the most room for its slots; nil: all lanes are full.
  local function next_member(turn)
    local chosen, least
    for _, one in ipairs(members()) do
      if one.lane < one.slots then
        if strategy == 'ROUND_ROBIN' then
          if one.id > turn then return one end
          chosen = chosen or one
        else
          local load = (one.load + one.lane) / one.slots
          if not least or load < least then chosen, least = one, load end
        end
      end
    end
    return chosen
  end

  -- Deals out what is ready, by rank, as far as lanes have room.
  local function deal()
    if not (has_lanes and is_open) then return end
    local room = 0
    for _, one in ipairs(members()) do room = room + math.max(one.slots - one.lane, 0) end
    if room == 0 then return end
    local popped = redis.call('ZPOPMIN', k.ready, math.min(room, 1000))
    if #popped == 0 then return end
    local turn, lanes, owners = redis.call('HGET', k.config, 'turn') or '', {}, {}
    for i = 1, #popped, 2 do
      local id, to = popped[i], next_member(turn)
      to.lane, turn = to.lane + 1, to.id
      lanes[to.id] = lanes[to.id] or {}
      table.insert(lanes[to.id], popped[i + 1])
      table.insert(lanes[to.id], id)
      owners[#owners + 1] = id
      owners[#owners + 1] = to.id
      dealt[#dealt + 1] = id
      fresh[id] = to.id
    end
    for worker, lane in pairs(lanes) do in_parts('ZADD', k.lane .. worker, lane) end
    in_parts('HSET', k.laned, owners)
    redis.call('HSET', k.config, 'turn', turn)
  end

  -- Puts all of a worker's lane back into line.
  local function give_back(worker)
    local lane = redis.call('ZRANGE', k.lane .. worker, 0, -1, 'WITHSCORES')
    for i = 1, #lane, 2 do
      redis.call('ZADD', k.ready, lane[i + 1], lane[i])
      redis.call('HDEL', k.laned, lane[i])
      back[#back + 1] = lane[i]
    end
    redis.call('DEL', k.lane .. worker)
    became_ready = became_ready + #lane / 2
    crew = nil
  end

  function rules.join(worker, slots, steals)
    if not has_lanes then return end
    redis.call('HSET', k.crew, worker, slots .. ':' .. steals)
    crew = nil
  end

  function rules.leave(worker)
    if not has_lanes then return end
    redis.call('HDEL', k.crew, worker)
    give_back(worker)
  end

  function rules.members()
    local names = {}
    for i, one in ipairs(members()) do names[i] = one.id end
    return names
  end

  local function steal(own, most)
    local got = {}
    for _ = 1, most do
      local fullest
      for _, one in ipairs(members()) do
        if one ~= own and one.lane > 0 and (not fullest or one.lane > fullest.lane) then fullest = one end
      end
      if not fullest then break end
      local first = redis.call('ZPOPMIN', k.lane .. fullest.id)
      fullest.lane = first[1] and fullest.lane - 1 or 0
      for _, value in ipairs(first) do got[#got + 1] = value end
    end
    count('stolen', #got / 2)
    return got
  end

  -- The next tasks of a worker, as ZPOPMIN gives them: from the line, or from its lane, or from others' lanes.
  function rules.take(worker, most)
    if not has_lanes then return redis.call('ZPOPMIN', k.ready, most) end
    deal()
    local own = member(worker)
    local taken = redis.call('ZPOPMIN', k.lane .. worker, most)
    own.lane = own.lane - #taken / 2
    if #taken == 0 and own.steals then taken = steal(own, most) end
    for i = 1, #taken, 2 do
      local id = taken[i]
      redis.call('HDEL', k.laned, id)
      if fresh[id] then fresh[id] = nil else was_laned[id] = true end
    end
    return taken
  end

  function rules.started(worker, number)
    if not has_lanes or number == 0 then return end
    redis.call('HINCRBY', k.counts, 'w:' .. worker, number)
    local own = member(worker)
    own.load = own.load + number
  end

  -- Both

  -- A task runs no longer. To be called while its payload is still there.
  function rules.ended(id, worker)
    if has_lanes then uncount('w:' .. worker) end
    if not is_limited then return end
    for _, one in ipairs(limits_of(redis.call('HGET', k.tasks, id) or '')) do
      uncount(one.name)
      if one.name == 'q' then
        if has_lanes or redis.call('EXISTS', k.ready) == 1 then became_ready = became_ready + 1 end
      else
        offer_next(one.name, one.limit)
      end
    end
  end

  -- Whether a task is parked or in a lane.
  function rules.holds(id)
    if has_lanes and redis.call('HEXISTS', k.laned, id) == 1 then return true end
    for _, name in ipairs(is_limited and names_of(redis.call('HGET', k.tasks, id) or '') or {}) do
      if redis.call('ZSCORE', k.parked .. name, id) then return true end
    end
    return false
  end

  -- Takes waiting tasks out of lanes and parked sets. To be called while their payloads are still there.
  function rules.take_out(ids, is_told)
    for _, id in ipairs(ids) do
      local worker = has_lanes and redis.call('HGET', k.laned, id)
      if worker then
        redis.call('ZREM', k.lane .. worker, id)
        redis.call('HDEL', k.laned, id)
        crew = nil
        if is_told then back[#back + 1] = id end
      end
      local payload = is_limited and redis.call('HGET', k.tasks, id)
      for _, name in ipairs(payload and names_of(payload) or {}) do
        if redis.call('ZREM', k.parked .. name, id) == 1 then no_longer_parks(name) end
        local limit = limit_of(field_of(name))
        if limit then offer_next(name, limit) end -- it may have been on offer
      end
    end
  end

  -- Counts anew what runs, and looks again at what limits hold back: at all of it, or at some. Returns how many counts
  -- were wrong.
  function rules.recount(is_all)
    local was, is, wrong = redis.call('HGETALL', k.counts), {}, 0
    local runs = redis.call('HGETALL', k.running)
    for i = 1, #runs, 2 do
      local _, _, worker = parse_run(runs[i + 1])
      if has_lanes then is['w:' .. worker] = (is['w:' .. worker] or 0) + 1 end
      for _, one in ipairs(is_limited and limits_of(redis.call('HGET', k.tasks, runs[i]) or '') or {}) do
        is[one.name] = (is[one.name] or 0) + 1
      end
    end
    for i = 1, #was, 2 do
      if not is[was[i]] then
        redis.call('HDEL', k.counts, was[i])
        wrong = wrong + 1
      end
    end
    local counted = {}
    for i = 1, #was, 2 do counted[was[i]] = tonumber(was[i + 1]) end
    for name, number in pairs(is) do
      if counted[name] ~= number then
        redis.call('HSET', k.counts, name, number)
        wrong = wrong + 1
      end
    end
    local names = is_all and redis.call('ZRANGE', k.unpark, 0, -1) or redis.call('ZRANDMEMBER', k.unpark, 500)
    for _, name in ipairs(names) do
      local limit = limit_of(field_of(name))
      local at = limit and opens_at(name, limit) or 0
      redis.call('ZADD', k.unpark, at == math.huge and '+inf' or int(at), name)
    end
    return wrong
  end

  local function numbered(id)
    return quote(id) .. ',' .. (string.match(redis.call('HGET', k.tries, id) or '', '^%d+') or '0')
  end

  -- Tells the journal who left a lane unstarted and who came into one. Returns worker -> how many it was given.
  local function tell()
    local left, came, given = {}, {}, {}
    for _, id in ipairs(back) do left[#left + 1] = '[' .. numbered(id) .. ']' end
    for _, id in ipairs(dealt) do
      local worker = fresh[id]
      if worker then
        fresh[id] = nil
        came[#came + 1] = '[' .. quote(id) .. ',' .. quote(worker) .. string.sub(numbered(id), #quote(id) + 1) .. ']'
        given[worker] = (given[worker] or 0) + 1
      end
    end
    if #left > 0 then note(k.journal, k.epoch, 'unassigned', now, '', '0', '[' .. table.concat(left, ',') .. ']') end
    if #came > 0 then note(k.journal, k.epoch, 'assigned', now, '', '0', '[' .. table.concat(came, ',') .. ']') end
    count('assigned', #came)
    for what, by in pairs(stats) do
      if by > 0 then redis.call('HINCRBY', k.stats, what, by) end
    end
    return given
  end

  -- All lanes go back into line, as their queue gets another strategy.
  function rules.disband()
    for _, one in ipairs(rules.members()) do give_back(one) end
    tell()
  end

  -- The last step of a script: deals out what is ready, tells the journal, wakes who may take what became ready.
  function rules.finish(in_line)
    local rest = in_line + became_ready
    deal()
    for worker, number in pairs(tell()) do
      if redis.call('HDEL', k.idle, worker) == 1 then
        redis.call('RPUSH', k.wake .. worker, '')
        redis.call('PEXPIRE', k.wake .. worker, 60000)
        rest = rest - number
      end
    end
    wake_idle(k.idle, k.wake, rest)
  end

  return rules
end
