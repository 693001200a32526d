-- Put in front of the scripts whose header says "USES: rules": who has which functions, where not all workers have the same.
-- Such a queue is sorted: what is ready stands in a line of each function, so that nobody looks through what it cannot do.

-- Whether the workers of a queue differ in their functions.
local function offers_differ(offers)
  local texts = redis.call('HVALS', offers)
  for i = 2, #texts do
    if texts[i] ~= texts[1] then return true end
  end
  return false
end

-- `special` as `config` has it: STRATEGY:is_limited(0/1):is_sorted(0/1); false where a queue is none of that.
local function special_of(strategy, is_limited, is_sorted)
  if strategy == 'PRIORITY' and not is_limited and not is_sorted then return false end
  return strategy .. ':' .. (is_limited and '1' or '0') .. ':' .. (is_sorted and '1' or '0')
end

local function parse_special(special)
  local strategy, limited, sorted = string.match(special or 'PRIORITY:0:0', '^([%u_]+):([01]):?([01]?)$')
  return strategy, limited == '1', sorted == '1'
end

local function keep_special(config, special)
  if special then redis.call('HSET', config, 'special', special) else redis.call('HDEL', config, 'special') end
  return special
end

-- Has a queue sorted from now on.
local function sort_queue(config)
  local strategy, is_limited = parse_special(redis.call('HGET', config, 'special'))
  keep_special(config, special_of(strategy, is_limited, true))
end

