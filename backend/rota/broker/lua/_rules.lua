-- Put in front of the scripts whose header says "USES: rules": limits, lanes and offers together. Made only for a queue that has one of them.

-- k: all keys by name. special: as `config` has it (_offers.lua).
local function Rules(k, special, is_open, now)
  local strategy, is_limited, is_sorted = parse_special(special)
  local stats = {}
  -- became_ready: what parked sets and lanes gave back. was_laned: id -> true, of what a worker took from a lane.
  -- back: the ids that have left a lane unstarted.
  local s = {
    k = k, now = now, is_open = is_open, strategy = strategy, has_lanes = strategy ~= 'PRIORITY', is_limited = is_limited, is_sorted = is_sorted,
    became_ready = 0, was_laned = {}, back = {},
  }

  function s.count(what, by) stats[what] = (stats[what] or 0) + by end

  function s.running_of(name) return tonumber(redis.call('HGET', k.counts, name) or '0') end

  function s.uncount(name)
    if redis.call('HINCRBY', k.counts, name, -1) <= 0 then redis.call('HDEL', k.counts, name) end
  end

  s.offers = Offers(s)
  local limits, lanes, offers = Limits(s), Lanes(s), s.offers
  local rules = {
    is_limited = s.is_limited,
    room = limits.room, next_at = limits.next_at, admit = limits.admit, unpark = limits.unpark,
    is_behind = offers.is_behind, unsort = offers.unsort,
    join = lanes.join, leave = lanes.leave, members = lanes.members, take = lanes.take, started = lanes.started,
  }

  -- A task runs no longer. To be called while its payload is still there.
  function rules.ended(id, worker)
    lanes.ended(worker)
    limits.ended(id)
  end

  -- Whether a task is parked, in a lane or in its function's line.
  function rules.holds(id) return lanes.holds(id) or limits.holds(id) or offers.holds(id) end

  -- Takes waiting tasks out of lanes, parked sets and lines of functions. To be called while their payloads are still there.
  function rules.take_out(ids, is_told)
    for _, id in ipairs(ids) do
      lanes.take_out(id, is_told)
      limits.take_out(id)
      offers.take_out(id)
    end
  end

  -- Counts anew what runs, and looks again at what limits hold back: at all of it, or at some. Returns how many counts
  -- were wrong.
  function rules.recount(is_all)
    local was, is, wrong = redis.call('HGETALL', k.counts), {}, 0
    local runs = redis.call('HGETALL', k.running)
    for i = 1, #runs, 2 do
      local _, _, worker = parse_run(runs[i + 1])
      if s.has_lanes then is['w:' .. worker] = (is['w:' .. worker] or 0) + 1 end
      for _, one in ipairs(limits.counted(runs[i])) do
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
    limits.look_again(is_all)
    return wrong
  end

  -- Tells the journal and the statistics what was moved. Returns worker -> how many its lane was given.
  local function tell()
    local given = lanes.tell()
    for what, by in pairs(stats) do
      if by > 0 then redis.call('HINCRBY', k.stats, what, by) end
    end
    return given
  end

  -- All lanes go back into line, as their queue gets another strategy.
  function rules.disband()
    lanes.disband()
    tell()
  end

  -- The last step of a script: deals out what is ready, tells the journal, wakes who may take what became ready.
  function rules.finish(in_line)
    local rest = in_line + s.became_ready
    lanes.deal()
    for worker, number in pairs(tell()) do
      if redis.call('HDEL', k.idle, worker) == 1 then
        redis.call('RPUSH', k.wake .. worker, '')
        redis.call('PEXPIRE', k.wake .. worker, 60000)
        rest = rest - number
      end
    end
    -- Who is idle in a queue with lanes may steal; else only who has the function of what came is of use.
    if s.is_sorted and not s.has_lanes then offers.wake(rest) else wake_idle(k.idle, k.wake, rest) end
  end

  return rules
end
