package redisstore

import (
	"context"
	"crypto/rand"
	"errors"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/gopalisade/palisade/auth/session"
)

// Sessions returns the part of the store that package session needs. A session is forgotten a day after its end.
//
// RevokeUser ends one session after another: when it fails, some have ended. A session whose Create has returned before
// is never missed; one that is created at the same time may stay, as in every store.
func (s *Store) Sessions() session.Store { return sessions{s} }

type sessions struct{ *Store }

// margin is how long something is kept after its end: an access token may outlive its session a little and must be told
// from one that is unknown, and the clocks of two machines differ.
const margin = 24 * time.Hour

// A client repeats a command whose answer was lost. The field "by" names the call that made the last change, so that a
// repeated one is not told that somebody else was faster.
var (
	createScript = redis.NewScript(`
if redis.call('EXISTS', KEYS[1]) == 1 then
  return redis.call('HGET', KEYS[1], 'by') == ARGV[2] and 1 or 0
end
redis.call('HSET', KEYS[1], 'by', unpack(ARGV, 2))
redis.call('PEXPIREAT', KEYS[1], ARGV[1])
return 1`)

	// Numbers are compared as such only where they are times: a Lua number holds microseconds until the year 2255, but no
	// generation beyond 2^53.
	rotateScript = redis.NewScript(`
local from, to, at, idle, by, margin = unpack(ARGV)
local f = redis.call('HMGET', KEYS[1], 'generation', 'revoked', 'idle', 'expires', 'by')
if not f[1] then return false end
local moved = f[1] == to and f[5] == by
if f[1] == from and f[2] == '' and tonumber(at) < tonumber(f[3]) and tonumber(at) < tonumber(f[4]) then
  redis.call('HSET', KEYS[1], 'generation', to, 'rotated', at, 'idle', idle, 'by', by)
  local last = math.min(tonumber(idle), tonumber(f[4])) / 1000 + tonumber(margin)
  redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', last))
  moved = true
end
return {moved and 1 or 0, redis.call('HGETALL', KEYS[1])}`)

	// The user is compared where one is given: an index may name a session of somebody else, whose ID was taken.
	revokeScript = redis.NewScript(`
local at, whose, issuer, user = unpack(ARGV)
local f = redis.call('HMGET', KEYS[1], 'issuer', 'user', 'revoked', 'idle', 'expires')
if not f[1] or whose == '1' and (f[1] ~= issuer or f[2] ~= user) then return false end
local live = f[3] == '' and tonumber(at) < tonumber(f[4]) and tonumber(at) < tonumber(f[5])
if f[3] == '' then redis.call('HSET', KEYS[1], 'revoked', at) end
return {live and 1 or 0, f[1], f[2]}`)

	denyScript = redis.NewScript(`
local before, till, margin = unpack(ARGV)
local old = redis.call('HMGET', KEYS[1], 'before', 'until')
if old[1] and tonumber(old[1]) > tonumber(before) then before = old[1] end
if old[2] and tonumber(old[2]) > tonumber(till) then till = old[2] end
redis.call('HSET', KEYS[1], 'before', before, 'until', till)
redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', tonumber(till) / 1000 + tonumber(margin)))
return 1`)
)

func (s sessions) row(id string) string     { return s.key("session", id) }
func (s sessions) denial(key string) string { return s.key("denial", key) }

// Create implements [session.Store].
func (s sessions) Create(ctx context.Context, f session.Family) error {
	// First the index: an entry without a session does no harm, a session without an entry would outlive RevokeUser.
	if err := s.enter(ctx, f); err != nil {
		return err
	}
	end := f.ExpiresAt
	if f.IdleUntil.Before(end) {
		end = f.IdleUntil
	}
	args := append([]any{end.Add(margin).UnixMilli(), rand.Text()}, fields(f)...)
	made, err := createScript.Run(ctx, s.client, []string{s.row(f.ID)}, args...).Int()
	if err == nil && made == 0 {
		return session.ErrExists
	}
	return err
}