-- s: what limits, lanes and offers share, as _rules.lua makes it.
local function Offers(s)
  local k = s.k
  local offers = {}
  local at_once, most_poured = 500, 10000
  local function line_of(name) return k.lines .. ':' .. name end
  local fresh = {} -- function -> how many came into its line in this script and were not taken

  -- The function of a payload, as it is written there, which begins with it; '': it cannot be read.
  local function name_of(payload)
    if not payload or string.sub(payload, 1, 6) ~= '{"f":"' then return '' end
    local at = 7
    while true do
      local quoted = string.find(payload, '"', at, true)
      if not quoted then return '' end
      local slashes = string.match(string.sub(payload, 7, quoted - 1), '\\*$')
      if #slashes % 2 == 0 then return string.sub(payload, 7, quoted - 1) end
      at = quoted + 1
    end
  end

  local texts = {}
  -- Whether a worker has a function. Of one that has not told it is not known: it gives back what it has not.
  function offers.has(worker, name)
    if texts[worker] == nil then texts[worker] = redis.call('HGET', k.offers, worker) end
    local text = texts[worker]
    return not text or name == '' or string.find(text, '\n' .. name .. '\n', 1, true) ~= nil
  end

  -- The functions of these tasks.
  function offers.names_of(ids)
    local names = values_of(k.tasks, ids)
    for i = 1, #ids do names[i] = name_of(names[i]) end
    return names
  end

  -- Puts what is ready, the best-ranked first, into the lines of its functions.
  local function sort()
    local popped = redis.call('ZPOPMIN', k.ready, at_once)
    if #popped == 0 then return end
    local ids, by_name = {}, {}
    for i = 1, #popped, 2 do ids[#ids + 1] = popped[i] end
    for i, name in ipairs(offers.names_of(ids)) do
      by_name[name] = by_name[name] or {}
      table.insert(by_name[name], popped[2 * i])
      table.insert(by_name[name], ids[i])
    end
    for name, line in pairs(by_name) do
      in_parts('ZADD', line_of(name), line)
      redis.call('SADD', k.lines, name)
      fresh[name] = (fresh[name] or 0) + #line / 2
    end
  end

  local function left_line(name, id)
    local is_there = redis.call('ZREM', line_of(name), id) == 1
    if is_there and redis.call('EXISTS', line_of(name)) == 0 then redis.call('SREM', k.lines, name) end
    return is_there
  end

  -- The best-ranked of the lines that `is_wanted(name)`: a list of { id, rank (text), name }, at most `most`.
  function offers.best(is_wanted, most)
    sort()
    local found = {}
    for _, name in ipairs(redis.call('SMEMBERS', k.lines)) do
      if is_wanted(name) then
        local line = redis.call('ZRANGE', line_of(name), 0, most - 1, 'WITHSCORES')
        for i = 1, #line, 2 do found[#found + 1] = { line[i], line[i + 1], name, tonumber(line[i + 1]) } end
      end
    end
    table.sort(found, function(a, b)
      if a[4] ~= b[4] then return a[4] < b[4] end
      return a[1] < b[1]
    end)
    for i = #found, most + 1, -1 do found[i] = nil end
    return found
  end

  -- Takes one of these out of its line.
  function offers.remove(one)
    left_line(one[3], one[1])
    if fresh[one[3]] then fresh[one[3]] = fresh[one[3]] - 1 end
  end

  -- The next tasks of a worker, as ZPOPMIN gives them.
  function offers.take(worker, most)
    local taken = {}
    for _, one in ipairs(offers.best(function(name) return offers.has(worker, name) end, most)) do
      offers.remove(one)
      taken[#taken + 1] = one[1]
      taken[#taken + 1] = one[2]
    end
    return taken
  end

  -- Whether there is more than was sorted so far.
  function offers.is_behind() return s.is_sorted and redis.call('EXISTS', k.ready) == 1 end

  function offers.holds(id)
    return s.is_sorted and redis.call('ZSCORE', line_of(name_of(redis.call('HGET', k.tasks, id))), id)
  end

  -- Takes a waiting task out of its line. To be called while its payload is still there.
  function offers.take_out(id)
    if s.is_sorted then left_line(name_of(redis.call('HGET', k.tasks, id)), id) end
  end

  -- Sorts, and wakes idle workers that have a function of what came, until their wants cover it; where nothing came
  -- but something became possible, of `rest` tasks of any line.
  function offers.wake(rest)
    sort()
    local wanted, is_any = {}, false
    for name, number in pairs(fresh) do
      if number > 0 then wanted[name], is_any = number, true end
    end
    if not is_any then
      if rest <= 0 then return end
      for _, name in ipairs(redis.call('SMEMBERS', k.lines)) do wanted[name] = math.min(redis.call('ZCARD', line_of(name)), rest) end
    end
    local waiting = redis.call('HGETALL', k.idle)
    for i = 1, #waiting, 2 do
      local worker, want, is_woken = waiting[i], tonumber(string.match(waiting[i + 1], '^%d+')), false
      for name, number in pairs(wanted) do
        if want > 0 and number > 0 and offers.has(worker, name) then
          local covered = math.min(want, number)
          wanted[name], want, is_woken = number - covered, want - covered, true
        end
      end
      if is_woken then
        redis.call('HDEL', k.idle, worker)
        redis.call('RPUSH', k.wake .. worker, '')
        redis.call('PEXPIRE', k.wake .. worker, 60000)
      end
    end
  end

  -- Whether one line will do again, for each worker has all that waits: then what waits is in it. A long one is left to
  -- get shorter first.
  function offers.unsort()
    local known = redis.call('HVALS', k.offers)
    if not s.is_sorted or #known == 0 or offers_differ(k.offers) or offers.is_behind() then return false end
    local names, total = redis.call('SMEMBERS', k.lines), 0
    for _, name in ipairs(names) do
      if name ~= '' and not string.find(known[1], '\n' .. name .. '\n', 1, true) then return false end
      total = total + redis.call('ZCARD', line_of(name))
    end
    if total > most_poured then return false end
    for _, name in ipairs(names) do
      redis.call('ZUNIONSTORE', k.ready, 2, k.ready, line_of(name))
      redis.call('DEL', line_of(name))
    end
    redis.call('DEL', k.lines)
    s.is_sorted = false
    return true
  end

  return offers
end
