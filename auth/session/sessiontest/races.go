package sessiontest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gopalisade/palisade/auth/session"
)

// atOnce runs f in n goroutines that start together.
func atOnce(n int, f func(i int)) {
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			f(i)
		})
	}
	close(start)
	wg.Wait()
}

func oneRotates(t *testing.T, s session.Store) {
	create(t, s, family("a", alice))
	for from := uint64(1); from <= 3; from++ {
		var moved atomic.Int64
		atOnce(100, func(int) {
			f, rotated, err := s.Rotate(t.Context(), "a", from, now(), now().Add(time.Hour))
			if err != nil || f.Generation != from+1 {
				t.Errorf("from %d: got generation %d, %v", from, f.Generation, err)
			}
			if rotated {
				moved.Add(1)
			}
		})
		if got := moved.Load(); got != 1 {
			t.Errorf("from %d: %d of 100 rotated, want exactly 1", from, got)
		}
	}
}

func oneCreates(t *testing.T, s session.Store) {
	var made atomic.Int64
	atOnce(30, func(i int) {
		err := s.Create(t.Context(), family("a", session.User{ID: fmt.Sprint(i)}))
		if err == nil {
			made.Add(1)
		} else if !errors.Is(err, session.ErrExists) {
			t.Errorf("got %v, want ErrExists", err)
		}
	})
	if got := made.Load(); got != 1 {
		t.Errorf("%d of 30 created, want exactly 1", got)
	}
}

func revokeEndsRotation(t *testing.T, s session.Store) {
	for round := range 10 {
		id := fmt.Sprint(round)
		create(t, s, family(id, alice))
		var over atomic.Bool
		atOnce(9, func(i int) {
			if i == 0 {
				if err := s.Revoke(t.Context(), id, now()); err != nil {
					t.Error(err)
				}
				over.Store(true)
				return
			}
			for generation, last := uint64(1), false; !last; {
				last = over.Load() // read before the rotation begins
				f, rotated, err := s.Rotate(t.Context(), id, generation, now(), now().Add(time.Hour))
				if err != nil || last && (rotated || f.RevokedAt.IsZero()) {
					t.Errorf("after Revoke returned: rotated %t, revoked %v, %v", rotated, f.RevokedAt, err)
					return
				}
				generation = f.Generation
			}
		})
	}
}

func revokeWhileCreating(t *testing.T, s session.Store) {
	for round := range 5 {
		u := session.User{Issuer: "i", ID: fmt.Sprint(round)}
		var began atomic.Bool
		var mu sync.Mutex
		var before []string // sessions that were there when RevokeUser was called
		atOnce(9, func(i int) {
			if i == 0 {
				time.Sleep(time.Millisecond)
				began.Store(true)
				if _, err := s.RevokeUser(t.Context(), u, "", now()); err != nil {
					t.Error(err)
				}
				return
			}
			for j := 0; !began.Load(); j++ {
				id := fmt.Sprint(round, i, j)
				if err := s.Create(t.Context(), family(id, u)); err != nil {
					t.Error(err)
					return
				}
				if !began.Load() {
					mu.Lock()
					before = append(before, id)
					mu.Unlock()
				}
			}
		})
		for _, id := range before {
			wantDenied(t, s, id, "", now(), true)
		}
	}
}
