-- Takes the outcomes of attempts from the worker that holds their leases; what comes with another token is refused
-- and kept as late. The same settle id gives the same answer again. An outcome of what ran when Redis was emptied and is not
-- taken back yet is journalled, too: SQL checks its token, and whoever takes back leaves it alone.
-- KEYS: ready scheduled ranks deadlines tasks tries running leases settles journal epoch idle wake config counts limits starts parked unpark crew lane laned stats offers lines vouched
-- USES: rules
-- ARGV: worker settle_id, then for each: id token(number:lease) goes_on(0; 1: it goes on; 2: it was not begun; 3: not begun, for the worker has no such function) due rank used body
-- Returns: a text of one 1 (taken) or 0 (refused) for each
local ready, scheduled, ranks, deadlines, tasks, tries, running, leases, settles, journal, epoch, idle, wake, config = unpack(KEYS)
local vouched = all_keys().vouched
local worker, settle_id = ARGV[1], ARGV[2]

local last = redis.call('HGET', settles, worker)
if last and string.sub(last, 1, #settle_id + 1) == settle_id .. ' ' then return string.sub(last, #settle_id + 2) end

local now = now_ms()
local names, runs = {}, {}
for i = 3, #ARGV, 7 do
  names[#names + 1] = ARGV[i]
  if ARGV[i + 2] == '3' then sort_queue(config) end
end
local settings = redis.call('HMGET', config, 'paused', 'special')
local rules = settings[2] and Rules(all_keys(), settings[2], settings[1] ~= '1', now)
local flags, taken, late, gone, ended, in_line = {}, {}, {}, {}, {}, 0
local rebuilt, unheld = is_rebuilt(config), {}
for i, run in ipairs(values_of(running, names)) do runs[names[i]] = run end
for i = 3, #ARGV, 7 do
  local id, token, goes_on, due, rank, used, body = unpack(ARGV, i, i + 6)
  local run = runs[id]
  local right = token .. ':' .. worker .. ':'
  if run and string.sub(run, 1, #right) == right then
    flags[#flags + 1] = '1'
    taken[#taken + 1] = body
    gone[#gone + 1] = id
    -- Taken at once, not at the end: a batch that names a task twice must not settle it twice.
    runs[id] = nil
    if rules then
      redis.call('HDEL', running, id)
      rules.ended(id, worker)
    end
    if goes_on ~= '0' then
      local number, _, _, _, deadline, _, _, deaths = parse_run(run)
      -- What was not begun was no run.
      if goes_on ~= '1' then number = int(tonumber(number) - 1) end
      in_line = in_line + put_back(id, rank, tonumber(due), deadline, number .. ':' .. used .. ':' .. deaths, now, ready, scheduled, ranks, deadlines, tries)
    else
      ended[#ended + 1] = id
    end
  elseif not run and not rebuilt and redis.call('HEXISTS', tasks, id) == 0 then
    flags[#flags + 1] = '1'
    taken[#taken + 1] = body
    unheld[#unheld + 1] = id
  else
    flags[#flags + 1] = '0'
    late[#late + 1] = body
  end
end

if not rebuilt then
  in_parts('SADD', vouched, gone)
  in_parts('SADD', vouched, unheld)
end
in_parts('HDEL', running, gone)
in_parts('ZREM', leases, gone)
in_parts('HDEL', tasks, ended)
if redis.call('EXISTS', tries) == 1 then in_parts('HDEL', tries, ended) end
if #taken > 0 then note(journal, epoch, 'settled', now, worker, '0', '[' .. table.concat(taken, ',') .. ']') end
if #late > 0 then note(journal, epoch, 'late', now, worker, '0', '[' .. table.concat(late, ',') .. ']') end
if rules then rules.finish(in_line) else wake_idle(idle, wake, in_line) end
local answer = table.concat(flags)
redis.call('HSET', settles, worker, settle_id .. ' ' .. answer)
return answer
