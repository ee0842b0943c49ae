"""What is done to many buckets at a time where they are, on the server, which so much need not be sent to: scripts in Lua.

As datasketch has them, a table is a hash of its keys, whose name with a key after it is the set of the numbers in this bucket;
and the name of the table of numbers with a number after it is the list of the keys that this number has in the others.
"""

from __future__ import annotations

from typing import Final

# KEYS: the table of numbers, that of texts, those of the bands. ARGV: number, key of its text (or nothing), …
TAKE_OUT: Final = """
local function leave(name, key, number)
  redis.call('SREM', name .. key, number)
  if redis.call('EXISTS', name .. key) == 0 then redis.call('HDEL', name, key) end
end
for at = 1, #ARGV, 2 do
  local number, text = ARGV[at], ARGV[at + 1]
  for band, key in ipairs(redis.call('LRANGE', KEYS[1] .. number, 0, -1)) do leave(KEYS[band + 2], key, number) end
  redis.call('DEL', KEYS[1] .. number)
  redis.call('HDEL', KEYS[1], number)
  if text ~= '' then leave(KEYS[2], text, number) end
end
"""

# KEYS: the table of texts, those of the bands. ARGV: bytes of a band; number, key of its text, signature (or nothing), …
# The numbers that are not in all of their buckets.
LACKING: Final = """
local width, lacking = tonumber(ARGV[1]), {}
for at = 2, #ARGV, 3 do
  local number, text, signature = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  local there = redis.call('SISMEMBER', KEYS[1] .. text, number)
  for band = 1, #signature / width do
    local key = string.sub(signature, (band - 1) * width + 1, band * width)
    there = there * redis.call('SISMEMBER', KEYS[band + 1] .. key, number)
  end
  if there == 0 then table.insert(lacking, number) end
end
return lacking
"""

# KEYS: a table of texts or of a band. ARGV: a place in it, how many buckets; numbers to take out, …
# The next place, which is 0 at the end, and the numbers that were in these buckets, with blanks between.
WALK: Final = """
local step, gone, met = redis.call('HSCAN', KEYS[1], ARGV[1], 'COUNT', ARGV[2]), {}, {}
for at = 3, #ARGV do gone[ARGV[at]] = true end
for at = 1, #step[2], 2 do
  local key, bucket = step[2][at], step[2][at + 1]
  for _, number in ipairs(redis.call('SMEMBERS', bucket)) do
    table.insert(met, number)
    if gone[number] then redis.call('SREM', bucket, number) end
  end
  if #ARGV > 2 and redis.call('EXISTS', bucket) == 0 then redis.call('HDEL', KEYS[1], key) end
end
return {step[1], table.concat(met, ' ')}
"""

# KEYS: the totals, the table of documents, that of passages. What is said of how many there are, and how many rows there are.
SIZES: Final = """
local said = redis.call('HMGET', KEYS[1], 'documents', 'passages', 'next')
return {said, redis.call('HLEN', KEYS[2]), redis.call('HLEN', KEYS[3])}
"""
