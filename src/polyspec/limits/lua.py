"""The arithmetic of `polyspec.core.tally` inside Redis: each step is one call, by the clock of the server."""

from __future__ import annotations

from typing import Final

from polyspec.core.tally import DECREASE, FLOOR, GRAINS, RECOVERY

__all__ = ["LEASE", "PUT", "REFUSE", "RELEASE", "RESERVE"]

_NOW: Final = "local clock = redis.call('TIME')\nlocal now = clock[1] * 1000000 + clock[2]\n"

# A gate is remembered for a day, so that whoever sleeps until its place can tell what happened meanwhile.
_COMMON: Final = f"""
local GRAINS, DECREASE, FLOOR, RECOVERY = {GRAINS}, {DECREASE}, {FLOOR}, {RECOVERY!r}
local DAY = 86400000

local function read(key)
  local raw = redis.call('GET', key)
  return raw and cmsgpack.unpack(raw) or nil
end

local function keep(key, state, micros)
  redis.call('SET', key, cmsgpack.pack(state), 'PX', math.max(1000, math.ceil(micros / 1000) + 1000))
end

-- A server whose clock is set back goes on from where it was: what is booked must not wait for so long.
local function steady(key)
  local state = read(key) or {{0, 0}}
  local last, added = state[1], state[2]
  if now < last then added = added + last - now end
  if now < last or now > last + 100000 then
    redis.call('SET', key, cmsgpack.pack({{now, added}}), 'PX', 2 * DAY)
  end
  return now + added
end

local function gate(key)
  local state = read(key)
  if not state then return -math.huge, 0, 1, nil end
  return state[1], state[2], math.min(1, state[3] + RECOVERY * math.max(0, now - state[4])), state
end

local function grain(size, span)
  return size > GRAINS and math.floor(span / GRAINS) or 0
end

local function recent(state, since)
  local kept = {{}}
  for place = 1, #state, 2 do
    if state[place] > since then
      kept[#kept + 1] = state[place]
      kept[#kept + 1] = state[place + 1]
    end
  end
  return kept
end
"""

RESERVE: Final = (
    _NOW
    + _COMMON
    + """
-- KEYS: holders, clock, gates, limits. ARGV: patience, holder or '', memory of holders, number of gates, then
-- for each limit: count, size, held, span, window, ahead, own
now = steady(KEYS[2])
local patience, gates = tonumber(ARGV[1]), tonumber(ARGV[4])
local holders = 0
if ARGV[2] ~= '' then
  redis.call('ZADD', KEYS[1], now, ARGV[2])
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - tonumber(ARGV[3]))
  redis.call('PEXPIRE', KEYS[1], math.ceil(ARGV[3] / 1000))
  holders = redis.call('ZCARD', KEYS[1])
end

local leaves, epoch, own, common = now, 0, 1, 1
for number = 1, gates do
  local closed, times, share = gate(KEYS[2 + number])
  leaves, epoch, own = math.max(leaves, closed), epoch + times, math.min(own, share)
  if number > 1 then common = math.min(common, share) end
end

local limits = {}
for number = 1, #KEYS - 2 - gates do
  local at = 4 + (number - 1) * 7
  local limit = {
    key = KEYS[2 + gates + number], count = tonumber(ARGV[at + 1]), size = tonumber(ARGV[at + 2]),
    held = tonumber(ARGV[at + 3]), span = tonumber(ARGV[at + 4]), window = ARGV[at + 5] == '1',
    share = ARGV[at + 7] == '1' and own or common,
  }
  limit.state = read(limit.key) or {}
  limits[number] = limit
  local state = limit.state
  if ARGV[at + 6] ~= '1' and #state > 0 then
    if limit.window then
      local room = math.max(limit.count, math.floor((limit.size - limit.held) * limit.share + 1e-9))
      local known = limit.count
      for place = #state - 1, 1, -2 do
        known = known + state[place + 1]
        if known > room then
          leaves = math.max(leaves, state[place] + limit.span)
          break
        end
      end
    else
      local size = math.max(limit.count, (limit.size - limit.held) * limit.share)
      local ready = state[1] - (size - limit.count) * (limit.span / limit.share)
      if ready > now + 1 then leaves = math.max(leaves, ready) end
    end
  end
end

local wait = leaves - now
if wait <= patience then
  for _, limit in ipairs(limits) do
    local state = limit.state
    if limit.window then
      local kept, width = recent(state, now - limit.span), grain(limit.size, limit.span)
      local moment = width > 0 and math.ceil(leaves / width) * width or leaves
      local place = #kept
      while place > 0 and kept[place - 1] > moment do place = place - 2 end
      if place > 0 and kept[place - 1] == moment then
        kept[place] = kept[place] + limit.count
      else
        table.insert(kept, place + 1, moment)
        table.insert(kept, place + 2, limit.count)
      end
      keep(limit.key, kept, kept[#kept - 1] + limit.span - now)
    else
      local due = math.max(state[1] or leaves, leaves) + limit.count * (limit.span / limit.share)
      keep(limit.key, {due}, due - now)
    end
  end
end
return {math.ceil(wait), epoch, holders}
"""
)

