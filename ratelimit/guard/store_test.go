package guard_test

import (
	"math/rand/v2"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gopalisade/palisade/internal/racing"
	"github.com/gopalisade/palisade/ratelimit"
	"github.com/gopalisade/palisade/ratelimit/guard"
	"github.com/gopalisade/palisade/ratelimit/guard/guardtest"
)

func TestMemory(t *testing.T) {
	guardtest.Run(t, func(*testing.T) guard.Store { return guard.NewMemory(0) })
}

func rule(limit int64) guard.Counter {
	return guard.Counter{Limit: limit, Every: time.Hour, BanFirst: time.Second, BanMax: 10 * time.Second}
}

func TestCharge(t *testing.T) {
	const hour, second = int64(time.Hour), int64(time.Second)
	type state = guard.State
	type tally = guard.Tally
	for _, tc := range []struct {
		name      string
		c         guard.Counter
		s         state
		now       int64
		want      tally
		wantState state
	}{
		{"first", rule(2), state{}, 5, tally{Count: 1, Charged: true}, state{Full: 5 + hour, Last: 5}},
		{"at the limit", rule(1), state{}, 5, tally{Count: 1, Charged: true, Ban: time.Second}, state{Full: 5 + hour, Last: 5}},
		{"banned", rule(1), state{hour, 7, 0}, 8, tally{Count: 1, Wait: time.Second - 1}, state{hour, 7, 0}},
		{
			"ban over", rule(1),
			state{hour, 0, 0},
			second,
			tally{Count: 2, Charged: true, Ban: 2 * time.Second},
			state{2 * hour, second, 0},
		},
		{"all forgiven", rule(2), state{9, 7, 1}, 9, tally{Count: 1, Charged: true}, state{9 + hour, 9, 0}},
		{"one of two forgiven", rule(9), state{2 * hour, 0, 0}, hour, tally{Count: 2, Charged: true}, state{3 * hour, hour, 0}},
		{
			"last in the future", rule(1),
			state{2 * hour, hour, 0},
			8,
			tally{Count: 1, Wait: time.Second},
			state{hour + 8, 8, 0},
		},
		{
			"all of it in the future", rule(2),
			state{100 * hour, 99 * hour, 0},
			8,
			tally{Count: 2, Charged: true, Ban: time.Second},
			state{2*hour + 8, 8, 0},
		},
		{
			"ban at most", rule(1),
			state{40 * hour, 0, 0},
			10 * second,
			tally{Count: 41, Charged: true, Ban: 10 * time.Second},
			state{41 * hour, 10 * second, 0},
		},
		{
			"overshoot is bounded", rule(1),
			state{65 * hour, -hour, 0},
			0,
			tally{Count: 65, Charged: true, Ban: 10 * time.Second},
			state{65 * hour, 0, 0},
		},
	} {
		if tc.want.Charged {
			tc.want.At = tc.now
		}
		if s, got := tc.c.Charge(tc.s, tc.now); got != tc.want || s != tc.wantState {
			t.Errorf("%s: got %+v, %+v; want %+v, %+v", tc.name, got, s, tc.want, tc.wantState)
		}
	}
}

// exact is a store without bounds: the rule itself.
type exact map[ratelimit.Key]guard.State

func (e exact) reserve(c []guard.Counter, now int64) (bool, []guard.Tally) {
	tallies, next := make([]guard.Tally, len(c)), make([]guard.State, len(c))
	for i := range c {
		next[i], tallies[i] = c[i].Charge(e[c[i].Key], now)
		if tallies[i].Wait > 0 {
			return false, tallies
		}
	}
	for i := range c {
		e[c[i].Key] = next[i]
	}
	return true, tallies
}

// changes are what a ticket would take back of a reservation.
func changes(c []guard.Counter, y []guard.Tally, all bool) (list []guard.Change) {
	for i := range c {
		if !y[i].Charged {
			continue
		}
		change := guard.Change{Key: c[i].Key, Every: c[i].Every, At: y[i].At, Clear: all && c[i].Mark == 0}
		if y[i].New {
			change.Mark = c[i].Mark
		}
		list = append(list, change)
	}
	return list
}

