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

const day = 24 * time.Hour

// primary returns the id of the key that a ring seals with.
func primary(t *testing.T, ring *field.Ring) field.KeyID {
	t.Helper()
	info, err := field.Inspect(seal(t, ring))
	if err != nil {
		t.Fatal(err)
	}
	return info.KeyID
}

// TestRotate has two processes, of which one rotates: at no time does one seal what the other cannot open.
func TestRotate(t *testing.T) {
	local := newLocal(t)
	synctest.Test(t, func(t *testing.T) {
		store := envelope.NewMemory(0)
		processes := []*envelope.Keys{newKeys(t, local, store, nil), newKeys(t, local, store, nil)}
		first := primary(t, ringOf(t, processes[0], alice))
		ringOf(t, processes[1], alice)
		if err := processes[0].Rotate(t.Context(), alice); err != nil {
			t.Fatal(err)
		}
		recs := records(t, store, alice)
		if len(recs) != 2 || recs[1].Seq != 2 || recs[1].KeyID == first {
			t.Fatalf("got %+v", recs)
		}
		begin := time.Now()
		var switched []time.Duration
		last := []field.KeyID{first, first}
		for time.Since(begin) < 2*time.Hour {
			for i, k := range processes {
				ring := ringOf(t, k, alice)
				sealed := seal(t, ring)
				if !opens(ringOf(t, processes[1-i], alice), sealed) {
					t.Fatalf("after %v one process cannot open what the other sealed", time.Since(begin))
				}
				if id := primary(t, ring); id != last[i] {
					switched, last[i] = append(switched, time.Since(begin)), id
				}
			}
			time.Sleep(10 * time.Second)
		}
		if len(switched) != 2 || last[0] != recs[1].KeyID || last[1] != recs[1].KeyID {
			t.Fatalf("got primaries %d after switches at %v, want the new key %d in both", last, switched, recs[1].KeyID)
		}
		for _, at := range switched {
			if at < 65*time.Minute+20*time.Second || at > 70*time.Minute+20*time.Second {
				t.Errorf("switched after %v, want the delay, and the next confirmation", at)
			}
		}
		for _, k := range processes {
			_ = k.Close()
		}
	})
}

// TestSlowRotation takes as long as it may to store a key, and another process reads just before that for the last time.
func TestSlowRotation(t *testing.T) {
	local := newLocal(t)
	synctest.Test(t, func(t *testing.T) {
		store := envelope.NewMemory(0)
		short := func(c *envelope.Config) { c.TTL, c.HardTTL, c.MaxAge = time.Second, 5*time.Second, time.Hour }
		kms := &service{KeyWrapper: local}
		here := newKeys(t, kms, &brokenStore{Store: store, before: func(step string) {
			if step == "add" && kms.wraps.Load() > 1 {
				time.Sleep(9 * time.Second)
			}
		}}, short)
		first := primary(t, ringOf(t, here, alice))
		go func() {
			_, release := kms.block()
			time.AfterFunc(9*time.Second, release)
			if err := here.Rotate(t.Context(), alice); err != nil {
				t.Error(err)
			}
		}()
		time.Sleep(18*time.Second - time.Millisecond)
		there := ringOf(t, newKeys(t, local, store, short), alice)
		if len(records(t, store, alice)) != 1 {
			t.Fatal("the key is stored already")
		}
		for begin := time.Now(); time.Since(begin) < 20*time.Second; time.Sleep(100 * time.Millisecond) {
			sealed := seal(t, ringOf(t, here, alice))
			if _, err := there.Open(cell(), sealed); err != nil && !errors.Is(err, field.ErrClosed) {
				t.Fatalf("after %v the other process cannot open it: %v", time.Since(begin), errors.Unwrap(err))
			}
		}
		if primary(t, ringOf(t, here, alice)) == first {
			t.Error("the new key is not in use")
		}
		_ = here.Close()
	})
}

// TestRotateAtOnce has several processes rotate at the same time.
func TestRotateAtOnce(t *testing.T) {
	local := newLocal(t)
	store := envelope.NewMemory(0)
	k := newKeys(t, local, store, nil)
	ringOf(t, k, alice)
	meet := make(chan struct{})
	var wg sync.WaitGroup
	for range 4 {
		slow := &brokenStore{Store: store, before: func(step string) {
			if step == "add" {
				<-meet // all have read by then
			}
		}}
		other := newKeys(t, local, slow, nil)
		wg.Go(func() {
			if err := other.Rotate(t.Context(), alice); err != nil {
				t.Error(err)
			}
		})
	}
	time.AfterFunc(10*time.Millisecond, func() { close(meet) })
	wg.Wait()
	if recs := records(t, store, alice); len(recs) < 2 || len(recs) > 5 {
		t.Errorf("got %d keys", len(recs))
	}
	if err := newKeys(t, local, store, nil).Rotate(t.Context(), "nobody yet"); err != nil {
		t.Errorf("of a subject without keys: %v", err)
	}
}

