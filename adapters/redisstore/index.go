package redisstore

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/gopalisade/palisade/auth/session"
)

// The index of a user is a sorted set of the IDs of his sessions, by the time at which Redis heard of them. It may name
// more than there are: sessions that were forgotten, and one of somebody else whose ID was to be used twice.

// entryScript adds an entry, and lets the index live as long as its longest session.
var entryScript = redis.NewScript(`
local t = redis.call('TIME')
redis.call('ZADD', KEYS[1], 'NX', t[1], ARGV[1])
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 1`)

// sweepScript removes the entry of a session that is not there, unless Create may be about to add it.
var sweepScript = redis.NewScript(`
local t, since = redis.call('TIME'), redis.call('ZSCORE', KEYS[1], ARGV[1])
if since and tonumber(since) + 3600 < tonumber(t[1]) then redis.call('ZREM', KEYS[1], ARGV[1]) end
return 1`)

func (s sessions) index(u session.User) string {
	// The number says where the issuer ends; the hash keeps braces of others out of the key.
	sum := sha256.Sum256([]byte(strconv.Itoa(len(u.Issuer)) + ":" + u.Issuer + u.ID))
	return s.key("user", hex.EncodeToString(sum[:]))
}

// enter adds a session to the index of its user.
func (s sessions) enter(ctx context.Context, f session.Family) error {
	const century = 100 * 365 * 24 * time.Hour // below what a Duration holds
	left := min(max(time.Until(f.ExpiresAt), 0), century) + margin
	return entryScript.Run(ctx, s.client, []string{s.index(f.User)}, f.ID, left.Milliseconds()).Err()
}

// RevokeUser implements [session.Store].
func (s sessions) RevokeUser(ctx context.Context, u session.User, except string, at time.Time) (n int, err error) {
	ids, err := s.client.ZRange(ctx, s.index(u), 0, -1).Result()
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		if id == except {
			continue
		}
		live, err := s.revoke(ctx, id, at, &u)
		if err != nil {
			return 0, err
		}
		if live {
			n++
		}
	}
	return n, nil
}

// chunk is how many sessions are asked for in one round trip.
const chunk = 200

// List implements [session.Store].
func (s sessions) List(ctx context.Context, u session.User, at time.Time) (all []session.Family, err error) {
	ids, err := s.client.ZRange(ctx, s.index(u), 0, -1).Result()
	if err != nil {
		return nil, err
	}
	for part := range slices.Chunk(ids, chunk) {
		families, err := s.families(ctx, u, part)
		if err != nil {
			return nil, err
		}
		for _, f := range families {
			if f.User == u && f.RevokedAt.IsZero() && at.Before(f.IdleUntil) && at.Before(f.ExpiresAt) {
				all = append(all, f)
			}
		}
	}
	slices.SortFunc(all, func(a, b session.Family) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	return all[:min(len(all), session.MaxList)], nil
}

// families returns those of the sessions that are there, and sweeps the index of the others.
func (s sessions) families(ctx context.Context, u session.User, ids []string) ([]session.Family, error) {
	pipe := s.client.Pipeline()
	rows := make([]*redis.MapStringStringCmd, len(ids))
	for i, id := range ids {
		rows[i] = pipe.HGetAll(ctx, s.row(id))
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, err
	}
	families := make([]session.Family, 0, len(ids))
	for i, id := range ids {
		f, err := parse(id, rows[i].Val())
		switch {
		case errors.Is(err, session.ErrNotFound):
			if err := sweepScript.Run(ctx, s.client, []string{s.index(u)}, id).Err(); err != nil {
				return nil, err
			}
		case err != nil:
			return nil, err
		default:
			families = append(families, f)
		}
	}
	return families, nil
}
