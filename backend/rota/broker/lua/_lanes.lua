-- Put in front of the scripts whose header says "USES: rules": who has which tasks that are not started.

-- s: what limits and lanes share, as _rules.lua makes it.
local function Lanes(s)
  local k, now = s.k, s.now
  local lanes = {}

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
        load = s.running_of('w:' .. found[i]),
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

  -- The member whose turn is after the last one's, or who has the most room for its slots, of those that have the function;
  -- nil: their lanes are full.
  local function next_member(turn, name)
    local chosen, least
    for _, one in ipairs(members()) do
      if one.lane < one.slots and (not name or s.offers.has(one.id, name)) then
        if s.strategy == 'ROUND_ROBIN' then
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
  function lanes.deal()
    if not (s.has_lanes and s.is_open) then return end
    local room = 0
    for _, one in ipairs(members()) do room = room + math.max(one.slots - one.lane, 0) end
    if room == 0 then return end
    local turn, given, owners = redis.call('HGET', k.config, 'turn') or '', {}, {}
    local function put(id, rank, to)
      to.lane, turn = to.lane + 1, to.id
      given[to.id] = given[to.id] or {}
      table.insert(given[to.id], rank)
      table.insert(given[to.id], id)
      owners[#owners + 1] = id
      owners[#owners + 1] = to.id
      dealt[#dealt + 1] = id
      fresh[id] = to.id
    end
    if s.is_sorted then
      local function has_room(name) return next_member('', name) ~= nil end
      local number
      repeat -- those of one function may have filled the lanes of all that have it, while others have room
        number = #owners
        for _, one in ipairs(s.offers.best(has_room, math.min(room, 1000))) do
          local to = next_member(turn, one[3])
          if to then
            s.offers.remove(one)
            put(one[1], one[2], to)
          end
        end
      until #owners == number
    else
      local popped = redis.call('ZPOPMIN', k.ready, math.min(room, 1000))
      for i = 1, #popped, 2 do put(popped[i], popped[i + 1], next_member(turn)) end
    end
    if #owners == 0 then return end
    for worker, lane in pairs(given) do in_parts('ZADD', k.lane .. worker, lane) end
    in_parts('HSET', k.laned, owners)
    redis.call('HSET', k.config, 'turn', turn)
  end

  -- Puts all of a worker's lane back into line.
  local function give_back(worker)
    local lane = redis.call('ZRANGE', k.lane .. worker, 0, -1, 'WITHSCORES')
    for i = 1, #lane, 2 do
      redis.call('ZADD', k.ready, lane[i + 1], lane[i])
      redis.call('HDEL', k.laned, lane[i])
      s.back[#s.back + 1] = lane[i]
    end
    redis.call('DEL', k.lane .. worker)
    s.became_ready = s.became_ready + #lane / 2
    crew = nil
  end

  function lanes.join(worker, slots, steals)
    if not s.has_lanes then return end
    redis.call('HSET', k.crew, worker, slots .. ':' .. steals)
    crew = nil
  end

  function lanes.leave(worker)
    if not s.has_lanes then return end
    redis.call('HDEL', k.crew, worker)
    give_back(worker)
  end

  function lanes.members()
    local names = {}
    for i, one in ipairs(members()) do names[i] = one.id end
    return names
  end

  -- The best-ranked in somebody's lane that a worker can do, as ZPOPMIN gives it; in a sorted queue of the first 20.
  local function first_for(own, from)
    if not s.is_sorted then return redis.call('ZPOPMIN', k.lane .. from.id) end
    local head, ids = redis.call('ZRANGE', k.lane .. from.id, 0, 19, 'WITHSCORES'), {}
    for i = 1, #head, 2 do ids[#ids + 1] = head[i] end
    for i, name in ipairs(s.offers.names_of(ids)) do
      if s.offers.has(own.id, name) then
        redis.call('ZREM', k.lane .. from.id, ids[i])
        return { ids[i], head[2 * i] }
      end
    end
    return {}
  end

  local function steal(own, most)
    local of_no_use = {}
    local got = {}
    for _ = 1, most do
      local fullest
      for _, one in ipairs(members()) do
        if one ~= own and one.lane > 0 and not of_no_use[one.id] and (not fullest or one.lane > fullest.lane) then fullest = one end
      end
      if not fullest then break end
      local first = first_for(own, fullest)
      if first[1] then fullest.lane = fullest.lane - 1 else of_no_use[fullest.id] = true end
      for _, value in ipairs(first) do got[#got + 1] = value end
    end
    s.count('stolen', #got / 2)
    return got
  end

  -- The next tasks of a worker, as ZPOPMIN gives them: from the line, or from its lane, or from others' lanes.
  function lanes.take(worker, most)
    if not s.has_lanes then
      if s.is_sorted then return s.offers.take(worker, most) end
      return redis.call('ZPOPMIN', k.ready, most)
    end
    lanes.deal()
    local own = member(worker)
    local taken = redis.call('ZPOPMIN', k.lane .. worker, most)
    own.lane = own.lane - #taken / 2
    if #taken == 0 and own.steals then taken = steal(own, most) end
    for i = 1, #taken, 2 do
      local id = taken[i]
      redis.call('HDEL', k.laned, id)
      if fresh[id] then fresh[id] = nil else s.was_laned[id] = true end
    end
    return taken
  end

  function lanes.started(worker, number)
    if not s.has_lanes or number == 0 then return end
    redis.call('HINCRBY', k.counts, 'w:' .. worker, number)
    local own = member(worker)
    own.load = own.load + number
  end

  -- A task runs no longer.
  function lanes.ended(worker)
    if s.has_lanes then s.uncount('w:' .. worker) end
  end

  -- Whether a task is in a lane.
  function lanes.holds(id)
    return s.has_lanes and redis.call('HEXISTS', k.laned, id) == 1
  end

  -- Takes a waiting task out of its lane.
  function lanes.take_out(id, is_told)
    local worker = s.has_lanes and redis.call('HGET', k.laned, id)
    if not worker then return end
    redis.call('ZREM', k.lane .. worker, id)
    redis.call('HDEL', k.laned, id)
    crew = nil
    if is_told then s.back[#s.back + 1] = id end
  end

  local function numbered(id)
    return quote(id) .. ',' .. (string.match(redis.call('HGET', k.tries, id) or '', '^%d+') or '0')
  end

  -- Tells the journal who left a lane unstarted and who came into one. Returns worker -> how many it was given.
  function lanes.tell()
    local left, came, given = {}, {}, {}
    for _, id in ipairs(s.back) do left[#left + 1] = '[' .. numbered(id) .. ']' end
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
    s.count('assigned', #came)
    return given
  end

  -- Puts all lanes back into line.
  function lanes.disband()
    for _, one in ipairs(lanes.members()) do give_back(one) end
  end

  return lanes
end
