package login_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/login"
	"github.com/gopalisade/palisade/crypto/password"
	"github.com/gopalisade/palisade/internal/conf"
	"github.com/gopalisade/palisade/monitor/event"
	"github.com/gopalisade/palisade/problem"
	"github.com/gopalisade/palisade/ratelimit/guard"
)

const right = "correct horse battery"

var home = netip.MustParseAddr("198.51.100.7")

// counting counts the hashes, and may fail instead.
type counting struct {
	login.Verifier
	hashes atomic.Int64
	err    error
}

func (c *counting) Verify(ctx context.Context, pw, stored string) (bool, error) {
	c.hashes.Add(1)
	if c.err != nil {
		return false, c.err
	}
	return c.Verifier.Verify(ctx, pw, stored)
}

func (c *counting) VerifyUnknown(ctx context.Context, pw string) error {
	c.hashes.Add(1)
	if c.err != nil {
		return c.err
	}
	return c.Verifier.VerifyUnknown(ctx, pw)
}

// house is a service with accounts.
type house struct {
	*login.Checker
	passwords *counting
	guard     *guard.Guard
	finds     int
	events    []event.Event
	upgrades  []string
}

// small is fast, and for tests only.
func small() password.Config { return password.Config{Memory: 64, Time: 1, MemoryBudget: 1 << 10} }

func newHasher(t testing.TB, cfg password.Config) *password.Hasher {
	t.Helper()
	h, err := password.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func newGuard(t testing.TB, limits guard.Limits) *guard.Guard {
	t.Helper()
	g, err := guard.New(guard.Config{Keys: [][]byte{bytes.Repeat([]byte("k"), 32)}, Limits: limits})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

var errDown = errors.New("dial postgres://app:hunter2@10.0.0.7")

// newHouse has an account for each case, and fails for the login "down".
func newHouse(t testing.TB, change func(*login.Config)) *house {
	t.Helper()
	hasher := newHasher(t, small())
	stored, err := hasher.Hash(t.Context(), right)
	if err != nil {
		t.Fatal(err)
	}
	old, err := bcrypt.GenerateFromPassword([]byte(right), 4)
	if err != nil {
		t.Fatal(err)
	}
	accounts := map[string]login.Account{
		"alice":    {Hash: stored},
		"disabled": {Hash: stored, Disabled: true},
		"locked":   {Hash: stored, Locked: true},
		"damaged":  {Hash: "$argon2id$v=19$m=4294967295,t=0,p=0$x$y"},
		"empty":    {},
		"old":      {Hash: string(old)},
	}
	h := &house{passwords: &counting{Verifier: hasher}, guard: newGuard(t, guard.Limits{})}
	var mu sync.Mutex
	cfg := login.Config{
		Find: func(_ context.Context, name string) (login.Account, error) {
			mu.Lock()
			defer mu.Unlock()
			h.finds++
			if name == "down" {
				return login.Account{}, errDown
			}
			a, ok := accounts[name]
			if !ok {
				return login.Account{Principal: auth.Principal{ID: "nobody"}}, fmt.Errorf("wrapped: %w", login.ErrNoAccount)
			}
			a.Principal = auth.Principal{ID: "id-" + name, Roles: []string{"customer"}, Tier: "free"}
			return a, nil
		},
		Passwords: h.passwords,
		Guard:     h.guard,
		Upgrade: func(_ context.Context, p *auth.Principal, was, is string) error {
			h.upgrades = append(h.upgrades, p.ID)
			if was != string(old) || !strings.HasPrefix(is, "$argon2id$") {
				t.Errorf("upgrade from %q to %q", was, is)
			}
			return nil
		},
	}
	if change != nil {
		change(&cfg)
	}
	c, err := login.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	h.Checker = c
	return h
}

func (h *house) recording(ctx context.Context) context.Context {
	return event.WithRecorder(ctx, event.RecorderFunc(func(_ context.Context, e event.Event) { h.events = append(h.events, e) }))
}

// answer is everything that a client sees of an error.
func answer(err error) string {
	w := httptest.NewRecorder()
	problem.Write(w, httptest.NewRequest("POST", "/login", nil), err)
	return fmt.Sprint(w.Code, w.Header(), w.Body)
}

// TestOneAnswer is L1: one hash, one answer, whatever was wrong.
func TestOneAnswer(t *testing.T) {
	want := answer(login.ErrInvalidLogin)
	for _, part := range []string{"401", "invalid_credentials", "Www-Authenticate", "no-store"} {
		if !strings.Contains(want, part) {
			t.Fatalf("got %s, want %s in it", want, part)
		}
	}
	for _, tc := range []struct {
		name, login, password string
		reason, principal     string
		hashes                int64
		finds                 int
	}{
		{"unknown", "nobody", right, "unknown", "", 1, 1},
		{"wrong", "alice", "wrong", "wrong", "id-alice", 1, 1},
		{"wrong by one space", "alice", right + " ", "wrong", "id-alice", 1, 1},
		{"wrong on an old hash", "old", "wrong", "wrong", "id-old", 1, 1},
		{"disabled", "disabled", right, "disabled", "id-disabled", 1, 1},
		{"disabled and wrong", "disabled", "wrong", "wrong", "id-disabled", 1, 1},
		{"locked", "locked", right, "locked", "id-locked", 1, 1},
		{"L3 damaged hash", "damaged", right, "damaged_hash", "id-damaged", 1, 1},
		{"L3 empty hash", "empty", right, "no_password", "id-empty", 1, 1},
		{"empty password", "alice", "", "malformed", "", 0, 0},
		{"L5 huge password", "alice", strings.Repeat("x", 1<<20), "malformed", "", 0, 0},
		{"empty login", "", right, "malformed", "", 0, 0},
		{"login of blanks", "   ", right, "malformed", "", 0, 0},
		{"login that grows in lower case", strings.Repeat("Ⱥ", 160), right, "malformed", "", 0, 0},
		{"login with a NUL", "alice\x00", right, "malformed", "", 0, 0},
		{"login that is no UTF-8", "alice\xff", right, "malformed", "", 0, 0},
		{"huge login", strings.Repeat("x", 321), right, "malformed", "", 0, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := newHouse(t, nil)
			r, err := h.Check(h.recording(t.Context()), login.Attempt{Login: tc.login, Password: tc.password, Addr: home})
			if !errors.Is(err, login.ErrInvalidLogin) || !errors.Is(err, auth.ErrInvalid) || r != (login.Result{}) {
				t.Errorf("got %+v, %v; want ErrInvalidLogin", r, err)
			}
			if got := answer(err); got != want || err.Error() != login.ErrInvalidLogin.Error() {
				t.Errorf("got %v, %s\nwant %s", err, got, want)
			}
			if h.passwords.hashes.Load() != tc.hashes || h.finds != tc.finds {
				t.Errorf("got %d hashes and %d look-ups, want %d and %d", h.passwords.hashes.Load(), h.finds, tc.hashes, tc.finds)
			}
			if len(h.events) != 1 {
				t.Fatalf("got %+v, want one event", h.events)
			}
			e := h.events[0]
			if e.Code != event.AuthnLoginFail || e.Reason != tc.reason || e.Principal != tc.principal || e.Addr != home {
				t.Errorf("got %+v, want %s of %q", e, tc.reason, tc.principal)
			}
		})
	}
}

func TestRight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		ctx := h.recording(t.Context())
		for _, pw := range []string{right, "wrong", "wrong", right} {
			r, err := h.Check(ctx, login.Attempt{Login: "alice", Password: pw, Addr: home})
			if pw != right {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			p := r.Principal
			if p.ID != "id-alice" || p.Tier != "free" || p.Method != auth.MethodPassword || !p.AuthTime.Equal(time.Now()) {
				t.Errorf("got %+v", p)
			}
			if len(r.Device) != 76 {
				t.Errorf("got device cookie %q", r.Device)
			}
		}
		var codes []event.Code
		for _, e := range h.events {
			codes = append(codes, e.Code)
		}
		want := []event.Code{event.AuthnLoginSuccess, event.AuthnLoginFail, event.AuthnLoginFail, event.AuthnLoginSuccessAfterFail}
		if fmt.Sprint(codes) != fmt.Sprint(want) || h.events[3].Count != 2 || h.events[3].Principal != "id-alice" {
			t.Errorf("got %+v, want %v", h.events, want)
		}
		if s := fmt.Sprint(h.events); strings.Contains(s, right) || strings.Contains(s, "wrong horse") {
			t.Errorf("an event holds a password: %s", s)
		}
	})
}

