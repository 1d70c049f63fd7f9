package sessiontest

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/session"
	"github.com/gopalisade/palisade/auth/token"
)

// Rounds is how many rounds a [Drill] should have: 30, or 1000 where PALISADE_SOAK=1 asks for long tests.
func Rounds() int {
	if os.Getenv("PALISADE_SOAK") == "1" {
		return 1000
	}
	return 30
}

// NewManager returns a Manager over the store, with keys that are the same each time and a user for every ID, after the
// changes to its Config.
func NewManager(t testing.TB, s session.Store, changes ...func(*session.Config)) *session.Manager {
	t.Helper()
	key, err := token.NewHMACKey("k", token.HS256, []byte("9f!kQ2#vX7@pL4$wZ8&nB3*mT6^rY1(j"))
	if err != nil {
		t.Fatal(err)
	}
	ring, err := token.NewKeyring(key)
	if err != nil {
		t.Fatal(err)
	}
	issuer, err := token.NewIssuer(token.IssuerConfig{Keys: ring, Issuer: "https://id.example", Audience: "https://api.example"})
	if err != nil {
		t.Fatal(err)
	}
	cfg := session.Config{
		Store: s, Issuer: issuer, Keys: [][]byte{[]byte("a key of refresh tokens, 32 bytes")}, Grace: time.Minute, CheckEvery: -1,
		Principal: func(_ context.Context, u session.User) (*auth.Principal, error) {
			return &auth.Principal{Issuer: u.Issuer, ID: u.ID}, nil
		},
	}
	for _, change := range changes {
		change(&cfg)
	}
	m, err := session.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// clients is how many tabs one browser has, at worst.
const clients = 50

// Drill lets many clients use one session at once, again and again, through a [session.Manager]: however they meet, there
// is one live generation, everybody who repeats an exchange gets the same token to the byte, nobody is taken for a thief,
// and a session that was ended stays so.
func Drill(t *testing.T, newStore func(t *testing.T) session.Store, rounds int) {
	t.Run("refresh at once", func(t *testing.T) {
		s := newStore(t)
		m := NewManager(t, s)
		first := start(t, m)
		for generation, refresh := uint64(1), first; generation <= uint64(rounds); generation++ {
			refresh = exchangeAtOnce(t, m, refresh)
			if f := get(t, s, refresh); f.Generation != generation+1 || !f.RevokedAt.IsZero() {
				t.Fatalf("round %d: got generation %d, revoked %v, want %d, live",
					generation, f.Generation, f.RevokedAt, generation+1)
			}
		}
	})
	t.Run("forged", func(t *testing.T) { forged(t, newStore(t)) })
	t.Run("reused", func(t *testing.T) { reused(t, newStore(t)) })
	t.Run("refresh and log out", func(t *testing.T) {
		s := newStore(t)
		for range rounds {
			logOut(t, s)
		}
	})
}

func start(t *testing.T, m *session.Manager) (refresh string) {
	t.Helper()
	tokens, err := m.Start(t.Context(), &auth.Principal{Issuer: alice.Issuer, ID: alice.ID}, "")
	if err != nil {
		t.Fatal(err)
	}
	return tokens.Refresh
}

// get returns the session of a refresh token, prt_<session>_….
func get(t *testing.T, s session.Store, refresh string) session.Family {
	t.Helper()
	f, err := s.Get(t.Context(), strings.Split(refresh, "_")[1])
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// exchangeAtOnce wants one successor for all clients.
func exchangeAtOnce(t *testing.T, m *session.Manager, refresh string) (next string) {
	t.Helper()
	var mu sync.Mutex
	answers := map[string]int{}
	atOnce(clients, func(int) {
		tokens, err := m.Refresh(t.Context(), refresh, "")
		if err != nil {
			t.Errorf("refused: %v", err)
		}
		mu.Lock()
		defer mu.Unlock()
		answers[tokens.Refresh]++
		next = tokens.Refresh
	})
	if len(answers) != 1 || next == refresh {
		t.Fatalf("%d clients got %d different tokens, want one new one", clients, len(answers))
	}
	return next
}

// forged wants a token that names a session and has the wrong secret to change nothing: anybody can write one.
func forged(t *testing.T, s session.Store) {
	m := NewManager(t, s)
	refresh := start(t, m)
	want := get(t, s, refresh)
	head, secret := refresh[:len(refresh)-43], strings.Repeat("A", 43)
	for _, token := range []string{
		head + secret, strings.Replace(head, "_1_", "_2_", 1) + secret, strings.Replace(refresh, "_1_", "_2_", 1),
	} {
		if _, err := m.Refresh(t.Context(), token, ""); !errors.Is(err, session.ErrRefused) {
			t.Errorf("got %v, want ErrRefused", err)
		}
		if err := m.End(t.Context(), token); !errors.Is(err, session.ErrRefused) {
			t.Errorf("End: got %v, want ErrRefused", err)
		}
	}
	wantStored(t, s, want)
	if _, err := m.Refresh(t.Context(), refresh, ""); err != nil {
		t.Errorf("the real token after forged ones: got %v", err)
	}
}

// reused wants an authentic token that comes back too late to end the session, for all its tokens.
func reused(t *testing.T, s session.Store) {
	lenient, strict := NewManager(t, s), NewManager(t, s, func(cfg *session.Config) { cfg.Grace = -1 })
	for _, tc := range []struct {
		name      string
		m         *session.Manager
		exchanges int
		want      string // reason of the refusal, "" for none
	}{
		{"predecessor within grace", lenient, 1, ""},
		{"predecessor after grace", strict, 1, "reused"},
		{"older one within grace", lenient, 2, "reused"},
	} {
		first := start(t, lenient)
		last := first
		for range tc.exchanges {
			last = exchangeAtOnce(t, lenient, last)
		}
		_, err := tc.m.Refresh(t.Context(), first, "")
		if got := reason(err); got != tc.want {
			t.Errorf("%s: got %q (%v), want %q", tc.name, got, err, tc.want)
		}
		_, err = tc.m.Refresh(t.Context(), last, "")
		if tc.want != "" && reason(err) != "revoked" || tc.want == "" && err != nil {
			t.Errorf("%s: then the current token: got %v", tc.name, err)
		}
	}
}

// logOut ends a session while clients refresh it. Each is served or finds it ended; afterwards nobody is served.
func logOut(t *testing.T, s session.Store) {
	m := NewManager(t, s)
	refresh := start(t, m)
	atOnce(10, func(i int) {
		if i == 0 {
			if err := m.End(t.Context(), refresh); err != nil {
				t.Errorf("End: %v", err)
			}
			return
		}
		if _, err := m.Refresh(t.Context(), refresh, ""); err != nil && reason(err) != "revoked" {
			t.Errorf("during the logout: got %v, want success or revoked", err)
		}
	})
	if _, err := m.Refresh(t.Context(), refresh, ""); reason(err) != "revoked" {
		t.Errorf("after the logout: got %v, want revoked", err)
	}
	if f := get(t, s, refresh); f.RevokedAt.IsZero() {
		t.Error("after the logout the session is not revoked")
	}
}

func reason(err error) string {
	if e, ok := errors.AsType[*session.RefusedError](err); ok {
		return e.Reason
	}
	return ""
}
