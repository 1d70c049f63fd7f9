// Package dpoptest checks an implementation of [dpop.ReplayStore].
//
// Call [Run] from a test of your own; it fails the test wherever the store breaks the contract.
package dpoptest

import (
	"context"
	"crypto/rand"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gopalisade/palisade/auth/token/dpop"
)

// Run runs the suite. newStore returns a store with room for a thousand proofs; it is called for each subtest, and cleans up
// through t.Cleanup.
func Run(t *testing.T, newStore func(t *testing.T) dpop.ReplayStore) {
	for name, check := range map[string]func(*testing.T, dpop.ReplayStore){
		"once":                once,
		"keys are apart":      keysAreApart,
		"whole key":           wholeKey,
		"one of many":         oneOfMany,
		"forgets after time":  forgets,
		"a request that left": cancelled,
	} {
		t.Run(name, func(t *testing.T) { check(t, newStore(t)) })
	}
}

func newKey() (key [32]byte) {
	_, _ = rand.Read(key[:]) // never fails
	return key
}

func use(t *testing.T, s dpop.ReplayStore, key [32]byte, life time.Duration) bool {
	t.Helper()
	fresh, err := s.Use(t.Context(), key, time.Now().Add(life))
	if err != nil {
		t.Errorf("got %v, want no error", err)
	}
	return fresh
}

func once(t *testing.T, s dpop.ReplayStore) {
	key := newKey()
	for i := range 5 {
		if got := use(t, s, key, time.Hour); got != (i == 0) {
			t.Errorf("use %d: got fresh = %t, want %t", i+1, got, i == 0)
		}
	}
}

func keysAreApart(t *testing.T, s dpop.ReplayStore) {
	for i := range 100 {
		if !use(t, s, newKey(), time.Hour) {
			t.Errorf("key %d: got used, want fresh", i+1)
		}
	}
}

// wholeKey finds stores that cut keys, or take them for text.
func wholeKey(t *testing.T, s dpop.ReplayStore) {
	key := newKey()
	for i := range key {
		other := key
		other[i] ^= 0x80
		if !use(t, s, other, time.Hour) {
			t.Errorf("byte %d does not count", i)
		}
	}
	for _, fill := range []byte{0, '\n', '\'', 0xff} {
		var odd [32]byte
		for i := range odd {
			odd[i] = fill
		}
		odd[0], odd[31] = key[0], key[1] // not used by an earlier run
		if !use(t, s, odd, time.Hour) || use(t, s, odd, time.Hour) {
			t.Errorf("a key of bytes %#x is not one", fill)
		}
	}
}

func oneOfMany(t *testing.T, s dpop.ReplayStore) {
	for range 10 {
		key := newKey()
		var wins atomic.Int64
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				if use(t, s, key, time.Hour) {
					wins.Add(1)
				}
			})
		}
		wg.Wait()
		if wins.Load() != 1 {
			t.Errorf("got %d winners, want 1", wins.Load())
		}
	}
}

// forgets allows a store to keep a key for longer, but not to fail for it.
func forgets(t *testing.T, s dpop.ReplayStore) {
	key := newKey()
	if !use(t, s, key, time.Millisecond) {
		t.Error("got used, want fresh")
	}
	time.Sleep(5 * time.Millisecond)
	use(t, s, key, time.Hour)
	if use(t, s, key, time.Hour) {
		t.Error("got fresh, want used")
	}
}

// cancelled allows an error, but no answer that would let the proof count twice.
func cancelled(t *testing.T, s dpop.ReplayStore) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	key := newKey()
	fresh, err := s.Use(ctx, key, time.Now().Add(time.Hour))
	if counted := err == nil && fresh; counted && use(t, s, key, time.Hour) {
		t.Error("a proof counted twice")
	}
}
