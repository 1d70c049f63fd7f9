// Package guardtest checks that a guard.Store counts as it must.
//
// Run it against a real store, empty or under a prefix of its own. It uses short times of the real clock, because a
// store in another process has no other.
package guardtest

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gopalisade/palisade/ratelimit"
	"github.com/gopalisade/palisade/ratelimit/guard"
)

// Run runs the suite. newStore returns an empty store, or one in which no key was used before; it is called for each
// subtest, and cleans up through t.Cleanup.
func Run(t *testing.T, newStore func(t *testing.T) guard.Store) {
	for name, check := range map[string]func(*testing.T, guard.Store){
		"limit, then a ban":          limit,
		"a refusal charges nothing":  refusal,
		"keys are apart":             apart,
		"bans double up to the most": growth,
		"failures are forgiven":      forgiven,
		"refund":                     refund,
		"a refund ends its own ban":  ownBan,
		"and no other":               otherBan,
		"clear":                      clearing,
		"distinct":                   distinct,
		"distinct, taken back":       unmark,
		"concurrent guesses":         concurrent,
		"concurrent, several keys":   crossing,
	} {
		t.Run(name, func(t *testing.T) { check(t, newStore(t)) })
	}
}

// hourly is a counter that forgives nothing within a test.
func hourly(id uint64, limit int64) guard.Counter {
	return guard.Counter{
		Key: ratelimit.Key{Hi: id * 0x9e3779b97f4a7c15, Lo: id}, Limit: limit,
		Every: time.Hour, BanFirst: time.Minute, BanMax: time.Hour,
	}
}

func reserve(t *testing.T, s guard.Store, counters ...guard.Counter) (bool, []guard.Tally) {
	t.Helper()
	tallies := make([]guard.Tally, len(counters))
	ok, err := s.Reserve(t.Context(), counters, tallies)
	if err != nil {
		t.Fatal(err)
	}
	return ok, tallies
}

func settle(t *testing.T, s guard.Store, changes ...guard.Change) {
	t.Helper()
	if err := s.Settle(t.Context(), changes); err != nil {
		t.Fatal(err)
	}
}

// back takes a charge of c back, one that began no ban that goes on.
func back(c guard.Counter) guard.Change { return guard.Change{Key: c.Key, Every: c.Every} }

// patiently reserves, when whatever ban there is has ended.
func patiently(t *testing.T, s guard.Store, c guard.Counter) guard.Tally {
	t.Helper()
	ok, y := reserve(t, s, c)
	for !ok { // a slow machine sleeps longer, never shorter
		time.Sleep(y[0].Wait)
		ok, y = reserve(t, s, c)
	}
	return y[0]
}

func limit(t *testing.T, s guard.Store) {
	c := hourly(1, 3)
	for i := range int64(5) {
		ok, y := reserve(t, s, c)
		if want := i < 3; ok != want || y[0].Charged != want || y[0].Count != min(i+1, 3) {
			t.Errorf("guess %d: got %t, %+v; want %t", i+1, ok, y[0], want)
		}
		if ok && y[0].Wait != 0 || !ok && (y[0].Wait <= 0 || y[0].Wait > time.Minute) {
			t.Errorf("guess %d: got a wait of %v", i+1, y[0].Wait)
		}
		if want := map[bool]time.Duration{i == 2: time.Minute}[true]; y[0].Ban != want {
			t.Errorf("guess %d: got a ban of %v, want %v", i+1, y[0].Ban, want)
		}
	}
}

func refusal(t *testing.T, s guard.Store) {
	wide, narrow, marked := hourly(1, 100), hourly(2, 1), hourly(3, 2)
	marked.Mark = 1 << 63
	reserve(t, s, narrow)
	for range 3 {
		ok, y := reserve(t, s, wide, narrow, marked)
		if ok || y[0].Wait != 0 || y[1].Wait <= 0 || y[0].Charged || y[2].Charged || y[2].New {
			t.Errorf("got %t, %+v; want a refusal by the second", ok, y)
		}
	}
	if ok, y := reserve(t, s, wide, marked); !ok || y[0].Count != 1 || y[1].Count != 1 || !y[1].New {
		t.Errorf("got %t, %+v; want the first failure of both", ok, y)
	}
}

func apart(t *testing.T, s guard.Store) {
	c := hourly(1, 1)
	reserve(t, s, c)
	for _, k := range []ratelimit.Key{{Hi: c.Key.Hi, Lo: 2}, {Hi: c.Key.Hi + 1, Lo: 9}, {Hi: 1 << 63, Lo: 8}} {
		other := c
		other.Key = k
		if ok, _ := reserve(t, s, other); !ok {
			t.Errorf("%v pays for %v", k, c.Key)
		}
	}
}

func growth(t *testing.T, s guard.Store) {
	c := hourly(1, 2)
	c.BanFirst, c.BanMax = 2*time.Millisecond, 7*time.Millisecond
	for i, want := range []time.Duration{0, 2, 4, 7, 7} {
		if y := patiently(t, s, c); y.Ban != want*time.Millisecond {
			t.Errorf("failure %d: got a ban of %v, want %dms", i+1, y.Ban, want)
		}
	}
}

func forgiven(t *testing.T, s guard.Store) {
	c := hourly(1, 5)
	c.Every = 10 * time.Millisecond
	reserve(t, s, c)
	time.Sleep(11 * time.Millisecond)
	if _, y := reserve(t, s, c); y[0].Count != 1 {
		t.Errorf("got a count of %d after the first was forgiven, want 1", y[0].Count)
	}
}

