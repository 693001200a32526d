-- Which of these tasks are not held here, with the journal's last id at the same instant.
-- KEYS: tasks journal epoch
-- ARGV: ids
-- Returns: last journal id ('' where there is none), epoch (''), then the missing ids
local tasks, journal, epoch = unpack(KEYS)
local last = ''
if redis.call('EXISTS', journal) == 1 then
  local info = redis.call('XINFO', 'STREAM', journal)
  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' then last = info[i + 1] end
  end
end
local answer = { last, redis.call('GET', epoch) or '' }
for _, id in ipairs(ARGV) do
  if redis.call('HEXISTS', tasks, id) == 0 then answer[#answer + 1] = id end
end
return answer
