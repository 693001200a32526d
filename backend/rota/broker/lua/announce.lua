-- Announces a change after its commit, or only tells where the announcements stand.
-- KEYS: stream epoch
-- ARGV: body(JSON, zlib where it is long; '' = only tell) kept
-- Returns: epoch, last id
local stream, epoch = unpack(KEYS)
local t = redis.call('TIME')
redis.call('SET', epoch, t[1] .. string.format('%06d', t[2]), 'NX')
if ARGV[1] ~= '' then
  local id = redis.call('XADD', stream, 'MAXLEN', '~', ARGV[2], '*', 'b', ARGV[1])
  return { redis.call('GET', epoch), id }
end
if redis.call('EXISTS', stream) == 0 then redis.call('XADD', stream, '*', 'b', '{"t":[]}') end
local info = redis.call('XINFO', 'STREAM', stream)
for i = 1, #info, 2 do
  if info[i] == 'last-generated-id' then return { redis.call('GET', epoch), info[i + 1] } end
end
