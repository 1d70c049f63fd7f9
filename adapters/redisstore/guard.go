package redisstore

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"math/bits"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/gopalisade/palisade/ratelimit"
	"github.com/gopalisade/palisade/ratelimit/guard"
)

// Guard returns the part of the store that package guard needs. A counter is forgotten when its failures are forgiven.
//
// A guess is charged to counters of an account and of an address in one step, so all of them are in one slot of a cluster:
// password hashes are slow, and one server counts faster than a hundred machines can hash.
func (s *Store) Guard() guard.Store { return guards{s} }

type guards struct{ *Store }

// The scripts are guard.Counter.Charge and guard.Change.Undo, in microseconds of the server's clock, all of which a Lua number
// holds. Marks are the fields m0 to m63.
//
// A client repeats a command whose answer was lost. A charge that is repeated counts twice, which is the safe side; the field
// "by" names the last call that took something back, so that this is not repeated.
var (
	reserveScript = redis.NewScript(`
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local function bans(count, limit, first, most)
  if count < limit or count <= 0 then return 0 end
  if count - limit >= 50 then return most end
  return math.min(first * 2 ^ (count - limit), most)
end
local out, todo = {1}, {}
for i, key in ipairs(KEYS) do
  local at = 5 * i - 4
  local limit, every, first = tonumber(ARGV[at]), tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  local most, bit = tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4])
  local f = redis.call('HMGET', key, 'full', 'last', 'm' .. bit)
  local full, last, seen = tonumber(f[1] or 0) or 0, tonumber(f[2] or 0) or 0, f[3]
  if last > now then -- the clock went back, after a fail-over
    full, last = full - (last - now), now
    redis.call('HSET', key, 'full', string.format('%.0f', full), 'last', string.format('%.0f', last))
    redis.call('PEXPIRE', key, math.max(math.ceil((full - now) / 1000), 1))
  end
  local stale = full <= now
  if stale then full, last, seen = 0, 0, false end
  local count = math.max(math.ceil((full - now) / every), 0)
  local wait = last + bans(count, limit, first, most) - now
  local new = bit >= 0 and not seen
  local charged = bit < 0 or new or count >= limit
  local ban = 0
  if wait > 0 then
    out[1] = 0
  elseif charged then
    full = math.min(math.max(full, now) + every, now + (limit + 64) * every)
    count = math.ceil((full - now) / every)
    ban = bans(count, limit, first, most)
    todo[#todo + 1] = {key, full, bit, stale}
  end
  for _, v in ipairs({count, math.max(wait, 0), ban, charged and 1 or 0, new and 1 or 0, now}) do out[#out + 1] = v end
end
if out[1] == 0 then return out end
for _, w in ipairs(todo) do
  local key, full, bit, stale = unpack(w)
  if stale then redis.call('DEL', key) end
  redis.call('HSET', key, 'full', string.format('%.0f', full), 'last', string.format('%.0f', now))
  if bit >= 0 then redis.call('HSET', key, 'm' .. bit, 1) end
  redis.call('PEXPIRE', key, math.ceil((full - now) / 1000))
end
return out`)

	settleScript = redis.NewScript(`
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
for i, key in ipairs(KEYS) do
  local at = 4 * i - 2
  local every, clear, bit = tonumber(ARGV[at]), ARGV[at + 1], tonumber(ARGV[at + 2])
  local f = redis.call('HMGET', key, 'full', 'by', 'last')
  local full = (tonumber(f[1] or 0) or 0) - every
  if clear == '1' or full <= now then
    redis.call('DEL', key)
  elseif f[2] ~= ARGV[1] then
    redis.call('HSET', key, 'full', string.format('%.0f', full), 'by', ARGV[1])
    if bit >= 0 then redis.call('HDEL', key, 'm' .. bit) end
    if tonumber(f[3] or 0) == tonumber(ARGV[at + 3]) then redis.call('HSET', key, 'last', 0) end
    redis.call('PEXPIRE', key, math.ceil((full - now) / 1000))
  end
end
return 1`)
)

// Reserve implements [guard.Store].
func (g guards) Reserve(ctx context.Context, counters []guard.Counter, tallies []guard.Tally) (bool, error) {
	keys, args := make([]string, len(counters)), make([]any, 0, 5*len(counters))
	for i, c := range counters {
		keys[i] = g.counter(c.Key)
		args = append(args, c.Limit, every(c.Every), micros(c.BanFirst), micros(c.BanMax), bit(c.Mark))
	}
	answer, err := reserveScript.Run(ctx, g.client, keys, args...).Int64Slice()
	if err != nil {
		return false, err
	}
	if len(answer) != 1+6*len(counters) {
		return false, errDamaged
	}
	ok := answer[0] == 1
	for i := range counters {
		a := answer[1+6*i:]
		tallies[i] = guard.Tally{Count: a[0], Wait: time.Duration(a[1]) * time.Microsecond}
		if ok {
			tallies[i].Ban = time.Duration(a[2]) * time.Microsecond
			if tallies[i].Charged, tallies[i].New = a[3] == 1, a[4] == 1; tallies[i].Charged {
				tallies[i].At = a[5]
			}
		}
	}
	return ok, nil
}

// Settle implements [guard.Store].
func (g guards) Settle(ctx context.Context, changes []guard.Change) error {
	keys, args := make([]string, len(changes)), make([]any, 0, 1+4*len(changes))
	args = append(args, rand.Text())
	for i, c := range changes {
		keys[i] = g.counter(c.Key)
		args = append(args, every(c.Every), c.Clear, bit(c.Mark), c.At)
	}
	return settleScript.Run(ctx, g.client, keys, args...).Err()
}

func (g guards) counter(k ratelimit.Key) string {
	id := binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, k.Hi), k.Lo)
	return g.key("guard", "all") + ":" + hex.EncodeToString(id)
}

// micros rounds up: a ban that is rounded down would end early.
func micros(d time.Duration) int64 { return int64((d + time.Microsecond - 1) / time.Microsecond) }

// every is never 0, by which the scripts divide.
func every(d time.Duration) int64 { return max(micros(d), 1) }

// bit is the number of a mark, or -1.
func bit(mark uint64) int {
	if mark == 0 {
		return -1
	}
	return bits.TrailingZeros64(mark)
}
