package ratelimit_test

import (
	"math/rand/v2"
	"os"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gopalisade/palisade/internal/racing"
	"github.com/gopalisade/palisade/ratelimit"
	"github.com/gopalisade/palisade/ratelimit/limittest"
)

func TestMemory(t *testing.T) {
	limittest.Run(t, func(*testing.T) ratelimit.Store { return ratelimit.NewMemory(0) })
}

// one takes from a store under a single policy.
func one(t testing.TB, m ratelimit.Store, k ratelimit.Key, cost int64, p ratelimit.Policy) (bool, ratelimit.State) {
	var st [1]ratelimit.State
	ok, err := m.Take(t.Context(), k, cost, []ratelimit.Policy{p}, st[:])
	if err != nil {
		t.Fatal(err)
	}
	return ok, st[0]
}

// TestOracle holds every interval of a random run against the promise: at most burst + rate times length.
func TestOracle(t *testing.T) {
	for _, p := range []ratelimit.Policy{
		{Name: "even", Limit: 100, Window: time.Minute},
		{Name: "seven in ten", Limit: 7, Window: 10 * time.Second},
		{Name: "one", Limit: 1, Window: time.Second},
		{Name: "burst one", Limit: 100, Window: time.Second, Burst: 1},
		{Name: "burst more", Limit: 5, Window: time.Second, Burst: 50},
		{Name: "a month", Limit: 3, Window: 30 * 24 * time.Hour},
		{Name: "a millisecond", Limit: 3, Window: time.Millisecond},
	} {
		t.Run(p.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m, rng := ratelimit.NewMemory(100), rand.New(rand.NewPCG(1, 2))
				burst := p.Burst
				if burst == 0 {
					burst = p.Limit
				}
				start := time.Now()
				var at []time.Duration // of each permit
				for range 600 {
					time.Sleep(time.Duration(rng.Int64N(int64(p.Window) / 20)))
					if cost := 1 + rng.Int64N(2); cost <= burst {
						if ok, _ := one(t, m, ratelimit.Key{}, cost, p); ok {
							for range cost {
								at = append(at, time.Since(start))
							}
						}
					}
				}
				for i := range at {
					for j := i; j < len(at); j++ {
						most := float64(burst) + float64(p.Limit)*float64(at[j]-at[i])/float64(p.Window)
						if float64(j-i+1) > most+1e-6 {
							t.Fatalf("%d permits in %v, want at most %.1f", j-i+1, at[j]-at[i], most)
						}
					}
				}
				if len(at) == 0 {
					t.Error("nothing was allowed")
				}
			})
		})
	}
}

// TestHonestWait sleeps exactly as long as it is told, and wants to pass.
func TestHonestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, p := ratelimit.NewMemory(0), ratelimit.Policy{Name: "p", Limit: 7, Window: 10 * time.Second}
		for range 200 {
			ok, st := one(t, m, ratelimit.Key{}, 1, p)
			if ok {
				continue
			}
			time.Sleep(st.RetryAfter)
			if ok, st := one(t, m, ratelimit.Key{}, 1, p); !ok {
				t.Fatalf("refused after the wait: %+v", st)
			}
		}
		time.Sleep(10*time.Second + 10)
		if _, st := one(t, m, ratelimit.Key{}, 0, p); st.Remaining != 7 || st.ResetAfter != 0 {
			t.Errorf("after a window: got %+v, want all 7 back", st)
		}
	})
}

// TestIdleKeyIsNotForgottenEarly: a burst of 100 at one a second is not full again after three.
func TestIdleKeyIsNotForgottenEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, p := ratelimit.NewMemory(0), ratelimit.Policy{Name: "p", Limit: 1, Window: time.Second, Burst: 100}
		one(t, m, ratelimit.Key{}, 100, p)
		time.Sleep(3 * time.Second)
		if _, st := one(t, m, ratelimit.Key{}, 0, p); st.Remaining != 3 {
			t.Errorf("got %d permits, want 3", st.Remaining)
		}
	})
}

// TestFloodForgivesNobody exhausts some keys, floods the store with ten times its size, and wants them refused still.
func TestFloodForgivesNobody(t *testing.T) {
	const size = 2000
	m, p := ratelimit.NewMemory(size), ratelimit.Policy{Name: "p", Limit: 5, Window: time.Hour}
	victims := make([]ratelimit.Key, 50)
	for i := range victims {
		victims[i] = ratelimit.Key{Hi: rand.Uint64(), Lo: rand.Uint64()}
		one(t, m, victims[i], 5, p)
	}
	for range 10 * size {
		one(t, m, ratelimit.Key{Hi: rand.Uint64(), Lo: rand.Uint64()}, 1, p)
	}
	for i, k := range victims {
		if ok, _ := one(t, m, k, 1, p); ok {
			t.Errorf("key %d was forgiven by a flood", i)
		}
	}
}

func TestMemoryPerKey(t *testing.T) {
	n := 100_000
	if os.Getenv("PALISADE_SOAK") == "1" {
		n = 10_000_000
	}
	heap := func() uint64 {
		runtime.GC()
		var s runtime.MemStats
		runtime.ReadMemStats(&s)
		return s.HeapAlloc
	}
	before := heap()
	m, p := ratelimit.NewMemory(n), ratelimit.Policy{Name: "p", Limit: 5, Window: time.Hour}
	for i := range uint64(n) {
		one(t, m, ratelimit.Key{Hi: i * 0x9e3779b97f4a7c15, Lo: i}, 1, p)
	}
	perKey := float64(heap()-before) / float64(n)
	runtime.KeepAlive(m)
	t.Logf("%d keys, %.1f bytes a key", n, perKey)
	if perKey > 40 {
		t.Errorf("got %.1f bytes a key, want at most 40", perKey)
	}
}

func TestTakeAllocatesNothing(t *testing.T) {
	if racing.Enabled {
		t.Skip("the race detector allocates")
	}
	m := ratelimit.NewMemory(0)
	policies := []ratelimit.Policy{{Name: "a", Limit: 1 << 30, Window: time.Hour}, {Name: "b", Limit: 1 << 30, Window: time.Hour}}
	states := make([]ratelimit.State, 2)
	ctx := t.Context()
	if got := testing.AllocsPerRun(100, func() { _, _ = m.Take(ctx, ratelimit.Key{Hi: 1}, 1, policies, states) }); got != 0 {
		t.Errorf("got %v allocations, want none", got)
	}
}
