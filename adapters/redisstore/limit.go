package redisstore

import (
	"context"
	"strconv"

	"github.com/redis/go-redis/v9"

	"github.com/gopalisade/palisade/ratelimit"
)

// Limits returns the part of the store that package ratelimit needs. All machines count by the clock of the server. A
// refusal writes nothing, and a key is forgotten when all of its permits are back.
//
// A command whose answer was lost is repeated by the client and may be charged twice.
func (s *Store) Limits() ratelimit.Store { return limits{s} }

type limits struct{ *Store }

// takeScript is GCRA for several policies. A key holds its theoretical arrival time, nanoseconds since 1970 as text: too
// large a number for Lua, which therefore takes it as microseconds and the rest. How far it is ahead of the present fits.
//
// For each policy it is told the room and the need in nanoseconds, and answers how far ahead each key was before.
var takeScript = redis.NewScript(`
local t = redis.call('TIME')
local now = tonumber(t[1]) * 1000000 + tonumber(t[2])
local write, allowed, ahead = ARGV[1] == '1', 1, {}
for i, key in ipairs(KEYS) do
  local room, need = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  local tat = redis.call('GET', key)
  ahead[i] = 0
  if tat then
    ahead[i] = (tonumber(string.sub(tat, 1, -4)) - now) * 1000 + tonumber(string.sub(tat, -3))
    ahead[i] = math.min(math.max(ahead[i], 0), room)
  end
  if ahead[i] + need > room then allowed = 0 end
end
if write and allowed == 1 then
  for i, key in ipairs(KEYS) do
    local next = ahead[i] + tonumber(ARGV[2 * i + 1])
    local tat = string.format('%.0f%03d', now + math.floor(next / 1000), next % 1000)
    redis.call('SET', key, tat, 'PX', string.format('%.0f', math.floor(next / 1000000) + 1))
  end
end
return {allowed, unpack(ahead)}`)

// Take implements [ratelimit.Store].
func (s limits) Take(ctx context.Context, key ratelimit.Key, cost int64, policies []ratelimit.Policy,
	states []ratelimit.State,
) (bool, error) {
	if len(policies) == 0 {
		return true, nil
	}
	slot := s.key("limit", strconv.FormatUint(key.Hi, 16)+"-"+strconv.FormatUint(key.Lo, 16)) + ":"
	keys, args := make([]string, len(policies)), make([]any, 1, 1+2*len(policies))
	possible := true
	for i, p := range policies {
		room, need, ok := measure(p, cost)
		keys[i], args = slot+p.Name, append(args, room, need)
		possible = possible && ok
	}
	args[0] = 0
	if possible && cost > 0 {
		args[0] = 1
	}
	answer, err := takeScript.Run(ctx, s.client, keys, args...).Int64Slice()
	if err != nil {
		return false, err
	}
	if len(answer) != 1+len(policies) {
		return false, errDamaged
	}
	taken := possible && answer[0] == 1
	for i, p := range policies {
		_, denied, allowed := ratelimit.Decide(p, answer[1+i], 0, cost)
		states[i] = denied
		if taken {
			states[i] = allowed
		}
	}
	return taken, nil
}

// most is what Lua and Redis count exactly, 104 days in nanoseconds: more than a limiter lets a policy have.
const most = 1 << 53

// measure returns a policy's room and the need of a cost, as [ratelimit.Decide] has them, and whether it can ever pass.
func measure(p ratelimit.Policy, cost int64) (room, need int64, possible bool) {
	if p.Limit <= 0 || cost < 0 {
		return 0, 0, false
	}
	burst := p.Burst
	if burst == 0 {
		burst = p.Limit
	}
	step := (int64(p.Window) + p.Limit - 1) / p.Limit // rounded up: rounding never adds a permit
	room, need = times(burst, step), times(cost, step)
	return room, need, need <= room
}

func times(a, b int64) int64 {
	if b > 0 && a > most/b {
		return most
	}
	return a * b
}
