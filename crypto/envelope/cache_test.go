package envelope_test

import (
	"errors"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/gopalisade/palisade/crypto/envelope"
	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/internal/racing"
)

// TestEviction drops what was not used for the longest time, and closes nothing under its user.
func TestEviction(t *testing.T) {
	local := newLocal(t)
	synctest.Test(t, func(t *testing.T) {
		kms := &service{KeyWrapper: local}
		k := newKeys(t, kms, envelope.NewMemory(0), func(c *envelope.Config) { c.MaxSubjects = 3 })
		rings := map[string]*field.Ring{}
		for _, subject := range []string{"a", "b", "c", "a", "d"} { // b goes
			time.Sleep(time.Second)
			rings[subject] = ringOf(t, k, subject)
		}
		before := kms.calls()
		for _, subject := range []string{"a", "c", "d"} {
			if ringOf(t, k, subject) != rings[subject] {
				t.Errorf("%s was dropped", subject)
			}
		}
		if kms.calls() != before {
			t.Error("what is ready was loaded again")
		}
		sealed := seal(t, rings["b"]) // its user goes on
		time.Sleep(2 * time.Second)
		if again := ringOf(t, k, "b"); again != rings["b"] || !opens(again, sealed) {
			t.Error("what came back is not the ring that is in use, with its count of values")
		}
		_ = k.Close()
	})
}

// TestEvictedRing is in use when it makes room for others: what closes rings closes it too.
func TestEvictedRing(t *testing.T) {
	local := newLocal(t)
	for _, tc := range []struct {
		name string
		end  func(*testing.T, *envelope.Keys, *service)
		want bool // closed
	}{
		{"nothing", func(*testing.T, *envelope.Keys, *service) {}, false},
		{"just before HardTTL", func(*testing.T, *envelope.Keys, *service) { time.Sleep(time.Hour - time.Second) }, false},
		{"HardTTL", func(*testing.T, *envelope.Keys, *service) { time.Sleep(time.Hour) }, true},
		{"shredding", func(t *testing.T, k *envelope.Keys, _ *service) {
			if err := k.Shred(t.Context(), alice); err != nil {
				t.Error(err)
			}
		}, true},
		{"Close", func(_ *testing.T, k *envelope.Keys, _ *service) { _ = k.Close() }, true},
		{"refusal", func(t *testing.T, k *envelope.Keys, kms *service) {
			kms.fail(envelope.ErrRefused)
			_, err := k.Ring(t.Context(), alice)
			wantKind(t, "refusal", err, envelope.ErrRefused)
		}, true},
		{"outage", func(t *testing.T, k *envelope.Keys, kms *service) {
			kms.fail(errDown)
			_, err := k.Ring(t.Context(), alice)
			wantKind(t, "outage", err, envelope.ErrUnavailable)
		}, false},
		{"it comes back, and is confirmed", func(t *testing.T, k *envelope.Keys, _ *service) {
			time.Sleep(30 * time.Minute)
			ringOf(t, k, alice)
			ringOf(t, k, "b") // and leaves again
			time.Sleep(59 * time.Minute)
		}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				kms := &service{KeyWrapper: local}
				k := newKeys(t, kms, envelope.NewMemory(0), func(c *envelope.Config) { c.MaxSubjects = 1 })
				ring := ringOf(t, k, alice)
				ringOf(t, k, "a")
				runtime.GC()
				tc.end(t, k, kms)
				synctest.Wait()
				if _, err := ring.Seal(cell(), nil); errors.Is(err, field.ErrClosed) != tc.want {
					t.Errorf("got %v, want closed %t", err, tc.want)
				}
				_ = k.Close()
			})
		})
	}
}

// TestEvictedAndGone has rings that made room for others, and that nobody uses: their time runs out without them.
func TestEvictedAndGone(t *testing.T) {
	local := newLocal(t)
	synctest.Test(t, func(t *testing.T) {
		kms := &service{KeyWrapper: local}
		k := newKeys(t, kms, envelope.NewMemory(0), func(c *envelope.Config) { c.MaxSubjects = 1 })
		var gone weak.Pointer[field.Ring]
		var sealed []byte
		func() {
			ring := ringOf(t, k, alice)
			sealed, gone = seal(t, ring), weak.Make(ring)
		}()
		ringOf(t, k, "a")
		for range 2 {
			runtime.GC()
		}
		if gone.Value() != nil {
			t.Error("something keeps a ring that made room")
		}
		time.Sleep(2 * time.Hour)
		if before := kms.unwraps.Load(); !opens(ringOf(t, k, alice), sealed) || kms.unwraps.Load() != before+1 {
			t.Error("what comes back was not unwrapped again")
		}
		_ = k.Close()
	})
}

// TestManySubjects stays within its bounds.
func TestManySubjects(t *testing.T) {
	k := newKeys(t, newLocal(t), envelope.NewMemory(0), func(c *envelope.Config) { c.MaxSubjects, c.MaxContexts = 50, 16 })
	load := func(n int) uint64 {
		for i := range n {
			seal(t, ringOf(t, k, fmt.Sprintf("customer-%d", i)))
		}
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	few := load(500)
	many := load(3000) // whose records are in memory too
	if many > few+4000*3000 {
		t.Errorf("the heap went from %d to %d bytes", few, many)
	}
}

func TestRingDoesNotAllocate(t *testing.T) {
	if racing.Enabled {
		t.Skip("the race detector allocates")
	}
	k := newKeys(t, newLocal(t), envelope.NewMemory(0), nil)
	ringOf(t, k, alice)
	if n := testing.AllocsPerRun(1000, func() { ringOf(t, k, alice) }); n != 0 {
		t.Errorf("%v allocations for a ring that is ready, want 0", n)
	}
}
