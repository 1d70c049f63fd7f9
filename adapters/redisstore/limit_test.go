package redisstore_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/gopalisade/palisade/internal/servertest"
	"github.com/gopalisade/palisade/ratelimit"
	"github.com/gopalisade/palisade/ratelimit/limittest"
)

func TestLimits(t *testing.T) {
	client := open(t, servertest.StartRedis(t))
	newLimits := func(t *testing.T) ratelimit.Store { return newStore(t, client, t.Name()+":").Limits() }
	limittest.Run(t, newLimits)
	t.Run("as memory", func(t *testing.T) { asMemory(t, newLimits(t)) })
	t.Run("forgotten when full", func(t *testing.T) {
		s := newLimits(t)
		take(t, s, 2, ratelimit.Policy{Name: "p", Limit: 50, Window: 100 * time.Millisecond})
		keys, err := client.Keys(t.Context(), t.Name()+":*").Result()
		if err != nil || len(keys) != 1 {
			t.Fatalf("got %q, %v, want one key", keys, err)
		}
		left, err := client.PTTL(t.Context(), keys[0]).Result()
		if err != nil || left <= 0 || left > 5*time.Millisecond {
			t.Errorf("two permits of 2 ms: forgotten in %v, %v, want 5ms at most", left, err)
		}
	})
	t.Run("refusal writes nothing", func(t *testing.T) {
		s, p := newLimits(t), ratelimit.Policy{Name: "p", Limit: 3, Window: time.Hour}
		take(t, s, 2, p)
		key := client.Keys(t.Context(), t.Name()+":*").Val()[0]
		before := client.Get(t.Context(), key).Val()
		for _, cost := range []int64{2, 4, 0, -1} {
			take(t, s, cost, p)
			if got := client.Get(t.Context(), key).Val(); got != before {
				t.Errorf("cost %d: got %q, want %q as before", cost, got, before)
			}
		}
	})
	t.Run("damaged", func(t *testing.T) {
		s, p := newLimits(t), ratelimit.Policy{Name: "p", Limit: 3, Window: time.Hour}
		take(t, s, 1, p)
		client.Set(t.Context(), client.Keys(t.Context(), t.Name()+":*").Val()[0], "x", 0)
		if _, err := s.Take(t.Context(), ratelimit.Key{}, 1, []ratelimit.Policy{p}, make([]ratelimit.State, 1)); err == nil {
			t.Error("got nil, want an error")
		}
	})
	t.Run("no policies", func(t *testing.T) {
		if ok, err := newLimits(t).Take(t.Context(), ratelimit.Key{}, 1, nil, nil); !ok || err != nil {
			t.Errorf("got %t, %v, want true", ok, err)
		}
	})
}

func take(t *testing.T, s ratelimit.Store, cost int64, policies ...ratelimit.Policy) (bool, []ratelimit.State) {
	t.Helper()
	states := make([]ratelimit.State, len(policies))
	ok, err := s.Take(t.Context(), ratelimit.Key{}, cost, policies, states)
	if err != nil {
		t.Fatal(err)
	}
	return ok, states
}

// asMemory makes the same requests of two stores, under policies so slow that the time between two calls does not matter.
func asMemory(t *testing.T, s ratelimit.Store) {
	m := ratelimit.NewMemory(0)
	policies := []ratelimit.Policy{
		{Name: "day", Limit: 40, Window: 24 * time.Hour},
		{Name: "odd", Limit: 7, Window: 30 * 24 * time.Hour, Burst: 13},
		{Name: "wide", Limit: 1000, Window: 30 * 24 * time.Hour},
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range 300 {
		some := policies[rng.IntN(len(policies)):]
		cost := rng.Int64N(4)
		want, wantStates := take(t, m, cost, some...)
		got, states := take(t, s, cost, some...)
		if got != want {
			t.Errorf("request %d: got %t, want %t", i, got, want)
		}
		for j := range states {
			g, w := states[j], wantStates[j]
			if g.Remaining != w.Remaining || !near(g.ResetAfter, w.ResetAfter) || !near(g.RetryAfter, w.RetryAfter) {
				t.Errorf("request %d, %s: got %+v, want %+v", i, some[j].Name, g, w)
			}
		}
	}
}

// near allows for what passes between two calls.
func near(a, b time.Duration) bool { return (a - b).Abs() < 5*time.Second }
