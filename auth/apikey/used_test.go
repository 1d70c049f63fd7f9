package apikey_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gopalisade/palisade/auth/apikey"
)

func TestUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newWatched()
		k := newKeys(t, s, nil)
		c := create(t, k)
		uses := func() time.Time {
			t.Helper()
			if _, err := k.Verify(t.Context(), c.Text); err != nil {
				t.Errorf("P7: a use was refused: %v", err)
			}
			list, err := k.List(t.Context(), "alice")
			if err != nil {
				t.Fatal(err)
			}
			return list[0].UsedAt
		}
		first := time.Now()
		for range 59 {
			if got := uses(); !got.Equal(first.Truncate(time.Microsecond)) {
				t.Errorf("got %v, want the first use", got)
			}
			time.Sleep(time.Second)
		}
		if n := s.touches.Load(); n != 1 {
			t.Errorf("P7: got %d writes in a minute, want 1", n)
		}
		if d := time.Duration(s.touchRemaining.Load()); d <= 0 || d > time.Second {
			t.Errorf("a write may take %v", d)
		}
		time.Sleep(time.Second)
		if got := uses(); !got.After(first) || s.touches.Load() != 2 {
			t.Errorf("after a minute: got %v, %d writes", got, s.touches.Load())
		}
		s.noTouch.Store(true)
		time.Sleep(time.Minute)
		for range 10 {
			uses()
		}
		if n := s.touches.Load(); n != 3 {
			t.Errorf("a failure was tried again: %d writes, want 3", n)
		}
		s.blockTouch.Store(true)
		time.Sleep(time.Minute)
		before := time.Now()
		if uses(); time.Since(before) > 250*time.Millisecond {
			t.Errorf("a store that hangs held the request for %v", time.Since(before))
		}
	})
}

// TestUsedElsewhere wants no write for what another process has noted, and none where nobody asks for it.
func TestUsedElsewhere(t *testing.T) {
	s := newWatched()
	k, other := newKeys(t, s, nil), newKeys(t, s, nil)
	never := newKeys(t, s, func(cfg *apikey.Config) { cfg.UsedEvery = -1 })
	c := create(t, k)
	for i, tc := range []struct {
		keys *apikey.Keys
		want int64
	}{{never, 0}, {k, 1}, {other, 1}} {
		if _, err := tc.keys.Verify(t.Context(), c.Text); err != nil || s.touches.Load() != tc.want {
			t.Errorf("%d: got %d writes, %v, want %d", i, s.touches.Load(), err, tc.want)
		}
	}
}

// TestUsedTogether wants one write of many requests that find the same record.
func TestUsedTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newWatched()
		k := newKeys(t, s, nil)
		c := create(t, k)
		s.noTouch.Store(true) // so that the record says nothing
		for range 50 {
			go func() {
				if _, err := k.Verify(t.Context(), c.Text); err != nil {
					t.Error(err)
				}
			}()
		}
		synctest.Wait()
		if n := s.touches.Load(); n != 1 {
			t.Errorf("P7: got %d writes, want 1", n)
		}
	})
}

// TestManyUses wants bounded memory for whatever number of keys: a key that was forgotten is noted again.
func TestManyUses(t *testing.T) {
	s := newWatched()
	s.noTouch.Store(true)
	k := newKeys(t, s, func(cfg *apikey.Config) { cfg.MaxPerOwner = 1000 })
	first := create(t, k)
	verify := func(text string) {
		if _, err := k.Verify(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	verify(first.Text)
	for i := range 8192 {
		c, err := k.Create(t.Context(), apikey.Params{Name: "n", Owner: fmt.Sprint(i)})
		if err != nil {
			t.Fatal(err)
		}
		verify(c.Text)
	}
	before := s.touches.Load()
	if verify(first.Text); s.touches.Load() != before+1 {
		t.Error("every key that was ever used is remembered")
	}
}