func refund(t *testing.T, s guard.Store) {
	c := hourly(1, 2)
	settle(t, s, back(c)) // there is nothing to take back
	reserve(t, s, c)
	reserve(t, s, c)
	settle(t, s, back(c))
	if ok, y := reserve(t, s, c); !ok || y[0].Count != 2 {
		t.Errorf("got %t, %+v; want the ban gone with the second failure", ok, y[0])
	}
	for range 5 {
		settle(t, s, back(c))
	}
	for i := range int64(3) {
		if ok, y := reserve(t, s, c); ok != (i < 2) {
			t.Errorf("guess %d after more refunds than charges: got %t, %+v", i+1, ok, y[0])
		}
	}
}

// ownBan: a charge at the limit begins a ban, and a right password takes both back.
func ownBan(t *testing.T, s guard.Store) {
	short, long := hourly(1, 2), hourly(1, 2)
	short.BanFirst, short.BanMax = 5*time.Millisecond, 5*time.Millisecond
	for range 3 {
		patiently(t, s, short)
	}
	undo := back(short)
	undo.At = patiently(t, s, short).At
	settle(t, s, undo)
	if ok, y := reserve(t, s, long); !ok { // whose ban would still run
		t.Errorf("got %+v, want the ban gone with the charge that began it", y[0])
	}
}

// otherBan: what an older charge takes back does not end the ban that a later one began.
func otherBan(t *testing.T, s guard.Store) {
	c := hourly(1, 3)
	_, first := reserve(t, s, c)
	for range 3 {
		reserve(t, s, c)
		time.Sleep(time.Millisecond) // the clocks of stores tell microseconds apart
	}
	c.Limit = 2 // as many as are left when one was taken back
	undo := back(c)
	undo.At = first[0].At
	settle(t, s, undo)
	if ok, _ := reserve(t, s, c); ok {
		t.Error("a ban ended with a charge that did not begin it")
	}
}

func clearing(t *testing.T, s guard.Store) {
	a, b := hourly(1, 2), hourly(2, 2)
	a.Mark, b.Mark = 1, 1
	reserve(t, s, a, b)
	a.Mark, b.Mark = 2, 2
	reserve(t, s, a, b)
	settle(t, s, guard.Change{Key: a.Key, Clear: true}, guard.Change{Key: hourly(3, 1).Key, Clear: true})
	if ok, y := reserve(t, s, a); !ok || y[0].Count != 1 || !y[0].New {
		t.Errorf("got %t, %+v; want nothing left of the cleared counter", ok, y[0])
	}
	if ok, _ := reserve(t, s, b); ok {
		t.Error("the other counter was cleared too")
	}
}

func distinct(t *testing.T, s guard.Store) {
	c := hourly(1, 3)
	c.BanFirst = 5 * time.Millisecond
	for i, bit := range []int{0, 0, 63, 0, 63, 31} {
		c.Mark = 1 << bit
		ok, y := reserve(t, s, c)
		fresh := i == 0 || i == 2 || i == 5
		if !ok || y[0].New != fresh || y[0].Charged != fresh {
			t.Errorf("mark %d: got %t, %+v; want counted %t", i+1, ok, y[0], fresh)
		}
	}
	ok, y := reserve(t, s, c)
	for !ok {
		time.Sleep(y[0].Wait)
		ok, y = reserve(t, s, c)
	}
	if y[0].New || !y[0].Charged || y[0].Count != 4 || y[0].Ban != 10*time.Millisecond {
		t.Errorf("an old mark at the limit: got %+v, want the fourth failure", y[0])
	}
}

func unmark(t *testing.T, s guard.Store) {
	c := hourly(1, 3)
	c.Mark = 1 << 40
	undo := back(c)
	undo.Mark = c.Mark
	other := c
	other.Mark = 1 << 8
	reserve(t, s, other)
	reserve(t, s, c)
	settle(t, s, undo)
	if _, y := reserve(t, s, c); !y[0].New || y[0].Count != 2 {
		t.Errorf("got %+v, want a new mark again", y[0])
	}
	if _, y := reserve(t, s, other); y[0].New {
		t.Errorf("got %+v, want the other mark still there", y[0])
	}
}

func concurrent(t *testing.T, s guard.Store) {
	c := hourly(1, 50)
	var passed atomic.Int64
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			for range 10 {
				ok, err := s.Reserve(t.Context(), []guard.Counter{c}, make([]guard.Tally, 1))
				if err != nil {
					t.Error(err)
				} else if ok {
					passed.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if got := passed.Load(); got != 50 {
		t.Errorf("of 200 at once %d passed, want exactly 50", got)
	}
}

// crossing charges counters in every order, and takes each charge back.
func crossing(t *testing.T, s guard.Store) {
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				counters := []guard.Counter{hourly(1, 1000), hourly(2, 1000), hourly(3, 1000)}
				rand.Shuffle(3, func(i, j int) { counters[i], counters[j] = counters[j], counters[i] })
				if ok, err := s.Reserve(t.Context(), counters, make([]guard.Tally, 3)); err != nil || !ok {
					t.Errorf("got %t, %v", ok, err)
				}
				if err := s.Settle(t.Context(), []guard.Change{back(counters[0]), back(counters[1]), back(counters[2])}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	_, y := reserve(t, s, hourly(1, 1000), hourly(2, 1000), hourly(3, 1000))
	for i := range y {
		if y[i].Count != 1 {
			t.Errorf("counter %d: got %d, want 1 after every charge was taken back", i+1, y[i].Count)
		}
	}
}