// Get implements [session.Store].
func (s sessions) Get(ctx context.Context, id string) (session.Family, error) {
	row, err := s.client.HGetAll(ctx, s.row(id)).Result()
	if err != nil {
		return session.Family{}, err
	}
	return parse(id, row)
}

// Rotate implements [session.Store].
func (s sessions) Rotate(ctx context.Context, id string, from uint64, at, idleUntil time.Time) (session.Family, bool, error) {
	answer, err := rotateScript.Run(ctx, s.client, []string{s.row(id)}, strconv.FormatUint(from, 10),
		strconv.FormatUint(from+1, 10), at.UnixMicro(), idleUntil.UnixMicro(), rand.Text(), margin.Milliseconds()).Slice()
	if errors.Is(err, redis.Nil) {
		return session.Family{}, false, session.ErrNotFound
	}
	if err != nil {
		return session.Family{}, false, err
	}
	if len(answer) != 2 {
		return session.Family{}, false, errDamaged
	}
	f, err := parse(id, pairs(answer[1]))
	return f, err == nil && answer[0] == int64(1), err
}

// Revoke implements [session.Store].
func (s sessions) Revoke(ctx context.Context, id string, at time.Time) error {
	_, err := s.revoke(ctx, id, at, nil)
	return err
}

// revoke ends a session, of that user where one is given, and reports whether it was live.
func (s sessions) revoke(ctx context.Context, id string, at time.Time, whose *session.User) (live bool, err error) {
	args := []any{at.UnixMicro(), 0, "", ""}
	if whose != nil {
		args = []any{at.UnixMicro(), 1, whose.Issuer, whose.ID}
	}
	answer, err := revokeScript.Run(ctx, s.client, []string{s.row(id)}, args...).Slice()
	if errors.Is(err, redis.Nil) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if len(answer) != 3 {
		return false, errDamaged
	}
	issuer, _ := answer[1].(string)
	user, _ := answer[2].(string)
	// It is over for good, and nobody need look at it again. Where this fails, the index is longer than it must be.
	_ = s.client.ZRem(ctx, s.index(session.User{Issuer: issuer, ID: user}), id).Err()
	return answer[0] == int64(1), nil
}

// Deny implements [session.Store].
func (s sessions) Deny(ctx context.Context, d session.Denial) error {
	return denyScript.Run(ctx, s.client, []string{s.denial(d.Key)},
		d.Before.UnixMicro(), d.Until.UnixMicro(), margin.Milliseconds()).Err()
}

// Denied implements [session.Store].
func (s sessions) Denied(ctx context.Context, sessionID string, keys []string, issuedAt, at time.Time) (bool, error) {
	pipe := s.client.Pipeline()
	befores := make([]*redis.StringCmd, len(keys))
	for i, key := range keys {
		befores[i] = pipe.HGet(ctx, s.denial(key), "before")
	}
	var row *redis.SliceCmd
	if sessionID != "" {
		row = pipe.HMGet(ctx, s.row(sessionID), "revoked", "expires")
	}
	if pipe.Len() == 0 {
		return false, nil
	}
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return false, err
	}
	for _, cmd := range befores {
		before, err := cmd.Int64()
		switch {
		case errors.Is(err, redis.Nil):
		case err != nil:
			return false, err
		case issuedAt.UnixMicro() <= before:
			return true, nil
		}
	}
	if row == nil {
		return false, nil
	}
	return over(row, at)
}

// over reports whether a session is unknown, revoked or past its end.
func over(row *redis.SliceCmd, at time.Time) (bool, error) {
	values, err := row.Result()
	if err != nil {
		return false, err
	}
	revoked, known := values[0].(string)
	if !known || revoked != "" {
		return true, nil
	}
	text, _ := values[1].(string)
	expires, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return false, errDamaged
	}
	return at.UnixMicro() >= expires, nil
}

// DeleteExpired implements [session.Store]. Redis does it without being asked.
func (s sessions) DeleteExpired(ctx context.Context, _ time.Time) (int, error) {
	return 0, s.client.Ping(ctx).Err()
}
