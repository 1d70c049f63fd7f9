package envelope_test

import (
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gopalisade/palisade/crypto/envelope"
	"github.com/gopalisade/palisade/crypto/field"
)

// TestRecovery has the service come back in time: the ring is the one that it was.
func TestRecovery(t *testing.T) {
	local := newLocal(t)
	synctest.Test(t, func(t *testing.T) {
		kms := &service{KeyWrapper: local}
		k := newKeys(t, kms, envelope.NewMemory(0), nil)
		ring := ringOf(t, k, alice)
		kms.fail(errDown)
		time.Sleep(50 * time.Minute)
		ringOf(t, k, alice)
		kms.fail(nil)
		time.Sleep(2 * time.Second)
		ringOf(t, k, alice)
		synctest.Wait()
		time.Sleep(50 * time.Minute) // more than HardTTL since the first
		if got := ringOf(t, k, alice); got != ring {
			t.Error("a confirmed ring was exchanged")
		}
		seal(t, ring)
		_ = k.Close()
	})
}

// TestConfirmation counts when the service is asked: in the background before TTL, and waited for afterwards.
func TestConfirmation(t *testing.T) {
	local := newLocal(t)
	for _, tc := range []struct {
		name   string
		after  time.Duration
		asked  bool
		waited bool
	}{
		{"young", 3*time.Minute + 44*time.Second, false, false},
		{"the last quarter", 3*time.Minute + 46*time.Second, true, false},
		{"just before TTL", 5*time.Minute - time.Second, true, false},
		{"TTL", 5 * time.Minute, true, true},
		{"long after", 59 * time.Minute, true, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			kms := &service{KeyWrapper: local}
			k := newKeys(t, kms, envelope.NewMemory(0), nil)
			ring := ringOf(t, k, alice)
			time.Sleep(tc.after)
			before := kms.calls()
			_, release := kms.block()
			begin := time.Now()
			got := ringOf(t, k, alice)
			synctest.Wait()
			if asked := kms.calls() > before; asked != tc.asked {
				t.Errorf("%s: asked %t, want %t", tc.name, asked, tc.asked)
			}
			// A service that hangs is waited for a second, once for all.
			if waited := time.Since(begin); (waited == time.Second) != tc.waited || !tc.waited && waited != 0 || got != ring {
				t.Errorf("%s: waited %v, want %t", tc.name, waited, tc.waited)
			}
			begin = time.Now()
			if ringOf(t, k, alice); time.Since(begin) != 0 {
				t.Errorf("%s: the second waited too", tc.name)
			}
			release()
			synctest.Wait()
			if n := kms.calls() - before; n > 1 {
				t.Errorf("%s: %d calls, want at most one", tc.name, n)
			}
			_ = k.Close()
		})
	}
}

// TestNobodyAsks closes a ring that is held somewhere and not asked for.
func TestNobodyAsks(t *testing.T) {
	local := newLocal(t)
	synctest.Test(t, func(t *testing.T) {
		k := newKeys(t, local, envelope.NewMemory(0), nil)
		ring := ringOf(t, k, alice)
		time.Sleep(time.Hour - time.Second)
		seal(t, ring)
		time.Sleep(2 * time.Second)
		if _, err := ring.Seal(cell(), nil); !errors.Is(err, field.ErrClosed) {
			t.Errorf("got %v, want ErrClosed", err)
		}
		if ringOf(t, k, alice) == ring {
			t.Error("the closed ring was handed out")
		}
		_ = k.Close()
	})
}

// TestOldFailure has an outage that was over long ago, as far as anybody knows: it is no reason not to wait for an answer.
func TestOldFailure(t *testing.T) {
	local := newLocal(t)
	synctest.Test(t, func(t *testing.T) {
		kms, store := &service{KeyWrapper: local}, envelope.NewMemory(0)
		k := newKeys(t, kms, store, nil)
		ringOf(t, k, alice)
		kms.fail(errDown)
		for range 20 {
			time.Sleep(30 * time.Second)
			ringOf(t, k, alice)
		}
		kms.fail(nil)
		if err := newKeys(t, local, store, nil).Shred(t.Context(), alice); err != nil {
			t.Fatal(err)
		}
		time.Sleep(40 * time.Minute)
		_, err := k.Ring(t.Context(), alice)
		wantKind(t, "shredded elsewhere", err, envelope.ErrShredded)
		_ = k.Close()
	})
}

// TestClosedByCaller has a ring closed by somebody who should not have.
func TestClosedByCaller(t *testing.T) {
	local := newLocal(t)
	synctest.Test(t, func(t *testing.T) {
		k := newKeys(t, local, envelope.NewMemory(0), nil)
		ring := ringOf(t, k, alice)
		sealed := seal(t, ring)
		_ = ring.Close()
		time.Sleep(5 * time.Minute)
		if !opens(ringOf(t, k, alice), sealed) {
			t.Error("it is closed for ever")
		}
		_ = k.Close()
	})
}

// TestLostRecords has a store that forgets, as one does that was restored or reads from a replica. No new key may hide that.
func TestLostRecords(t *testing.T) {
	local := newLocal(t)
	synctest.Test(t, func(t *testing.T) {
		store := &brokenStore{Store: envelope.NewMemory(0)}
		k := newKeys(t, local, store, nil)
		if err := errors.Join(k.Rotate(t.Context(), alice), k.Rotate(t.Context(), alice)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Hour)
		ring := ringOf(t, k, alice)
		sealed := seal(t, ring)
		whole := store.Store
		older := envelope.NewMemory(0)
		if err := older.Add(t.Context(), records(t, whole, alice)[0]); err != nil {
			t.Fatal(err)
		}
		for n, lost := range []envelope.Store{envelope.NewMemory(0), older} {
			store.Store = lost
			time.Sleep(5 * time.Minute)
			if got := ringOf(t, k, alice); got != ring || !opens(got, sealed) {
				t.Error("the ring is lost with the record")
			}
			if recs := records(t, store, alice); len(recs) != n {
				t.Errorf("a new key was made: %+v", recs)
			}
		}
		store.Store = whole
		time.Sleep(2 * time.Minute)
		ringOf(t, k, alice)
		synctest.Wait()
		time.Sleep(59 * time.Minute)
		if got := ringOf(t, k, alice); got != ring {
			t.Error("the ring was not confirmed")
		}
		_ = k.Close()
	})
}

// TestLateConfirmation lands after the ring was closed for its age.
func TestLateConfirmation(t *testing.T) {
	local := newLocal(t)
	for _, during := range []string{"unwrap", "list"} {
		synctest.Test(t, func(t *testing.T) {
			kms := &service{KeyWrapper: local}
			store := &brokenStore{Store: envelope.NewMemory(0)}
			k := newKeys(t, kms, store, func(c *envelope.Config) { c.Timeout = 10 * time.Second })
			ring := ringOf(t, k, alice)
			sealed := seal(t, ring)
			time.Sleep(time.Hour - 2*time.Second)
			slow := func() { time.Sleep(5 * time.Second) }
			if during == "list" {
				store.before = func(string) { slow() }
			} else {
				_, release := kms.block()
				time.AfterFunc(5*time.Second, release)
			}
			var wg sync.WaitGroup
			wg.Go(func() { _, _ = k.Ring(t.Context(), alice) })
			time.Sleep(3 * time.Second)
			got, err := k.Ring(t.Context(), alice) // waits for the flight
			if err != nil || got == ring || !opens(got, sealed) {
				t.Errorf("%s: got %v, want another ring of the same key", during, err)
			}
			wg.Wait()
			_ = k.Close()
		})
	}
}
