package redisstore_test

import (
	"context"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/gopalisade/palisade/auth/session"
	"github.com/gopalisade/palisade/internal/servertest"
	"github.com/gopalisade/palisade/ratelimit"
)

var alice, bob = session.User{Issuer: "i", ID: "alice"}, session.User{Issuer: "i", ID: "bob"}

func family(id string, u session.User) session.Family {
	now := time.Now().Truncate(time.Microsecond)
	return session.Family{
		ID: id, User: u, Seed: []byte("seed"), Generation: 1, AuthTime: now, CreatedAt: now, RotatedAt: now,
		IdleUntil: now.Add(time.Hour), ExpiresAt: now.Add(2 * time.Hour),
	}
}

func create(t *testing.T, s session.Store, f session.Family) {
	t.Helper()
	if err := s.Create(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

// TestKeys looks at what stands in Redis: how long, and under which names.
func TestKeys(t *testing.T) {
	client := open(t, servertest.StartRedis(t))
	s := newStore(t, client, "").Sessions()
	life := func(pattern string) time.Duration {
		t.Helper()
		keys := client.Keys(t.Context(), pattern).Val()
		if len(keys) != 1 {
			t.Fatalf("%s: got %q, want one key", pattern, keys)
		}
		return client.PTTL(t.Context(), keys[0]).Val()
	}
	near := func(what string, got, want time.Duration) {
		t.Helper()
		if (got - want).Abs() > time.Minute {
			t.Errorf("%s: forgotten in %v, want %v", what, got, want)
		}
	}
	const day = 24 * time.Hour
	f := family("a", alice)
	create(t, s, f)
	near("session", life("palisade:session:{a}"), day+time.Hour)
	near("index", life("palisade:user:*"), day+2*time.Hour)
	if _, rotated, err := s.Rotate(t.Context(), "a", 1, time.Now(), time.Now().Add(90*time.Minute)); err != nil || !rotated {
		t.Fatal(rotated, err)
	}
	near("rotated", life("palisade:session:{a}"), day+90*time.Minute)
	if _, rotated, err := s.Rotate(t.Context(), "a", 2, time.Now(), time.Now().Add(3*time.Hour)); err != nil || !rotated {
		t.Fatal(rotated, err)
	}
	near("rotated up to its end", life("palisade:session:{a}"), day+2*time.Hour)
	short, long := family("b", alice), family("c", alice)
	short.ExpiresAt, long.ExpiresAt = time.Now().Add(time.Minute), time.Now().AddDate(1000, 0, 0)
	create(t, s, short)
	near("index after a shorter session", life("palisade:user:*"), day+2*time.Hour)
	create(t, s, long)
	near("index after an endless session", life("palisade:user:*"), day+100*365*day)
	if err := s.Deny(t.Context(), session.Denial{Key: "k", Before: time.Now(), Until: time.Now().Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	near("denial", life("palisade:denial:{k}"), day+time.Hour)
}

// TestIndex looks at what the index of a user may name beside his sessions.
func TestIndex(t *testing.T) {
	client := open(t, servertest.StartRedis(t))
	s := newStore(t, client, "").Sessions()
	create(t, s, family("a", alice))
	index := client.Keys(t.Context(), "palisade:user:*").Val()[0]
	if err := s.Create(t.Context(), family("a", bob)); !errors.Is(err, session.ErrExists) {
		t.Fatalf("got %v, want ErrExists", err)
	}
	if n, err := s.RevokeUser(t.Context(), bob, "", time.Now()); err != nil || n != 0 {
		t.Errorf("RevokeUser of somebody who wanted the same ID: got %d, %v, want 0", n, err)
	}
	if is, err := s.Denied(t.Context(), "a", nil, time.Now(), time.Now()); err != nil || is {
		t.Errorf("got %t, %v: it ended another user's session", is, err)
	}

	// "fresh" may be about to be created, "old" was forgotten.
	now := float64(time.Now().Unix())
	client.ZAdd(t.Context(), index, redis.Z{Score: now, Member: "fresh"}, redis.Z{Score: now - 3700, Member: "old"})
	for range 2 {
		if all, err := s.List(t.Context(), alice, time.Now()); err != nil || len(all) != 1 {
			t.Errorf("got %v, %v, want one", all, err)
		}
	}
	if err := s.Revoke(t.Context(), "a", time.Now()); err != nil {
		t.Fatal(err)
	}
	if got := client.ZRange(t.Context(), index, 0, -1).Val(); len(got) != 1 || got[0] != "fresh" {
		t.Errorf("got %q, want fresh only", got)
	}
}

// TestDamaged wants an error, and neither "not found" nor "not denied", where a key holds something else.
func TestDamaged(t *testing.T) {
	client := open(t, servertest.StartRedis(t))
	s := newStore(t, client, "").Sessions()
	now := time.Now()
	wantError := func(what string, err error) {
		t.Helper()
		if err == nil || errors.Is(err, session.ErrNotFound) {
			t.Errorf("%s: got %v, want an error", what, err)
		}
	}
	for _, field := range []string{"generation", "auth", "created", "rotated", "idle", "expires"} {
		create(t, s, family(field, alice))
		client.HSet(t.Context(), "palisade:session:{"+field+"}", field, "x")
		_, err := s.Get(t.Context(), field)
		wantError("Get "+field, err)
		_, rotated, err := s.Rotate(t.Context(), field, 7, now, now)
		wantError("Rotate "+field, err)
		if rotated {
			t.Errorf("%s: rotated", field)
		}
	}
	_, err := s.List(t.Context(), alice, now)
	wantError("List", err)
	_, err = s.Denied(t.Context(), "expires", nil, now, now)
	wantError("Denied", err)
	create(t, s, family("cut", bob))
	client.HDel(t.Context(), "palisade:session:{cut}", "idle")
	_, err = s.Get(t.Context(), "cut")
	wantError("Get of a row without a field", err)
	client.Set(t.Context(), "palisade:session:{text}", "x", 0)
	_, err = s.Denied(t.Context(), "text", nil, now, now)
	wantError("Denied by what is no session", err)
	index := client.Keys(t.Context(), "palisade:user:*").Val()[0]
	client.ZAdd(t.Context(), index, redis.Z{Member: "text"})
	_, err = s.RevokeUser(t.Context(), alice, "", now)
	if _, other := s.RevokeUser(t.Context(), bob, "", now); err == nil && other == nil {
		t.Error("RevokeUser: got nil, want an error")
	}
	client.HSet(t.Context(), "palisade:denial:{k}", "before", "x")
	_, err = s.Denied(t.Context(), "", []string{"k"}, now, now)
	wantError("Denied by key", err)
	wantError("Deny", s.Deny(t.Context(), session.Denial{Key: "k", Before: now, Until: now}))
}

// TestScriptsAreForgotten restarts what the server remembers of scripts.
func TestScriptsAreForgotten(t *testing.T) {
	client := open(t, servertest.StartRedis(t))
	s := newStore(t, client, "").Sessions()
	create(t, s, family("a", alice))
	client.ScriptFlush(t.Context())
	create(t, s, family("b", alice))
}

// TestClosed wants an error from every step.
func TestClosed(t *testing.T) {
	client := redis.NewClient(&redis.Options{})
	if err := client.Close(); err != nil {
		t.Fatal(err)
	}
	store := newStore(t, client, "")
	s, now, ctx := store.Sessions(), time.Now(), t.Context()
	for name, step := range map[string]func() error{
		"Create":     func() error { return s.Create(ctx, family("a", alice)) },
		"Get":        func() error { _, err := s.Get(ctx, "a"); return err },
		"Rotate":     func() error { _, _, err := s.Rotate(ctx, "a", 1, now, now); return err },
		"Revoke":     func() error { return s.Revoke(ctx, "a", now) },
		"RevokeUser": func() error { _, err := s.RevokeUser(ctx, alice, "", now); return err },
		"List":       func() error { _, err := s.List(ctx, alice, now); return err },
		"Deny":       func() error { return s.Deny(ctx, session.Denial{Key: "k", Before: now, Until: now}) },
		"Denied":     func() error { _, err := s.Denied(ctx, "a", []string{"k"}, now, now); return err },
		"Denied key": func() error { _, err := s.Denied(ctx, "", []string{"k"}, now, now); return err },
		"Delete":     func() error { _, err := s.DeleteExpired(ctx, now); return err },
		"Take": func() error {
			p := []ratelimit.Policy{{Name: "p", Limit: 1, Window: time.Second}}
			ok, err := store.Limits().Take(ctx, ratelimit.Key{}, 1, p, make([]ratelimit.State, 1))
			if ok {
				t.Error("Take: allowed")
			}
			return err
		},
	} {
		if err := step(); !errors.Is(err, redis.ErrClosed) {
			t.Errorf("%s: got %v, want ErrClosed", name, err)
		}
	}
}

// TestLostAnswer cuts the connection between a change and its answer. The client repeats the command, and nobody must
// take that for another caller.
func TestLostAnswer(t *testing.T) {
	opt, err := redis.ParseURL(servertest.StartRedis(t))
	if err != nil {
		t.Fatal(err)
	}
	var lose atomic.Int64
	opt.Dialer = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, addr)
		return lossy{conn, &lose}, err
	}
	client := redis.NewClient(opt)
	t.Cleanup(func() { _ = client.Close() })
	s := newStore(t, client, "").Sessions()
	create(t, s, family("known", alice)) // and all scripts with it

	for from := uint64(1); from <= 2; from++ {
		lose.Store(1)
		f, rotated, err := s.Rotate(t.Context(), "known", from, time.Now(), time.Now().Add(time.Hour))
		if err != nil || !rotated || f.Generation != from+1 {
			t.Errorf("from %d: got generation %d, %t, %v, want true", from, f.Generation, rotated, err)
		}
		if lose.Load() != 0 {
			t.Error("no answer was lost")
		}
	}
	if _, rotated, err := s.Rotate(t.Context(), "known", 2, time.Now(), time.Now()); err != nil || rotated {
		t.Errorf("another caller: got %t, %v, want false", rotated, err)
	}
	lose.Store(2) // the first is the index's
	create(t, s, family("new", alice))
	if err := s.Create(t.Context(), family("new", alice)); !errors.Is(err, session.ErrExists) {
		t.Errorf("created twice: got %v, want ErrExists", err)
	}
}

// lossy reads an answer and loses it, when the count comes to it.
type lossy struct {
	net.Conn
	lose *atomic.Int64
}

func (c lossy) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if err == nil && c.lose.Load() > 0 && c.lose.Add(-1) == 0 {
		_ = c.Close()
		return 0, io.EOF
	}
	return n, err
}