REFUSE: Final = (
    _NOW
    + _COMMON
    + """
-- KEYS: clock, gate, limit if any.  ARGV: wait, size, span, window
now = steady(KEYS[1])
local closed, times, share, state = gate(KEYS[2])
local stop = now + tonumber(ARGV[1])
if stop <= closed + 1 then return 0 end
local at = now
if now >= closed then
  share = math.max(FLOOR, share * DECREASE)
elseif state then
  share, at = state[3], state[4]
end
keep(KEYS[2], {stop, times + 1, share, at}, DAY * 1000)
if #KEYS < 3 then return 1 end

local size, span = tonumber(ARGV[2]), tonumber(ARGV[3])
state = read(KEYS[3]) or {}
if ARGV[4] ~= '1' then
  local early = (size - 1) * span
  local due = stop + early
  if state[1] then due = math.max(due, math.min(state[1], now + early + span)) end
  keep(KEYS[3], {due}, due - now)
  return 1
end
local past = recent(state, now - span)
while #past > 0 and past[#past - 1] > now + grain(size, span) do
  past[#past] = nil
  past[#past] = nil
end
local function newest(skip)
  for place = #past - 1, 1, -2 do
    skip = skip - past[place + 1]
    if skip < 0 then return past[place] end
  end
  return -math.huge
end
local whole = math.max(1, math.floor(size * share + 1e-9))
local parts = math.min(whole, GRAINS)
local spread, newer, at = {}, whole, #past
while at > 0 and past[at] <= newer do
  newer = newer - past[at]
  at = at - 2
end
for place = 1, at do spread[place] = past[place] end
if at > 0 then spread[at] = spread[at] - newer end
for part = parts - 1, 0, -1 do
  local first = math.floor(part * whole / parts)
  local moment = math.max(stop - first * span / whole, newest(first))
  local count = math.floor((part + 1) * whole / parts) - first
  if #spread > 0 and spread[#spread - 1] == moment then
    spread[#spread] = spread[#spread] + count
  else
    spread[#spread + 1] = moment
    spread[#spread + 1] = count
  end
end
keep(KEYS[3], spread, spread[#spread - 1] + span - now)
return 1
"""
)

# A lease that ended without being given back leaves its number behind: whoever comes next has a higher one. A
# holder that has it already gave up what it took it for: in a process one caller at a time asks.
LEASE: Final = """
local held = redis.call('GET', KEYS[1])
if held and held ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return redis.call('INCR', KEYS[2])
"""

RELEASE: Final = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1
"""

PUT: Final = (
    _NOW
    + """
-- KEYS: parcel.  ARGV: fence, age, content, life in milliseconds
local known = redis.call('HGET', KEYS[1], 'fence')
if known and tonumber(known) > tonumber(ARGV[1]) then return 0 end
local born = string.format('%.0f', now - ARGV[2])
redis.call('HSET', KEYS[1], 'fence', ARGV[1], 'born', born, 'content', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1
"""
)
