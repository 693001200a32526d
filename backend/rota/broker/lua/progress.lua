-- Journals how far running attempts are and what they say.
-- KEYS: journal epoch
-- ARGV: worker progress(JSON list) lines(JSON list), each empty for none
-- Returns: 1
local now = now_ms()
if ARGV[2] ~= '' then note(KEYS[1], KEYS[2], 'progress', now, ARGV[1], '0', ARGV[2]) end
if ARGV[3] ~= '' then note(KEYS[1], KEYS[2], 'said', now, ARGV[1], '0', ARGV[3]) end
return 1
