package session_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/session"
)

func TestCheck(t *testing.T) {
	now := time.Now()
	w := newWorld(t)
	ctx := w.ctx(t)
	tok := w.start(t, ctx, "")
	if err := w.DenyToken(ctx, issuerName, "bad", now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name string
		p    auth.Principal
		good bool
	}{
		{"of a live session", auth.Principal{ID: "u", Issuer: issuerName, SessionID: tok.SessionID, TokenID: "t"}, true},
		{"of none", auth.Principal{ID: "u", Issuer: issuerName, TokenID: "t"}, true},
		{"of an unknown session", auth.Principal{ID: "u", Issuer: issuerName, SessionID: "x", TokenID: "t"}, false},
		{"denied by itself", auth.Principal{ID: "u", Issuer: issuerName, TokenID: "bad"}, false},
		{"same ID by another issuer", auth.Principal{ID: "u", Issuer: "https://other.example", TokenID: "bad"}, true},
		{"without an ID", auth.Principal{ID: "u", Issuer: issuerName}, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if err := w.Check(ctx, &tc.p); (err == nil) != tc.good || err != nil && !errors.Is(err, auth.ErrInvalid) {
				t.Errorf("got %v, want good = %t", err, tc.good)
			}
		})
	}
}

// TestDenyUser refuses by issuer and ID, and by the time of issue.
func TestDenyUser(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ctx := w.ctx(t)
		issued := time.Now()
		time.Sleep(time.Minute)
		if err := w.DenyUser(ctx, session.User{Issuer: issuerName, ID: "u"}); err != nil {
			t.Fatal(err)
		}
		for _, tc := range []struct {
			name string
			p    auth.Principal
			good bool
		}{
			{"issued before", auth.Principal{ID: "u", Issuer: issuerName, TokenID: "1", IssuedAt: issued}, false},
			{"issued at that time", auth.Principal{ID: "u", Issuer: issuerName, TokenID: "2", IssuedAt: time.Now()}, false},
			{"issued later", auth.Principal{ID: "u", Issuer: issuerName, TokenID: "3", IssuedAt: time.Now().Add(time.Second)}, true},
			{"same ID of another issuer", auth.Principal{ID: "u", Issuer: "https://other.example", TokenID: "4", IssuedAt: issued}, true},
			{"issuer and ID run together", auth.Principal{ID: "mu", Issuer: issuerName[:len(issuerName)-1], TokenID: "5", IssuedAt: issued}, true},
		} {
			if err := w.Check(ctx, &tc.p); (err == nil) != tc.good {
				t.Errorf("%s: got %v, want good = %t", tc.name, err, tc.good)
			}
		}
	})
}

// TestCheckRemembers says how long a good answer is believed: not beyond a revocation in this process, and not for longer than
// CheckEvery after one in another.
func TestCheckRemembers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ctx := w.ctx(t)
		tok := w.start(t, ctx, "")
		p := &auth.Principal{ID: "u", Issuer: issuerName, SessionID: tok.SessionID, TokenID: "t"}
		if err := w.Check(ctx, p); err != nil {
			t.Fatal(err)
		}
		w.store.fail["Denied"] = errGone
		if err := w.Check(ctx, p); err != nil {
			t.Errorf("got %v, want the remembered answer", err)
		}
		time.Sleep(5 * time.Second)
		if err := w.Check(ctx, p); !errors.Is(err, auth.ErrUnavailable) {
			t.Errorf("got %v, want ErrUnavailable when the answer is old", err)
		}
		delete(w.store.fail, "Denied")
		if err := w.Check(ctx, p); err != nil {
			t.Fatal(err)
		}
		if err := w.store.Revoke(ctx, tok.SessionID, time.Now()); err != nil { // as another process would
			t.Fatal(err)
		}
		if err := w.Check(ctx, p); err != nil {
			t.Errorf("got %v, want the remembered answer", err)
		}
		time.Sleep(5 * time.Second)
		if err := w.Check(ctx, p); !errors.Is(err, auth.ErrInvalid) {
			t.Errorf("got %v, want a refusal", err)
		}
	})
}

func TestCheckMayAskEveryTime(t *testing.T) {
	w := newWorld(t, func(cfg *session.Config) { cfg.CheckEvery = -1 })
	ctx := w.ctx(t)
	tok := w.start(t, ctx, "")
	p := &auth.Principal{ID: "u", Issuer: issuerName, SessionID: tok.SessionID}
	if err := w.Check(ctx, p); err != nil {
		t.Fatal(err)
	}
	if err := w.store.Revoke(ctx, tok.SessionID, time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := w.Check(ctx, p); !errors.Is(err, auth.ErrInvalid) {
		t.Errorf("got %v, want a refusal at once", err)
	}
}

func TestCheckMemoryIsBounded(t *testing.T) {
	w := newWorld(t)
	for i := range 20_000 {
		p := &auth.Principal{ID: "u", TokenID: time.Duration(i).String()}
		if err := w.Check(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	if n := w.Remembered(); n > 8192 {
		t.Errorf("got %d answers in memory, want 8192 at most", n)
	}
}

func TestPrune(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ctx := w.ctx(t)
		w.start(t, ctx, "")
		if err := w.DenyToken(ctx, issuerName, "t", time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		for _, step := range []struct {
			after time.Duration
			want  int
		}{{time.Hour, 0}, {25 * time.Hour, 1}, {14 * 24 * time.Hour, 1}, {time.Hour, 0}} {
			time.Sleep(step.after)
			if n, err := w.Prune(ctx); n != step.want || err != nil {
				t.Errorf("after %v: got %d, %v; want %d", step.after, n, err, step.want)
			}
		}
	})
}
