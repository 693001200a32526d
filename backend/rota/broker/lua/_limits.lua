-- Put in front of the scripts whose header says "USES: rules": what may run at once, and how much may start in a period.

-- s: what limits and lanes share, as _rules.lua makes it.
local function Limits(s)
  local k, now = s.k, s.now
  local limits = {}

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

  -- How many more may run by the count alone.
  local function room_of(name, limit)
    if limit.running == 0 then return math.huge end
    return limit.running - s.running_of(name)
  end

  -- From when one more may start; math.huge: when one of those that run has ended.
  local function opens_at(name, limit)
    if room_of(name, limit) <= 0 then return math.huge end
    return window_opens(name, limit, 1)
  end

  local function no_longer_parks(name)
    if redis.call('EXISTS', k.parked .. name) == 0 then redis.call('ZREM', k.unpark, name) end
  end

  -- Puts the best-ranked of what a limit holds back into line. Returns how many.
  local function offer(name, most)
    local moved = redis.call('ZPOPMIN', k.parked .. name, most)
    for i = 1, #moved, 2 do redis.call('ZADD', k.ready, moved[i + 1], moved[i]) end
    no_longer_parks(name)
    s.became_ready = s.became_ready + #moved / 2
    return #moved / 2
  end

  -- One of a limit's tasks runs no longer, or is on offer no longer: the next that it holds back may take its place.
  local function offer_next(name, limit)
    if redis.call('ZSCORE', k.unpark, name) and opens_at(name, limit) <= now then offer(name, 1) end
  end

  -- How many of `want` tasks the queue's own limit lets start.
  local whole_opens = math.huge
  function limits.room(want)
    local limit = s.is_limited and limit_of('q')
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
  function limits.next_at()
    local first = redis.call('ZRANGE', k.unpark, 0, 0, 'WITHSCORES')[2]
    return math.min(whole_opens, first and first ~= 'inf' and tonumber(first) or math.huge)
  end

  local function park(id, rank, name, at)
    redis.call('ZADD', k.parked .. name, rank, id)
    if at == math.huge then redis.call('ZADD', k.unpark, 'NX', '+inf', name) else redis.call('ZADD', k.unpark, int(at), name) end
    if s.was_laned[id] then s.back[#s.back + 1] = id end
    s.count('limited', 1)
  end

  -- Whether a task may start: then it counts as running. Else it is parked with the limit that it met first.
  function limits.admit(id, payload, rank)
    if not s.is_limited then return true end
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
  function limits.unpark(most)
    if not s.is_limited then return 0 end
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

  -- A task runs no longer. To be called while its payload is still there.
  function limits.ended(id)
    if not s.is_limited then return end
    for _, one in ipairs(limits_of(redis.call('HGET', k.tasks, id) or '')) do
      s.uncount(one.name)
      if one.name == 'q' then
        if s.has_lanes or s.is_sorted or redis.call('EXISTS', k.ready) == 1 then s.became_ready = s.became_ready + 1 end
      else
        offer_next(one.name, one.limit)
      end
    end
  end

  -- Whether a task is parked.
  function limits.holds(id)
    for _, name in ipairs(s.is_limited and names_of(redis.call('HGET', k.tasks, id) or '') or {}) do
      if redis.call('ZSCORE', k.parked .. name, id) then return true end
    end
    return false
  end

  -- Takes a waiting task out of the parked sets. To be called while its payload is still there.
  function limits.take_out(id)
    local payload = s.is_limited and redis.call('HGET', k.tasks, id)
    for _, name in ipairs(payload and names_of(payload) or {}) do
      if redis.call('ZREM', k.parked .. name, id) == 1 then no_longer_parks(name) end
      local limit = limit_of(field_of(name))
      if limit then offer_next(name, limit) end -- it may have been on offer
    end
  end

  -- The limits under which a running task counts.
  function limits.counted(id)
    return s.is_limited and limits_of(redis.call('HGET', k.tasks, id) or '') or {}
  end

  -- Looks again at what limits hold back: at all of it, or at some.
  function limits.look_again(is_all)
    local names = is_all and redis.call('ZRANGE', k.unpark, 0, -1) or redis.call('ZRANDMEMBER', k.unpark, 500)
    for _, name in ipairs(names) do
      local limit = limit_of(field_of(name))
      local at = limit and opens_at(name, limit) or 0
      redis.call('ZADD', k.unpark, at == math.huge and '+inf' or int(at), name)
    end
  end

  return limits
end
