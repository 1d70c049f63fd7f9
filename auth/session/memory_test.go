package session_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/session"
)

func family(id string, now time.Time, life time.Duration) session.Family {
	return session.Family{
		ID: id, User: session.User{Issuer: issuerName, ID: "u"}, Generation: 1,
		CreatedAt: now, IdleUntil: now.Add(life), ExpiresAt: now.Add(life),
	}
}

// TestMemoryIsBounded: what has ended makes room, what lives does not.
func TestMemoryIsBounded(t *testing.T) {
	s := session.NewMemory(2)
	ctx, now := t.Context(), time.Now()
	for _, step := range []struct {
		name string
		f    session.Family
		want error
	}{
		{"first", family("a", now, time.Hour), nil},
		{"the same again", family("a", now, time.Hour), session.ErrExists},
		{"second", family("b", now, time.Minute), nil},
		{"third", family("c", now, time.Hour), session.ErrFull},
		{"third, when the second has ended", family("c", now.Add(2*time.Minute), time.Hour), nil},
		{"fourth", family("d", now.Add(2*time.Minute), time.Hour), session.ErrFull},
	} {
		if err := s.Create(ctx, step.f); !errors.Is(err, step.want) {
			t.Errorf("%s: got %v, want %v", step.name, err, step.want)
		}
	}
	for i, step := range []struct {
		until time.Time
		want  error
	}{{now.Add(-time.Hour), nil}, {now.Add(time.Hour), nil}, {now.Add(time.Hour), nil}, {now.Add(time.Hour), session.ErrFull}} {
		if err := s.Deny(ctx, session.Denial{Key: fmt.Sprint(i), Until: step.until}); !errors.Is(err, step.want) {
			t.Errorf("denial %d: got %v, want %v", i, err, step.want)
		}
	}
}

func TestFullStoreRefusesALogin(t *testing.T) {
	w := newWorld(t, func(cfg *session.Config) { cfg.Store = session.NewMemory(1) })
	w.start(t, t.Context(), "")
	if _, err := w.Start(t.Context(), &auth.Principal{ID: "u"}, ""); !errors.Is(err, auth.ErrUnavailable) || !errors.Is(err, session.ErrFull) {
		t.Errorf("got %v, want ErrUnavailable", err)
	}
}

// interfering lets something happen between two steps of a refresh.
type interfering struct {
	session.Store
	before func()
}

func (s *interfering) Rotate(ctx context.Context, id string, from uint64, at, idle time.Time) (session.Family, bool, error) {
	if s.before != nil {
		s.before()
	}
	return s.Store.Rotate(ctx, id, from, at, idle)
}

// TestSomebodyIsFaster: the session that a refresh has read is not the one that it finds.
func TestSomebodyIsFaster(t *testing.T) {
	for _, tc := range []struct {
		name string
		do   func(ctx context.Context, w *world, s *interfering, tok session.Tokens) error
		want string
	}{
		{"a refresh", func(ctx context.Context, w *world, s *interfering, tok session.Tokens) error {
			_, err := w.Refresh(ctx, tok.Refresh, "")
			return err
		}, ""},
		{"a logout", func(ctx context.Context, w *world, s *interfering, tok session.Tokens) error {
			return w.Revoke(ctx, w.User("u"), tok.SessionID)
		}, "revoked"},
		{"pruning", func(ctx context.Context, _ *world, s *interfering, _ session.Tokens) error {
			_, err := s.DeleteExpired(ctx, time.Now().AddDate(1, 0, 0))
			return err
		}, "unknown"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := &interfering{Store: session.NewMemory(0)}
			w := newWorld(t, func(cfg *session.Config) { cfg.Store = s })
			ctx := w.ctx(t)
			tok := w.start(t, ctx, "")
			s.before = func() {
				s.before = nil
				if err := tc.do(ctx, w, s, tok); err != nil {
					t.Error(err)
				}
			}
			_, err := w.Refresh(ctx, tok.Refresh, "")
			if tc.want != "" {
				refused(t, err, tc.want)
			} else if err != nil {
				t.Errorf("got %v, want the successor", err)
			}
		})
	}
}

// stubborn never rotates, though it should.
type stubborn struct{ session.Store }

func (s stubborn) Rotate(ctx context.Context, id string, _ uint64, _, _ time.Time) (session.Family, bool, error) {
	f, err := s.Get(ctx, id)
	return f, false, err
}

func TestABrokenStoreIsNoTheft(t *testing.T) {
	w := newWorld(t, func(cfg *session.Config) { cfg.Store = stubborn{session.NewMemory(0)} })
	tok := w.start(t, t.Context(), "")
	if _, err := w.Refresh(t.Context(), tok.Refresh, ""); !errors.Is(err, auth.ErrUnavailable) {
		t.Errorf("got %v, want ErrUnavailable", err)
	}
}

// forgetful lost a rotation, as a database does that was restored from yesterday.
type forgetful struct{ session.Store }

func (s forgetful) Get(ctx context.Context, id string) (session.Family, error) {
	f, err := s.Store.Get(ctx, id)
	f.Generation = 1
	return f, err
}

func TestALostRotationIsNoTheft(t *testing.T) {
	memory := session.NewMemory(0)
	w := newWorld(t, func(cfg *session.Config) { cfg.Store = memory })
	tok := w.start(t, t.Context(), "")
	tok = w.refresh(t, t.Context(), tok.Refresh, "")
	restored := newWorld(t, func(cfg *session.Config) { cfg.Store = forgetful{memory} })
	_, err := restored.Refresh(t.Context(), tok.Refresh, "")
	refused(t, err, "unknown")
	w.refresh(t, t.Context(), tok.Refresh, "")
}

// TestLogoutWinsAnyRace: once a logout has returned, no refresh token of the session is good for anything.
func TestLogoutWinsAnyRace(t *testing.T) {
	w := newWorld(t)
	for range 200 {
		tok := w.start(t, t.Context(), "")
		var wg sync.WaitGroup
		newest := make([]string, 4)
		for i := range newest {
			wg.Go(func() {
				current := tok.Refresh
				for {
					next, err := w.Refresh(t.Context(), current, "")
					if err != nil {
						newest[i] = current
						return
					}
					current = next.Refresh
				}
			})
		}
		if err := w.Revoke(t.Context(), w.User("u"), tok.SessionID); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Refresh(t.Context(), tok.Refresh, ""); !errors.Is(err, session.ErrRefused) {
			t.Fatalf("got %v after logout", err)
		}
		wg.Wait()
		for _, refresh := range newest {
			if _, err := w.Refresh(t.Context(), refresh, ""); !errors.Is(err, session.ErrRefused) {
				t.Fatalf("got %v after logout", err)
			}
		}
	}
}

func TestABodyThatBreaksOff(t *testing.T) {
	h := site(t, newWorld(t))
	r := httptest.NewRequest("POST", "/refresh", io.MultiReader(iotest.ErrReader(errors.New("connection reset"))))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusBadRequest {
		t.Errorf("got %d, want 400", w.Code)
	}
}
