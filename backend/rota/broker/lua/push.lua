-- Takes tasks into line; ids that are held already are left alone.
-- KEYS: tasks ready scheduled ranks deadlines tries journal epoch idle wake config running counts limits starts parked unpark crew lane laned stats
-- USES: rules
-- ARGV: by (an instant; what comes later is refused whole), then for each task: id payload rank due_at deadline_at number used deaths   (0 = none)
-- Returns: how many were new, now, whether it came too late (0/1)
local tasks, ready, scheduled, ranks, deadlines, tries, journal, epoch, idle, wake, config = unpack(KEYS)
local now = now_ms()
local pushed, in_line = {}, 0
-- It may have been pushed by the reconciler since, and have ended: then it must not start once more.
if now > tonumber(ARGV[1]) then return { 0, int(now), 1 } end

for i = 2, #ARGV, 8 do
  local id, payload, rank, due, deadline = ARGV[i], ARGV[i + 1], ARGV[i + 2], tonumber(ARGV[i + 3]), ARGV[i + 4]
  local number, used, deaths = ARGV[i + 5], ARGV[i + 6], ARGV[i + 7]
  if redis.call('HSETNX', tasks, id, payload) == 1 then
    if due > now then
      redis.call('ZADD', scheduled, ARGV[i + 3], id)
      redis.call('HSET', ranks, id, rank)
    else
      redis.call('ZADD', ready, rank, id)
      in_line = in_line + 1
      due = 0
    end
    if deadline ~= '0' then redis.call('ZADD', deadlines, deadline, id) end
    if number ~= '0' then redis.call('HSET', tries, id, number .. ':' .. used .. ':' .. deaths) end
    pushed[#pushed + 1] = '[' .. quote(id) .. ',' .. int(due) .. ']'
  end
end

if #pushed > 0 then
  note(journal, epoch, 'pushed', now, '', '0', '[' .. table.concat(pushed, ',') .. ']')
  local settings = redis.call('HMGET', config, 'paused', 'special')
  if settings[2] then
    Rules(all_keys(), settings[2], settings[1] ~= '1', now).finish(in_line)
  else
    wake_idle(idle, wake, in_line)
  end
end
return { #pushed, int(now), 0 }
