// Package limittest checks an implementation of [ratelimit.Store].
//
// Call [Run] from a test of your own; it fails the test wherever the store breaks the contract. It reads the clock only as
// far as a few milliseconds, and needs no fake one.
package limittest

import (
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gopalisade/palisade/ratelimit"
)

// Run runs the suite. newStore returns an empty store, or one in which no key was used before; it is called for each
// subtest, and cleans up through t.Cleanup.
func Run(t *testing.T, newStore func(t *testing.T) ratelimit.Store) {
	for name, check := range map[string]func(*testing.T, ratelimit.Store){
		"burst then refusal":        burst,
		"refusal takes nothing":     refusalTakesNothing,
		"all or nothing":            allOrNothing,
		"cost":                      cost,
		"a cost of zero reports":    peek,
		"never":                     never,
		"extremes":                  extremes,
		"keys are apart":            keysAreApart,
		"permits come back":         permitsComeBack,
		"concurrent takers":         concurrent,
		"smaller policy, same name": smallerPolicy,
	} {
		t.Run(name, func(t *testing.T) { check(t, newStore(t)) })
	}
}

var key = ratelimit.Key{Hi: 1, Lo: 2}

// hourly never gives a permit back within a test.
func hourly(name string, limit int64) ratelimit.Policy {
	return ratelimit.Policy{Name: name, Limit: limit, Window: time.Hour}
}

func take(t *testing.T, s ratelimit.Store, k ratelimit.Key, cost int64, policies ...ratelimit.Policy) (bool, []ratelimit.State) {
	t.Helper()
	states := make([]ratelimit.State, len(policies))
	ok, err := s.Take(t.Context(), k, cost, policies, states)
	if err != nil {
		t.Fatal(err)
	}
	return ok, states
}

func burst(t *testing.T, s ratelimit.Store) {
	p := hourly("p", 5)
	for i := range 7 {
		ok, states := take(t, s, key, 1, p)
		if want := i < 5; ok != want || states[0].Remaining != max(4-int64(i), 0) {
			t.Errorf("request %d: got %t with %d left, want %t", i+1, ok, states[0].Remaining, want)
		}
		if wait := states[0].RetryAfter; ok && wait != 0 || !ok && (wait <= 0 || wait > 12*time.Minute) {
			t.Errorf("request %d: got RetryAfter %v", i+1, wait)
		}
		if reset := states[0].ResetAfter; reset <= 0 || reset > time.Hour+time.Second {
			t.Errorf("request %d: got ResetAfter %v", i+1, reset)
		}
	}
}

func refusalTakesNothing(t *testing.T, s ratelimit.Store) {
	p := hourly("p", 10)
	take(t, s, key, 8, p)
	if ok, st := take(t, s, key, 5, p); ok || st[0].Remaining != 2 {
		t.Errorf("5 of 2: got %t with %d left, want false with 2", ok, st[0].Remaining)
	}
	if ok, _ := take(t, s, key, 2, p); !ok {
		t.Error("2 of 2 were refused after a refusal of 5")
	}
}

func allOrNothing(t *testing.T, s ratelimit.Store) {
	wide, narrow := hourly("wide", 100), hourly("narrow", 1)
	take(t, s, key, 1, wide, narrow)
	for range 3 {
		if ok, st := take(t, s, key, 1, wide, narrow); ok || st[0].Remaining != 99 || st[0].RetryAfter != 0 || st[1].RetryAfter <= 0 {
			t.Errorf("got %t, %+v; want a refusal by the second policy that leaves the first at 99", ok, st)
		}
	}
}

func cost(t *testing.T, s ratelimit.Store) {
	p := hourly("p", 10)
	if ok, st := take(t, s, key, 7, p); !ok || st[0].Remaining != 3 {
		t.Errorf("got %t with %d left, want true with 3", ok, st[0].Remaining)
	}
}

func peek(t *testing.T, s ratelimit.Store) {
	p := hourly("p", 2)
	for range 5 {
		if ok, st := take(t, s, key, 0, p); !ok || st[0].Remaining != 2 {
			t.Errorf("got %t with %d left, want true with 2", ok, st[0].Remaining)
		}
	}
}

func never(t *testing.T, s ratelimit.Store) {
	if ok, st := take(t, s, key, 3, hourly("p", 2)); ok || st[0].RetryAfter >= 0 {
		t.Errorf("a cost over the burst: got %t, %+v; want false and a negative RetryAfter", ok, st[0])
	}
	if ok, st := take(t, s, key, 1, hourly("none", 0)); ok || st[0].RetryAfter >= 0 {
		t.Errorf("limit 0: got %t, %+v; want false and a negative RetryAfter", ok, st[0])
	}
}

func extremes(t *testing.T, s ratelimit.Store) {
	p := hourly("p", 10)
	for _, c := range []int64{math.MaxInt64, math.MaxInt64 / 2, 1 << 62, -1, math.MinInt64} {
		if ok, _ := take(t, s, key, c, p); ok {
			t.Errorf("a cost of %d was allowed", c)
		}
	}
	if ok, st := take(t, s, key, 1, p); !ok || st[0].Remaining != 9 {
		t.Errorf("after absurd costs: got %t with %d left, want true with 9", ok, st[0].Remaining)
	}
}

func keysAreApart(t *testing.T, s ratelimit.Store) {
	p, q := hourly("p", 1), hourly("q", 1)
	take(t, s, key, 1, p)
	for _, other := range []ratelimit.Key{{Hi: 1, Lo: 3}, {Hi: 2, Lo: 2}, {Hi: 2, Lo: 1}} {
		if ok, _ := take(t, s, other, 1, p); !ok {
			t.Errorf("%v pays for %v", other, key)
		}
	}
	if ok, _ := take(t, s, key, 1, q); !ok {
		t.Error("one policy pays for another")
	}
}

func permitsComeBack(t *testing.T, s ratelimit.Store) {
	p := ratelimit.Policy{Name: "p", Limit: 50, Window: time.Second, Burst: 1} // one in 20 ms
	take(t, s, key, 1, p)
	ok, st := take(t, s, key, 1, p)
	if ok {
		t.Skip("the machine is too slow for this check")
	}
	time.Sleep(st[0].RetryAfter + time.Millisecond) // the store's clock may be another process's
	if ok, _ := take(t, s, key, 1, p); !ok {
		t.Error("refused after RetryAfter had passed")
	}
}

func concurrent(t *testing.T, s ratelimit.Store) {
	p := hourly("p", 100)
	var allowed atomic.Int64
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			states := make([]ratelimit.State, 1)
			for range 20 {
				ok, err := s.Take(t.Context(), key, 1, []ratelimit.Policy{p}, states)
				if err != nil {
					t.Error(err)
				} else if ok {
					allowed.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if got := allowed.Load(); got != 100 {
		t.Errorf("of 400 at once %d passed, want exactly 100", got)
	}
}

func smallerPolicy(t *testing.T, s ratelimit.Store) {
	take(t, s, key, 10, hourly("p", 10))
	small := ratelimit.Policy{Name: "p", Limit: 10, Window: time.Second}
	_, st := take(t, s, key, 1, small)
	if st[0].RetryAfter > 2*time.Second {
		t.Errorf("locked for %v by a policy that was made smaller", st[0].RetryAfter)
	}
}
