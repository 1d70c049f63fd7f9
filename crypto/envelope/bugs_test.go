package envelope_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gopalisade/palisade/crypto/envelope"
	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/secret"
)

// panicking is a wrapper with a bug, such as a nil map in a client of a KMS.

type panicking struct{ envelope.KeyWrapper }

func (panicking) Unwrap(context.Context, []byte, []byte) ([]byte, error) { panic("bug in the wrapper") }

// TestWrapperPanics: a handler's panic is caught by net/http; this one is in a goroutine of Keys, where nobody can.
func TestWrapperPanics(t *testing.T) {
	if os.Getenv("PALISADE_ENVELOPE_CHILD") == "panic" {
		local, store := newLocal(t), envelope.NewMemory(0)
		ringOf(t, newKeys(t, local, store, nil), alice)
		func() {
			defer func() { _ = recover() }() // as net/http does
			_, _ = newKeys(t, panicking{local}, store, nil).Ring(t.Context(), alice)
		}()
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestWrapperPanics$")
	cmd.Env = append(os.Environ(), "PALISADE_ENVELOPE_CHILD=panic")
	if out, err := cmd.CombinedOutput(); err != nil {
		line, _, _ := strings.Cut(string(out), "\n")
		t.Errorf("a panic in a KeyWrapper ended the process: %v, %s", err, line)
	}
}

type exiting struct{ envelope.KeyWrapper }

func (exiting) Unwrap(context.Context, []byte, []byte) ([]byte, error) {
	runtime.Goexit() // as t.FailNow in a fake does
	return nil, nil
}

// TestWrapperEndsItsGoroutine: the flight is never over, and whoever asks for this subject waits for ever.
func TestWrapperEndsItsGoroutine(t *testing.T) {
	local, store := newLocal(t), envelope.NewMemory(0)
	synctest.Test(t, func(t *testing.T) {
		k := newKeys(t, local, store, nil)
		ringOf(t, k, alice)
		other := newKeys(t, exiting{local}, store, nil)
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		for range 2 {
			_, err := other.Ring(ctx, alice)
			if errors.Is(err, context.DeadlineExceeded) {
				t.Fatalf("waited an hour for a flight that has ended: %v", err)
			}
		}
	})
}

// TestRollover moves from one wrapper to the next as OldWrappers says: the new release has both, and rewraps. A process
// of the release before is still there, as in every rolling update. Nothing was refused to it by anybody.
func TestRollover(t *testing.T) {
	first, second := newLocal(t), newNamed(t, "second")
	synctest.Test(t, func(t *testing.T) {
		store := envelope.NewMemory(0)
		before := newKeys(t, first, store, nil)
		ring := ringOf(t, before, alice)
		sealed := seal(t, ring)
		after := newKeys(t, second, store, func(c *envelope.Config) { c.OldWrappers = []envelope.KeyWrapper{first} })
		if err := after.Rewrap(t.Context(), alice); err != nil {
			t.Fatal(err)
		}
		time.Sleep(4 * time.Minute)
		_, _ = before.Ring(t.Context(), alice)
		synctest.Wait()
		if _, err := before.Ring(t.Context(), alice); err != nil || !opens(ring, sealed) {
			t.Errorf("after 4 minutes, of an HardTTL of an hour, the ring in memory was closed: %v", err)
		}
		_, _ = before.Close(), after.Close()
	})
}

func newNamed(t testing.TB, name string) *envelope.Local {
	t.Helper()
	l, err := envelope.NewLocal(envelope.LocalConfig{
		Keys: []field.Key{{ID: 9, Secret: secret.New(random()), State: field.Primary}}, Name: name,
	})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestManyGenerations rotates and retires for as long as a process may live. A subject never has more than a few keys,
// but its ring remembers every one that it had.
func TestManyGenerations(t *testing.T) {
	local := newLocal(t)
	synctest.Test(t, func(t *testing.T) {
		store := envelope.NewMemory(0)
		var failures []error
		k := newKeys(t, local, store, func(c *envelope.Config) {
			c.TTL, c.HardTTL, c.Timeout = time.Second, 3*time.Second, time.Millisecond
			c.OnError = func(_ string, err error) { failures = append(failures, err) }
		})
		ring := ringOf(t, k, alice)
		for n := range 300 {
			if err := k.Rotate(t.Context(), alice); err != nil {
				t.Fatal(err)
			}
			for range 20 { // the ring is confirmed all the time
				time.Sleep(500 * time.Millisecond)
				if _, err := k.Ring(t.Context(), alice); err != nil {
					t.Fatalf("generation %d, %d keys stored: %v", n, len(records(t, store, alice)), err)
				}
				synctest.Wait()
			}
			recs := records(t, store, alice)
			if err := k.Retire(t.Context(), alice, recs[0].KeyID); err != nil {
				t.Fatal(err)
			}
			if len(failures) > 0 {
				t.Fatalf("generation %d, with %d keys stored: %v; ring closed: %v", n, len(recs), failures[0], ring.Keys() == nil)
			}
		}
		_ = k.Close()
	})
}

// TestRetireDuringFlight: a ring that is being loaded has listed the key before it was deleted, and keeps it.
func TestRetireDuringFlight(t *testing.T) {
	svc := newService(t)
	synctest.Test(t, func(t *testing.T) {
		store := envelope.NewMemory(0)
		k := newKeys(t, svc, store, nil)
		old := seal(t, ringOf(t, k, alice))
		first := primary(t, ringOf(t, k, alice))
		if err := k.Rotate(t.Context(), alice); err != nil {
			t.Fatal(err)
		}
		time.Sleep(4 * time.Hour)
		k2 := newKeys(t, svc, store, nil)
		gate := make(chan struct{})
		svc.mu.Lock()
		svc.gate, svc.began = gate, make(chan struct{}, 100)
		svc.mu.Unlock()
		var wg sync.WaitGroup
		var ring *field.Ring
		wg.Go(func() { ring, _ = k2.Ring(t.Context(), alice) })
		synctest.Wait() // it has listed, and unwraps
		if err := k2.Retire(t.Context(), alice, first); err != nil {
			t.Fatal(err)
		}
		close(gate)
		wg.Wait()
		svc.mu.Lock()
		svc.gate, svc.began = nil, nil
		svc.mu.Unlock()
		if opens(ring, old) {
			t.Error("Retire returned nil, and the key opens in the process that retired it")
		}
		_, _ = k.Close(), k2.Close()
	})
}

// TestUsedWhileEvicted uses rings while they are evicted, collected, confirmed and shredded. Run with -race.
func TestUsedWhileEvicted(t *testing.T) {
	store, local := envelope.NewMemory(0), newLocal(t)
	mk := func() *envelope.Keys {
		return newKeys(t, local, store, func(c *envelope.Config) { c.MaxSubjects = 2 })
	}
	ks := []*envelope.Keys{mk(), mk()}
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 300 {
				who := string(rune('a' + (i*7+g)%6))
				k := ks[(i+g)%2]
				ring, err := k.Ring(t.Context(), who)
				if err != nil {
					t.Error(err)
					return
				}
				sealed, err := ring.Seal(cell(), []byte("a note"))
				if err != nil {
					t.Errorf("seal: %v", err)
					return
				}
				if i%50 == 0 {
					runtime.GC()
				}
				if i%40 == 0 && k.Rotate(t.Context(), who) != nil {
					t.Error("rotate")
				}
				if i%45 == 0 && k.Rewrap(t.Context(), who) != nil {
					t.Error("rewrap")
				}
				other, err := ks[(i+g+1)%2].Ring(t.Context(), who)
				if err != nil || !opens(other, sealed) {
					t.Errorf("the other process does not open it: %v", err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// slow is a healthy service in another region.

type slow struct{ envelope.KeyWrapper }

func (s slow) Unwrap(ctx context.Context, wrapped, aad []byte) ([]byte, error) {
	time.Sleep(50 * time.Millisecond)
	return s.KeyWrapper.Unwrap(ctx, wrapped, aad)
}

// TestAskedJustBeforeHardTTL: a subject that was idle for almost an hour comes back while store and service are well.
// The ring's timer runs out during the flight, which then throws away good keys, and refuses the subject for a second.
func TestAskedJustBeforeHardTTL(t *testing.T) {
	local := newLocal(t)
	synctest.Test(t, func(t *testing.T) {
		k := newKeys(t, slow{local}, envelope.NewMemory(0), nil)
		ringOf(t, k, alice)
		time.Sleep(time.Hour - 20*time.Millisecond)
		for range 5 {
			if _, err := k.Ring(t.Context(), alice); err != nil {
				t.Errorf("nothing is down: %v", err)
			}
			time.Sleep(200 * time.Millisecond)
		}
		_ = k.Close()
	})
}

// and collected. With more subjects than MaxSubjects neither limit is ever reached.
