-- Takes tasks into line; ids that are held already are left alone. Journalled is only what SQL cannot know: whether what waits
-- for its instant is ready by now, and that Redis was empty. Who pushes has committed the rest, and tells of it.
-- KEYS: tasks ready scheduled ranks deadlines tries journal epoch idle wake config running counts limits starts parked unpark crew lane laned stats
-- USES: rules
-- ARGV: by (an instant; what comes later is refused whole), then for each task: id payload rank more   (more: due_at:deadline_at:number:used:deaths, 0 = none; '' = all 0)
-- Returns: how many were new, now, whether it came too late (0/1)
local tasks, ready, scheduled, ranks, deadlines, tries, journal, epoch, idle, wake, config = unpack(KEYS)
local now = now_ms()
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

if #payloads > 0 then
  if #told > 0 or redis.call('EXISTS', epoch) == 0 then
    note(journal, epoch, 'pushed', now, '', '0', '[' .. table.concat(told, ',') .. ']')
  end
  local settings = redis.call('HMGET', config, 'paused', 'special')
  if settings[2] then
    Rules(all_keys(), settings[2], settings[1] ~= '1', now).finish(#line / 2)
  else
    wake_idle(idle, wake, #line / 2)
  end
end
return { #payloads / 2, int(now), 0 }