// TestMaxAge follows a subject for a year. Every key opens what it sealed, after a restart too.
func TestMaxAge(t *testing.T) {
	local := newLocal(t)
	synctest.Test(t, func(t *testing.T) {
		store := envelope.NewMemory(0)
		k := newKeys(t, local, store, nil)
		begin := time.Now()
		var all [][]byte
		ids := map[field.KeyID]bool{}
		for time.Since(begin) < 365*day {
			ring := ringOf(t, k, alice)
			sealed := seal(t, ring)
			info, _ := field.Inspect(sealed)
			if !ids[info.KeyID] {
				ids[info.KeyID] = true
				all = append(all, sealed)
			}
			time.Sleep(55 * time.Minute)
		}
		if recs := records(t, store, alice); len(recs) != 5 || len(ids) != 5 {
			t.Errorf("got %d keys, of which %d sealed, want 5 in a year", len(recs), len(ids))
		}
		for _, k := range []*envelope.Keys{k, newKeys(t, local, store, nil)} {
			for i, sealed := range all {
				if !opens(ringOf(t, k, alice), sealed) {
					t.Errorf("key %d does not open any more", i+1)
				}
			}
			_ = k.Close()
		}
	})
}

// TestMaxUses counts requests for a ring. The ring itself stays, so its own count goes on.
func TestMaxUses(t *testing.T) {
	local := newLocal(t)
	synctest.Test(t, func(t *testing.T) {
		store := envelope.NewMemory(0)
		k := newKeys(t, local, store, func(c *envelope.Config) { c.MaxUses = 100 })
		ring := ringOf(t, k, alice)
		uses := func(n int) int {
			for range n {
				if ringOf(t, k, alice) != ring {
					t.Fatal("another ring")
				}
			}
			synctest.Wait()
			return len(records(t, store, alice))
		}
		if n := uses(99); n != 1 {
			t.Errorf("got %d keys after 99 uses, want 1", n)
		}
		if n := uses(1000); n != 2 {
			t.Errorf("got %d keys after more than 100 uses, want 2", n)
		}
		for range 16 { // until the second seals
			time.Sleep(5 * time.Minute)
			if n := uses(1); n != 2 {
				t.Fatalf("got %d keys while the second waits, want 2", n)
			}
		}
		if recs := records(t, store, alice); primary(t, ring) != recs[1].KeyID {
			t.Error("the second key does not seal")
		}
		if n := uses(100); n != 3 {
			t.Errorf("got %d keys after 100 uses of the second, want 3", n)
		}
		_ = k.Close()
	})
}

// TestUsesAddUp has uses on both sides of a confirmation.
func TestUsesAddUp(t *testing.T) {
	local := newLocal(t)
	synctest.Test(t, func(t *testing.T) {
		store := envelope.NewMemory(0)
		k := newKeys(t, local, store, func(c *envelope.Config) { c.MaxUses = 100 })
		for n := range 100 {
			time.Sleep(time.Minute)
			if got := len(records(t, store, alice)); n > 0 && got != 1 {
				t.Fatalf("got %d keys after %d uses", got, n)
			}
			ringOf(t, k, alice)
		}
		time.Sleep(5 * time.Minute)
		ringOf(t, k, alice)
		if got := len(records(t, store, alice)); got != 2 {
			t.Errorf("got %d keys after 100 uses in as many minutes, want 2", got)
		}
		_ = k.Close()
	})
}

// TestReadOnly has a service that unwraps and does not wrap: the old key goes on, and it is told.
func TestReadOnly(t *testing.T) {
	local := newLocal(t)
	synctest.Test(t, func(t *testing.T) {
		kms := &service{KeyWrapper: local}
		var reported []error
		var mu sync.Mutex
		k := newKeys(t, kms, envelope.NewMemory(0), func(c *envelope.Config) {
			c.OnError = func(_ string, err error) {
				mu.Lock()
				defer mu.Unlock()
				reported = append(reported, err)
			}
		})
		ring := ringOf(t, k, alice)
		kms.failWrap(envelope.ErrRefused)
		time.Sleep(91 * day)
		again := ringOf(t, k, alice)
		if !opens(again, seal(t, again)) || opens(ring, seal(t, again)) {
			t.Error("want a new ring after so long, with the old key")
		}
		if len(reported) != 1 || !errors.Is(reported[0], envelope.ErrRefused) {
			t.Errorf("reported %v", reported)
		}
		wantKind(t, "Rotate", k.Rotate(t.Context(), alice), envelope.ErrRefused)
		wantKind(t, "Rewrap", k.Rewrap(t.Context(), alice), envelope.ErrRefused)
		_, err := k.Ring(t.Context(), "customer-8")
		wantKind(t, "a first key", err, envelope.ErrRefused)
		_ = k.Close()
	})
}

// TestTooManyKeys stops at what a ring can hold.
func TestTooManyKeys(t *testing.T) {
	k := newKeys(t, newLocal(t), envelope.NewMemory(0), nil)
	for i := range 256 {
		if err := k.Rotate(t.Context(), alice); err != nil {
			t.Fatalf("key %d: %v", i+1, err)
		}
	}
	wantKind(t, "key 257", k.Rotate(t.Context(), alice), envelope.ErrFull)
	seal(t, ringOf(t, k, alice))
}
