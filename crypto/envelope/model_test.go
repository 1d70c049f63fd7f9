package envelope_test

import (
	"errors"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gopalisade/palisade/crypto/envelope"
	"github.com/gopalisade/palisade/crypto/field"
)

// TestThreeProcesses has three processes rotate, rewrap, retire and seal at random, with outages of the service and idle times of
// any length, under MaxAge and MaxUses. What one seals, each other one opens at once, as long as its key is stored.
func TestThreeProcesses(t *testing.T) {
	local := newLocal(t)
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(seed, 1))
			store := envelope.NewMemory(0)
			var ks [3]*envelope.Keys
			var svcs [3]*service
			for i := range ks {
				svcs[i] = &service{KeyWrapper: local}
				ks[i] = newKeys(t, svcs[i], store, func(c *envelope.Config) {
					c.MaxAge, c.MaxUses, c.MaxSubjects = 3*time.Hour, 50, 2
				})
			}
			var sealed [][]byte
			until := [3]time.Time{}
			for step := range 400 {
				i := rnd.IntN(3)
				switch rnd.IntN(12) {
				case 0:
					_ = ks[i].Rotate(t.Context(), alice)
				case 1:
					_ = ks[i].Rewrap(t.Context(), alice)
				case 2:
					if recs := records(t, store, alice); len(recs) > 0 {
						_ = ks[i].Retire(t.Context(), alice, recs[rnd.IntN(len(recs))].KeyID)
					}
				case 3:
					svcs[i].fail(errDown)
					until[i] = time.Now().Add(time.Duration(rnd.Int64N(int64(3 * time.Hour))))
				case 4:
					_, _ = ks[i].Ring(t.Context(), "other") // evicts
					_, _ = ks[i].Ring(t.Context(), "another")
				case 5:
					time.Sleep(time.Duration(rnd.Int64N(int64(4 * time.Hour))))
				default:
					time.Sleep(time.Duration(rnd.Int64N(int64(6 * time.Minute))))
				}
				for j := range until {
					if !until[j].IsZero() && time.Now().After(until[j]) {
						svcs[j].fail(nil)
						until[j] = time.Time{}
					}
				}
				ring, err := ks[i].Ring(t.Context(), alice)
				if err != nil {
					if !errors.Is(err, envelope.ErrUnavailable) || until[i].IsZero() && svcs[i].err == nil && recentlyUp(err) {
						t.Fatalf("seed %d, step %d: %v", seed, step, err)
					}
					continue
				}
				s, err := ring.Seal(cell(), []byte("a note"))
				if err != nil {
					t.Fatalf("seed %d, step %d: seal: %v", seed, step, err)
				}
				if sealed = append(sealed, s); len(sealed) > 60 {
					sealed = sealed[1:]
				}
				there := map[field.KeyID]bool{}
				for _, r := range records(t, store, alice) {
					there[r.KeyID] = true
				}
				for j := range ks {
					ring, err := ks[j].Ring(t.Context(), alice)
					if err != nil {
						continue
					}
					for n, s := range sealed {
						info, _ := field.Inspect(s)
						if n == len(sealed)-1 && !there[info.KeyID] {
							t.Fatalf("seed %d, step %d: process %d has sealed with a key that is not stored", seed, step, i)
						}
						if there[info.KeyID] && !opens(ring, s) {
							t.Fatalf("seed %d, step %d: process %d does not open what %d sealed with a key that is stored", seed, step, j, i)
						}
					}
				}
			}
			synctest.Wait()
			for i := range ks {
				_ = ks[i].Close()
			}
		})
	}
}

// recentlyUp reports an outage that is not one that is remembered.
func recentlyUp(err error) bool { return !errors.Is(err, errDown) }

// TestTimeoutIsBounded: with a Timeout of "never", twice of it is negative, and a new key seals before others know it.
func TestTimeoutIsBounded(t *testing.T) {
	local := newLocal(t)
	synctest.Test(t, func(t *testing.T) {
		store := envelope.NewMemory(0)
		var ks [2]*envelope.Keys
		for i := range ks {
			var err error
			ks[i], err = envelope.New(envelope.Config{Wrapper: local, Store: store, Timeout: 1 << 62})
			if err != nil {
				return // refused: good
			}
		}
		there := ringOf(t, ks[1], alice)
		if err := ks[0].Rotate(t.Context(), alice); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Minute)
		here := ringOf(t, ks[0], alice)
		if !opens(there, seal(t, here)) {
			t.Error("a key that was made 5 minutes ago seals, and another process does not know it")
		}
		_, _ = ks[0].Close(), ks[1].Close()
	})
}

// TestTwoRewraps: a job of the release before takes the record back to the old wrapper, at the same time. Rewrap says
// nil, and the old key-encryption key goes.
func TestTwoRewraps(t *testing.T) {
	first, second := newLocal(t), newNamed(t, "second")
	inner := envelope.NewMemory(0)
	k := newKeys(t, first, inner, nil)
	ringOf(t, k, alice)
	store := &brokenStore{Store: inner}
	done := false
	store.before = func(step string) {
		if step == "replace" && !done {
			done = true
			if err := k.Rewrap(t.Context(), alice); err != nil {
				t.Error(err)
			}
		}
	}
	next := newKeys(t, second, store, func(c *envelope.Config) { c.OldWrappers = []envelope.KeyWrapper{first} })
	if err := next.Rewrap(t.Context(), alice); err == nil && records(t, inner, alice)[0].KEK != "second" {
		t.Error("Rewrap said nil, and the record is under the old wrapper")
	}
}