// TestMemoryForgivesNobody runs random guesses through a memory store that is far too small, and through the rule without
// bounds: whatever the small one lets pass, the rule must let pass, too.
func TestMemoryForgivesNobody(t *testing.T) {
	for seed := range uint64(12) {
		synctest.Test(t, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 1))
			m, e := guard.NewMemory(1), exact{} // eight sets, 56 places
			start := time.Now()
			type guess struct {
				c      []guard.Counter
				ym, ye []guard.Tally
			}
			var open []guess
			passed, refused := 0, 0
			for range 6000 {
				time.Sleep(time.Duration(rng.Int64N(int64(2 * time.Second))))
				now := int64(time.Since(start)) + 1
				if len(open) > 0 && rng.IntN(3) == 0 {
					i := rng.IntN(len(open))
					all := rng.IntN(4) == 0
					if err := m.Settle(t.Context(), changes(open[i].c, open[i].ym, all)); err != nil {
						t.Fatal(err)
					}
					for _, c := range changes(open[i].c, open[i].ye, all) {
						e[c.Key] = c.Undo(e[c.Key], now)
					}
					open = append(open[:i], open[i+1:]...)
					continue
				}
				g := guess{c: []guard.Counter{some(rng, 200, 3, 0), some(rng, 1000, 10, 0), some(rng, 50, 4, 1<<rng.IntN(64))}}
				g.ym = make([]guard.Tally, len(g.c))
				ok, err := m.Reserve(t.Context(), g.c, g.ym)
				if err != nil {
					t.Fatal(err)
				}
				if !ok {
					refused++
					continue
				}
				passed++
				if ok, g.ye = e.reserve(g.c, now); !ok {
					t.Fatalf("seed %d, guess %d: the small store let pass what the rule refuses: %+v", seed, passed, g.ye)
				}
				for i := range g.ye {
					if g.ym[i].Count < g.ye[i].Count {
						t.Fatalf("seed %d, guess %d: the small store counts %d, the rule %d", seed, passed, g.ym[i].Count, g.ye[i].Count)
					}
				}
				if rng.IntN(4) == 0 {
					open = append(open, g)
				}
			}
			if passed == 0 || refused == 0 {
				t.Errorf("%d passed and %d were refused: nothing was tested", passed, refused)
			}
		})
	}
}

// some is a counter of n, whose rule depends on n, so that each key has one rule.
func some(rng *rand.Rand, n uint64, limit int64, mark uint64) guard.Counter {
	id := rng.Uint64N(n) + n<<32
	return guard.Counter{
		Key: ratelimit.Key{Hi: id * 0x9e3779b97f4a7c15, Lo: id}, Limit: limit, Mark: mark,
		Every: time.Duration(n) * time.Second, BanFirst: time.Duration(limit) * time.Second, BanMax: time.Minute,
	}
}

// TestFlood bans some accounts, floods a small store with ten times its size of others, and wants them banned still.
func TestFlood(t *testing.T) {
	const size = 1000
	m := guard.NewMemory(size)
	y := make([]guard.Tally, 1)
	banned := make([]guard.Counter, 20)
	for i := range banned {
		banned[i] = guard.Counter{
			Key: ratelimit.Key{Hi: rand.Uint64(), Lo: rand.Uint64()}, Limit: 5, Every: time.Hour, BanFirst: time.Hour, BanMax: time.Hour,
		}
		for range 5 {
			_, _ = m.Reserve(t.Context(), banned[i:i+1], y)
		}
	}
	forged := rule(10)
	for range 10 * size {
		forged.Key = ratelimit.Key{Hi: rand.Uint64(), Lo: rand.Uint64()}
		_, _ = m.Reserve(t.Context(), []guard.Counter{forged}, y)
	}
	for i := range banned {
		if ok, _ := m.Reserve(t.Context(), banned[i:i+1], y); ok {
			t.Errorf("account %d was forgiven by a flood", i)
		}
	}
}

func TestMemoryPerKey(t *testing.T) {
	const n = 50_000
	heap := func() uint64 {
		runtime.GC()
		var s runtime.MemStats
		runtime.ReadMemStats(&s)
		return s.HeapAlloc
	}
	before := heap()
	m, c, y := guard.NewMemory(n), rule(10), make([]guard.Tally, 1)
	for i := range uint64(2 * n) {
		c.Key = ratelimit.Key{Hi: i * 0x9e3779b97f4a7c15, Lo: i}
		_, _ = m.Reserve(t.Context(), []guard.Counter{c}, y)
	}
	perKey := float64(heap()-before) / n
	runtime.KeepAlive(m)
	if perKey > 72 { // what the allocator rounds up included
		t.Errorf("got %.1f bytes for each of maxKeys, want at most 72", perKey)
	}
}

func TestTooManyCounters(t *testing.T) {
	m, n := guard.NewMemory(0), guard.MaxCounters+1
	if ok, _ := m.Reserve(t.Context(), make([]guard.Counter, n), make([]guard.Tally, n)); ok {
		t.Error("more counters than MaxCounters passed")
	}
}

func TestMemoryAllocatesNothing(t *testing.T) {
	if racing.Enabled {
		t.Skip("the race detector allocates")
	}
	m := guard.NewMemory(0)
	c, y, ctx := []guard.Counter{rule(1000), rule(1000)}, make([]guard.Tally, 2), t.Context()
	c[1].Key.Lo = 1
	back := []guard.Change{{Key: c[0].Key, Every: time.Hour}, {Key: c[1].Key, Every: time.Hour}}
	if got := testing.AllocsPerRun(100, func() { _, _ = m.Reserve(ctx, c, y); _ = m.Settle(ctx, back) }); got != 0 {
		t.Errorf("got %v allocations, want none", got)
	}
}