// TestUpgrade is L9.
func TestUpgrade(t *testing.T) {
	for _, tc := range []struct {
		name, login string
		change      func(*login.Config)
		upgrades    int
		event       bool
	}{
		{"weak", "old", nil, 1, false},
		{"strong", "alice", nil, 0, false},
		{"not wanted", "old", func(c *login.Config) { c.Upgrade = nil }, 0, false},
		{"fails", "old", func(c *login.Config) {
			c.Upgrade = func(context.Context, *auth.Principal, string, string) error { return errDown }
		}, 0, true},
		{"no hash", "old", func(c *login.Config) { c.Passwords = noHash{c.Passwords} }, 0, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := newHouse(t, tc.change)
			if _, err := h.Check(h.recording(t.Context()), login.Attempt{Login: tc.login, Password: right}); err != nil {
				t.Fatalf("the login fails: %v", err)
			}
			if len(h.upgrades) != tc.upgrades {
				t.Errorf("got %v, want %d upgrades", h.upgrades, tc.upgrades)
			}
			last := h.events[len(h.events)-1]
			if got := last.Code == event.AuthnPasswordChangeFail && last.Reason == "rehash" && last.Err != nil; got != tc.event {
				t.Errorf("got %+v, want a failure told: %t", last, tc.event)
			}
		})
	}
}

type noHash struct{ login.Verifier }

func (noHash) Hash(context.Context, string) (string, error) { return "", password.ErrBusy }

func TestFaults(t *testing.T) {
	find := func(context.Context, string) (login.Account, error) { return login.Account{}, login.ErrNoAccount }
	h, g := newHasher(t, small()), newGuard(t, guard.Limits{})
	for _, tc := range []struct {
		name string
		cfg  login.Config
		want string
	}{
		{"find", login.Config{Passwords: h, Guard: g}, "Find"},
		{"passwords", login.Config{Find: find, Guard: g}, "Passwords"},
		{"guard", login.Config{Find: find, Passwords: h}, "Guard"},
		{"guarded and not", login.Config{Find: find, Passwords: h, Guard: g, DangerouslyUnguarded: true}, "DangerouslyUnguarded"},
	} {
		_, err := login.New(tc.cfg)
		if all := conf.All(err); len(all) != 1 || all[0].Field != tc.want {
			t.Errorf("%s: got %v, want one fault of %s", tc.name, err, tc.want)
		}
	}
	if _, err := login.New(login.Config{}); len(conf.All(err)) != 3 {
		t.Errorf("empty: got %v, want all three at once", err)
	}
}
