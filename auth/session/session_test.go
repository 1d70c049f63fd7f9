package session_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/session"
	"github.com/gopalisade/palisade/auth/token"
	"github.com/gopalisade/palisade/internal/conf"
	"github.com/gopalisade/palisade/monitor/event"
)

const (
	issuerName = "https://id.example.com"
	audience   = "https://api.example.com"
)

// world is a Manager with everything around it, each part of which a test may break.
type world struct {
	*session.Manager
	store    *flaky
	verifier *token.Verifier
	users    map[string]*auth.Principal
	down     error // what the user source answers
	events   []event.Event
	mu       sync.Mutex
}

// flaky is a store whose next calls of a method fail.
type flaky struct {
	session.Store
	fail map[string]error
	lost map[string]error // fails after the step was done: the answer got lost
}

func (s *flaky) Create(ctx context.Context, f session.Family) error {
	if err := s.fail["Create"]; err != nil {
		return err
	}
	return s.Store.Create(ctx, f)
}

func (s *flaky) Get(ctx context.Context, id string) (session.Family, error) {
	if err := s.fail["Get"]; err != nil {
		return session.Family{}, err
	}
	return s.Store.Get(ctx, id)
}

func (s *flaky) Rotate(ctx context.Context, id string, from uint64, at, idle time.Time) (session.Family, bool, error) {
	if err := s.fail["Rotate"]; err != nil {
		return session.Family{}, false, err
	}
	f, ok, err := s.Store.Rotate(ctx, id, from, at, idle)
	if lost := s.lost["Rotate"]; lost != nil {
		return session.Family{}, false, lost
	}
	return f, ok, err
}

func (s *flaky) Revoke(ctx context.Context, id string, at time.Time) error {
	if err := s.fail["Revoke"]; err != nil {
		return err
	}
	return s.Store.Revoke(ctx, id, at)
}

func (s *flaky) RevokeUser(ctx context.Context, u session.User, except string, at time.Time) (int, error) {
	if err := s.fail["RevokeUser"]; err != nil {
		return 0, err
	}
	return s.Store.RevokeUser(ctx, u, except, at)
}

func (s *flaky) List(ctx context.Context, u session.User, at time.Time) ([]session.Family, error) {
	if err := s.fail["List"]; err != nil {
		return nil, err
	}
	return s.Store.List(ctx, u, at)
}

func (s *flaky) Deny(ctx context.Context, d session.Denial) error {
	if err := s.fail["Deny"]; err != nil {
		return err
	}
	return s.Store.Deny(ctx, d)
}

func (s *flaky) Denied(ctx context.Context, sid string, keys []string, issued, at time.Time) (bool, error) {
	if err := s.fail["Denied"]; err != nil {
		return false, err
	}
	return s.Store.Denied(ctx, sid, keys, issued, at)
}

var errGone = errors.New("store is gone")

func sessionKey(fill byte) []byte { return bytes.Repeat([]byte{fill}, 32) }

// newWorld makes one with the user "u" of the role customer. change edits the configuration first.
func newWorld(t testing.TB, change ...func(*session.Config)) *world {
	t.Helper()
	key, err := token.GenerateKey("", token.EdDSA)
	if err != nil {
		t.Fatal(err)
	}
	ring, err := token.NewKeyring(key)
	if err != nil {
		t.Fatal(err)
	}
	is, err := token.NewIssuer(token.IssuerConfig{Keys: ring, Issuer: issuerName, Audience: audience})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{
		store: &flaky{session.NewMemory(0), map[string]error{}, map[string]error{}},
		users: map[string]*auth.Principal{"u": {ID: "u", Roles: []string{"customer"}}},
	}
	cfg := session.Config{
		Store: w.store, Issuer: is, Keys: [][]byte{sessionKey('k')},
		Principal: func(_ context.Context, u session.User) (*auth.Principal, error) {
			if w.down != nil {
				return nil, w.down
			}
			p, ok := w.users[u.ID]
			if !ok || u.Issuer != issuerName {
				return nil, session.ErrNoUser
			}
			return p, nil
		},
	}
	for _, c := range change {
		c(&cfg)
	}
	if w.Manager, err = session.New(cfg); err != nil {
		t.Fatal(err)
	}
	w.verifier, err = token.NewVerifier(token.VerifierConfig{Keys: ring, Issuer: issuerName, Audience: audience, Check: w.Check})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// ctx records the world's events.
func (w *world) ctx(t testing.TB) context.Context {
	return event.WithRecorder(t.Context(), event.RecorderFunc(func(_ context.Context, e event.Event) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.events = append(w.events, e)
	}))
}

// count says how many events of the code there were.
func (w *world) count(code event.Code) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range w.events {
		if e.Code == code {
			n++
		}
	}
	return n
}

func (w *world) start(t testing.TB, ctx context.Context, client string) session.Tokens {
	t.Helper()
	tok, err := w.Start(ctx, &auth.Principal{ID: "u", Roles: []string{"customer"}, Method: auth.MethodPassword, ACR: "1"}, client)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

func (w *world) refresh(t testing.TB, ctx context.Context, refresh, client string) session.Tokens {
	t.Helper()
	tok, err := w.Refresh(ctx, refresh, client)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// refused checks why a refresh was refused.
func refused(t testing.TB, err error, want string) {
	t.Helper()
	e, ok := errors.AsType[*session.RefusedError](err)
	if !ok || e.Reason != want || !errors.Is(err, session.ErrRefused) || e.HTTPStatus() != 401 || e.Code() != "invalid_grant" {
		t.Errorf("got %v, want a refusal for the reason %q", err, want)
	}
}

func (w *world) verify(t testing.TB, access string) error {
	t.Helper()
	_, err := w.verifier.Verify(w.ctx(t), access)
	return err
}

func TestNewReportsEveryFault(t *testing.T) {
	_, err := session.New(session.Config{
		Keys: [][]byte{[]byte("short")}, Idle: time.Second, Lifetime: time.Millisecond, Grace: time.Hour,
		MaxSessions: 2000, CheckEvery: time.Hour,
	})
	var got []string
	for _, f := range conf.All(err) {
		got = append(got, f.Field)
	}
	if want := "[Store Issuer Principal Idle Lifetime Grace MaxSessions CheckEvery Keys[0]]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
	if _, err := session.New(session.Config{}); len(conf.All(err)) != 4 {
		t.Errorf("got %v, want Store, Issuer, Principal and Keys", err)
	}
}

func TestTokensAreSecrets(t *testing.T) {
	w := newWorld(t)
	tok := w.start(t, t.Context(), "")
	for _, text := range []string{tok.String(), fmt.Sprintf("%v %+v %#v", tok, tok, tok), tok.LogValue().String()} {
		if bytes.Contains([]byte(text), []byte(tok.Refresh)) || bytes.Contains([]byte(text), []byte(tok.Access)) {
			t.Errorf("a token is in %q", text)
		}
	}
}

func TestLifeOfASession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ctx := w.ctx(t)
		first := w.start(t, ctx, "app")
		began := time.Now()
		p, err := w.verifier.Verify(ctx, first.Access)
		if err != nil || p.ID != "u" || p.SessionID != first.SessionID || p.ACR != "1" || !p.AuthTime.Equal(began.Truncate(time.Second)) {
			t.Fatalf("got %+v, %v", p, err)
		}
		time.Sleep(time.Hour)
		w.users["u"].Roles = []string{"manager"}
		second := w.refresh(t, ctx, first.Refresh, "app")
		p, err = w.verifier.Verify(ctx, second.Access)
		if err != nil || p.Roles[0] != "manager" || !p.AuthTime.Equal(began.Truncate(time.Second)) || p.ACR != "1" {
			t.Errorf("after a refresh: got %+v, %v; want the role as it is now and the login as it was", p, err)
		}
		if second.Refresh == first.Refresh || second.SessionID != first.SessionID {
			t.Errorf("got %v after %v, want another token of the same session", second, first)
		}
		list, err := w.List(ctx, w.User("u"))
		if err != nil || len(list) != 1 || list[0].ID != first.SessionID || list[0].Client != "app" ||
			list[0].Method != auth.MethodPassword || !list[0].UsedAt.Equal(time.Now()) || !list[0].CreatedAt.Equal(began) {
			t.Errorf("got %+v, %v", list, err)
		}
		if w.count(event.SessionCreated) != 1 || w.count(event.SessionRenewed) != 1 {
			t.Errorf("got events %v", w.events)
		}
	})
}

// TestRefresh is what may happen to a refresh token, and what must follow. Each step runs after the given time.
func TestRefresh(t *testing.T) {
	for _, tc := range []struct {
		name  string
		gap   time.Duration // between the exchange and its repetition
		twice bool          // the successor was used in between
		want  string
	}{
		{"an answer was lost, within grace", 9 * time.Second, false, ""},
		{"a copy comes back, after grace", 11 * time.Second, false, "reused"},
		{"a copy comes back, its successor was used", time.Second, true, "reused"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				ctx := w.ctx(t)
				first := w.start(t, ctx, "")
				second := w.refresh(t, ctx, first.Refresh, "")
				current := second
				if tc.twice {
					current = w.refresh(t, ctx, second.Refresh, "")
				}
				time.Sleep(tc.gap)
				again, err := w.Refresh(ctx, first.Refresh, "")
				if tc.want == "" {
					if err != nil || again.Refresh != second.Refresh {
						t.Fatalf("got %v, want the same refresh token to the byte", err)
					}
					if w.count(event.AuthnTokenReuse) != 0 {
						t.Error("the repetition was reported as theft")
					}
					return
				}
				refused(t, err, tc.want)
				_, err = w.Refresh(ctx, current.Refresh, "")
				refused(t, err, "revoked")
				if w.verify(t, current.Access) == nil {
					t.Error("the access token outlives its session")
				}
				if w.count(event.AuthnTokenReuse) != 1 || w.count(event.SessionUseAfterExpire) != 1 {
					t.Errorf("got events %v", w.events)
				}
			})
		})
	}
}

func TestWhatIsNotAuthenticChangesNothing(t *testing.T) {
	w := newWorld(t)
	ctx := w.ctx(t)
	mine, other := w.start(t, ctx, ""), w.start(t, ctx, "")
	r := mine.Refresh
	flipped := []byte(r)
	flipped[len(flipped)-1] ^= 1
	for _, tc := range []struct{ name, token, want string }{
		{"empty", "", "malformed"},
		{"not ours", "ey.ey.ey", "malformed"},
		{"cut", r[:len(r)-1], "malformed"},
		{"longer", r + "A", "forged"},
		{"much longer", r + string(make([]byte, 1<<16)), "malformed"},
		{"last bit", string(flipped), "forged"},
		{"another generation", r[:31] + "2" + r[32:], "forged"},
		{"generation 0", r[:31] + "0" + r[32:], "malformed"},
		{"leading zero", r[:31] + "01" + r[32:], "forged"},
		{"plus sign", r[:31] + "+1" + r[32:], "malformed"},
		{"another session's secret", r[:33] + other.Refresh[33:], "forged"},
		{"another session's id", other.Refresh[:33] + r[33:], "forged"},
		{"unknown id", "prt_AAAAAAAAAAAAAAAAAAAAAAAAAA" + r[30:], "unknown"},
		{"lower case", string(bytes.ToLower([]byte(r))), "unknown"},
		{"white space", r + " ", "forged"},
		{"the access token", mine.Access, "malformed"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := w.Refresh(ctx, tc.token, "")
			refused(t, err, tc.want)
			if err := w.End(ctx, tc.token); err == nil {
				t.Error("it ended a session")
			}
		})
	}
	w.refresh(t, ctx, mine.Refresh, "")
	w.refresh(t, ctx, other.Refresh, "")
	if w.count(event.AuthnTokenReuse) != 0 {
		t.Errorf("a forgery was taken for theft: %v", w.events)
	}
}

func TestBoundToTheClient(t *testing.T) {
	w := newWorld(t)
	ctx := w.ctx(t)
	tok := w.start(t, ctx, "app")
	_, err := w.Refresh(ctx, tok.Refresh, "other")
	refused(t, err, "foreign")
	_, err = w.Refresh(ctx, tok.Refresh, "app")
	refused(t, err, "revoked")
	if w.count(event.AuthnTokenReuse) != 1 {
		t.Errorf("got events %v", w.events)
	}
}

func TestEnds(t *testing.T) {
	for _, tc := range []struct {
		name string
		end  func(ctx context.Context, w *world, tok session.Tokens) error
		want string
	}{
		{"logout by session", func(ctx context.Context, w *world, tok session.Tokens) error {
			return w.Revoke(ctx, w.User("u"), tok.SessionID)
		}, "revoked"},
		{"logout by refresh token", func(ctx context.Context, w *world, tok session.Tokens) error {
			return w.End(ctx, tok.Refresh)
		}, "revoked"},
		{"logout by access token", func(ctx context.Context, w *world, tok session.Tokens) error {
			p, err := w.verifier.Verify(ctx, tok.Access)
			return errors.Join(err, w.Logout(ctx, p))
		}, "revoked"},
		{"everywhere", func(ctx context.Context, w *world, _ session.Tokens) error {
			_, err := w.RevokeAll(ctx, w.User("u"), "")
			return err
		}, "revoked"},
		{"user denied", func(ctx context.Context, w *world, _ session.Tokens) error {
			return w.DenyUser(ctx, w.User("u"))
		}, "revoked"},
		{"user disabled", func(_ context.Context, w *world, _ session.Tokens) error {
			delete(w.users, "u")
			return nil
		}, "user"},
		{"user moved to another tenant", func(_ context.Context, w *world, _ session.Tokens) error {
			w.users["u"].Tenant = "t2"
			return nil
		}, "user"},
		{"idle for too long", func(context.Context, *world, session.Tokens) error {
			time.Sleep(14 * 24 * time.Hour)
			return nil
		}, "expired"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				ctx := w.ctx(t)
				tok := w.start(t, ctx, "")
				tok = w.refresh(t, ctx, tok.Refresh, "")
				if err := tc.end(ctx, w, tok); err != nil {
					t.Fatal(err)
				}
				for range 2 {
					_, err := w.Refresh(ctx, tok.Refresh, "")
					refused(t, err, tc.want)
					if tc.want == "user" {
						tc.want = "revoked"
					}
				}
				if err := w.verify(t, tok.Access); !errors.Is(err, auth.ErrInvalid) {
					t.Errorf("the access token: got %v, want it refused", err)
				}
			})
		})
	}
}

func TestRotationDoesNotProlongTheLifetime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ctx := w.ctx(t)
		tok := w.start(t, ctx, "")
		for range 8 { // 80 of 90 days
			time.Sleep(10 * 24 * time.Hour)
			tok = w.refresh(t, ctx, tok.Refresh, "")
		}
		time.Sleep(10 * 24 * time.Hour)
		_, err := w.Refresh(ctx, tok.Refresh, "")
		refused(t, err, "expired")
		if w.count(event.SessionExpired) != 1 {
			t.Errorf("got events %v", w.events)
		}
	})
}

func TestRevokeIsTheOwners(t *testing.T) {
	w := newWorld(t)
	ctx := w.ctx(t)
	w.users["v"] = &auth.Principal{ID: "v"}
	tok := w.start(t, ctx, "")
	for _, u := range []session.User{{issuerName, "v"}, {"https://other.example", "u"}} {
		if err := w.Revoke(ctx, u, tok.SessionID); !errors.Is(err, session.ErrNotFound) {
			t.Errorf("%v: got %v, want ErrNotFound", u, err)
		}
		if n, err := w.RevokeAll(ctx, u, ""); n != 0 || err != nil {
			t.Errorf("%v: got %d, %v", u, n, err)
		}
		if list, err := w.List(ctx, u); len(list) != 0 || err != nil {
			t.Errorf("%v: got %v, %v", u, list, err)
		}
	}
	w.refresh(t, ctx, tok.Refresh, "")
	for range 2 { // the second changes nothing
		if err := w.Revoke(ctx, w.User("u"), tok.SessionID); err != nil {
			t.Error(err)
		}
	}
}

func TestRevokeAllButOne(t *testing.T) {
	w := newWorld(t)
	ctx := w.ctx(t)
	a, b, c := w.start(t, ctx, ""), w.start(t, ctx, ""), w.start(t, ctx, "")
	if n, err := w.RevokeAll(ctx, w.User("u"), b.SessionID); n != 2 || err != nil {
		t.Errorf("got %d, %v; want 2", n, err)
	}
	w.refresh(t, ctx, b.Refresh, "")
	for _, tok := range []session.Tokens{a, c} {
		_, err := w.Refresh(ctx, tok.Refresh, "")
		refused(t, err, "revoked")
	}
}

func TestTooManySessions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(cfg *session.Config) { cfg.MaxSessions = 2 })
		ctx := w.ctx(t)
		var all []session.Tokens
		for range 3 {
			all = append(all, w.start(t, ctx, ""))
			time.Sleep(time.Second)
		}
		_, err := w.Refresh(ctx, all[0].Refresh, "")
		refused(t, err, "revoked")
		w.refresh(t, ctx, all[1].Refresh, "")
		w.refresh(t, ctx, all[2].Refresh, "")
	})
}

// TestAtOnce is what tabs and retries do: all of one client's requests carry the same token.
func TestAtOnce(t *testing.T) {
	w := newWorld(t)
	ctx := w.ctx(t)
	tok := w.start(t, ctx, "")
	for range 50 {
		var wg sync.WaitGroup
		got := make([]session.Tokens, 20)
		for i := range got {
			wg.Go(func() {
				var err error
				if got[i], err = w.Refresh(ctx, tok.Refresh, ""); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for _, g := range got {
			if g.Refresh != got[0].Refresh {
				t.Fatal("one exchange gave two successors")
			}
		}
		tok = got[0]
	}
	if w.count(event.SessionRenewed) != 50 || w.count(event.AuthnTokenReuse) != 0 {
		t.Errorf("got %d rotations and %d thefts, want 50 and 0", w.count(event.SessionRenewed), w.count(event.AuthnTokenReuse))
	}
}

// bubble runs a subtest with a clock of its own.
func bubble(f func(*testing.T)) func(*testing.T) { return func(t *testing.T) { synctest.Test(t, f) } }

func TestStoreIsGone(t *testing.T) {
	gone := func(t *testing.T, err error) {
		t.Helper()
		if !errors.Is(err, auth.ErrUnavailable) || !errors.Is(err, errGone) || errors.Is(err, session.ErrRefused) {
			t.Errorf("got %v, want ErrUnavailable", err)
		}
	}
	for _, step := range []string{"Get", "Rotate"} {
		t.Run("refresh, "+step, func(t *testing.T) {
			w := newWorld(t)
			ctx := w.ctx(t)
			tok := w.start(t, ctx, "")
			w.store.fail[step] = errGone
			_, err := w.Refresh(ctx, tok.Refresh, "")
			gone(t, err)
			delete(w.store.fail, step)
			w.refresh(t, ctx, tok.Refresh, "")
		})
	}
	t.Run("user source", func(t *testing.T) {
		w := newWorld(t)
		ctx := w.ctx(t)
		tok := w.start(t, ctx, "")
		w.down = errGone
		_, err := w.Refresh(ctx, tok.Refresh, "")
		gone(t, err)
		w.down = nil
		w.refresh(t, ctx, tok.Refresh, "")
	})
	t.Run("the answer of the swap is lost", func(t *testing.T) {
		w := newWorld(t)
		ctx := w.ctx(t)
		tok := w.start(t, ctx, "")
		w.store.lost["Rotate"] = errGone
		_, err := w.Refresh(ctx, tok.Refresh, "")
		gone(t, err)
		delete(w.store.lost, "Rotate")
		w.refresh(t, ctx, w.refresh(t, ctx, tok.Refresh, "").Refresh, "")
		if w.count(event.AuthnTokenReuse) != 0 {
			t.Error("the retry was taken for theft")
		}
	})
	t.Run("while a theft is found out", bubble(func(t *testing.T) {
		w := newWorld(t)
		ctx := w.ctx(t)
		first := w.start(t, ctx, "")
		second := w.refresh(t, ctx, first.Refresh, "")
		third := w.refresh(t, ctx, second.Refresh, "")
		w.store.fail["Revoke"] = errGone
		_, err := w.Refresh(ctx, first.Refresh, "")
		refused(t, err, "reused")
		_, err = w.Refresh(ctx, third.Refresh, "")
		refused(t, err, "overdue")
		if err := w.verify(t, third.Access); !errors.Is(err, auth.ErrInvalid) {
			t.Errorf("the access token: got %v, want it refused", err)
		}
		if w.count(event.AuthnTokenReuse) != 1 {
			t.Errorf("got %d reports of one theft", w.count(event.AuthnTokenReuse))
		}
		delete(w.store.fail, "Revoke")
		time.Sleep(time.Second)                                                 // until somebody tries again
		if err := w.verify(t, third.Access); !errors.Is(err, auth.ErrInvalid) { // and makes up for what was not done
			t.Errorf("the access token: got %v, want it refused", err)
		}
		_, err = w.Refresh(ctx, third.Refresh, "")
		refused(t, err, "revoked")
	}))
	for step, call := range map[string]func(context.Context, *world, session.Tokens) error{
		"Create": func(ctx context.Context, w *world, _ session.Tokens) error {
			_, err := w.Start(ctx, &auth.Principal{ID: "u"}, "")
			return err
		},
		"List": func(ctx context.Context, w *world, _ session.Tokens) error {
			_, err := w.List(ctx, w.User("u"))
			_, err2 := w.Start(ctx, &auth.Principal{ID: "u"}, "")
			return errors.Join(err, err2)
		},
		"Revoke": func(ctx context.Context, w *world, tok session.Tokens) error { return w.End(ctx, tok.Refresh) },
		"Get": func(ctx context.Context, w *world, tok session.Tokens) error {
			return w.Revoke(ctx, w.User("u"), tok.SessionID)
		},
		"RevokeUser": func(ctx context.Context, w *world, _ session.Tokens) error { return w.DenyUser(ctx, w.User("u")) },
		"Deny":       func(ctx context.Context, w *world, _ session.Tokens) error { return w.DenyUser(ctx, w.User("u")) },
		"Denied": func(ctx context.Context, w *world, tok session.Tokens) error {
			_, err := w.verifier.Verify(ctx, tok.Access)
			return err
		},
	} {
		t.Run(step, func(t *testing.T) {
			w := newWorld(t)
			ctx := w.ctx(t)
			tok := w.start(t, ctx, "")
			w.store.fail[step] = errGone
			gone(t, call(ctx, w, tok))
		})
	}
}

func TestKeysChange(t *testing.T) {
	store := session.NewMemory(0)
	old := newWorld(t, func(cfg *session.Config) { cfg.Store = store })
	ctx := t.Context()
	tok := old.start(t, ctx, "")
	both := newWorld(t, func(cfg *session.Config) {
		cfg.Store, cfg.Keys = store, [][]byte{sessionKey('n'), sessionKey('k')}
	})
	fresh := both.start(t, ctx, "")
	tok = both.refresh(t, ctx, tok.Refresh, "")
	only := newWorld(t, func(cfg *session.Config) { cfg.Store, cfg.Keys = store, [][]byte{sessionKey('n')} })
	_, err := only.Refresh(ctx, tok.Refresh, "")
	refused(t, err, "forged")
	only.refresh(t, ctx, fresh.Refresh, "")
}

func TestPrincipalMustBeHis(t *testing.T) {
	for _, tc := range []struct {
		name string
		user *auth.Principal
		want error
	}{
		{"nobody without an error", nil, auth.ErrUnavailable},
		{"somebody else", &auth.Principal{ID: "v"}, session.ErrRefused},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t)
			tok := w.start(t, t.Context(), "")
			w.users["u"] = tc.user
			if _, err := w.Refresh(t.Context(), tok.Refresh, ""); !errors.Is(err, tc.want) {
				t.Errorf("got %v, want %v", err, tc.want)
			}
		})
	}
	w := newWorld(t)
	if _, err := w.Start(t.Context(), &auth.Principal{}, ""); !errors.Is(err, token.ErrIssue) {
		t.Errorf("a principal without an ID: got %v", err)
	}
	if list, _ := w.List(t.Context(), w.User("")); len(list) != 0 {
		t.Error("it has a session")
	}
}

// slow is a store and a user source that take their time.
type slow struct {
	session.Store
	rotate time.Duration
}

func (s slow) Rotate(ctx context.Context, id string, from uint64, at, idle time.Time) (session.Family, bool, error) {
	select {
	case <-time.After(s.rotate):
		return s.Store.Rotate(ctx, id, from, at, idle)
	case <-ctx.Done():
		f, ok, err := s.Store.Rotate(context.WithoutCancel(ctx), id, from, at, idle) // the worst: done, and nobody knows
		return f, ok, errors.Join(err, ctx.Err())
	}
}

// TestSlownessIsNoTheft: what the application and the store take is not taken from the client's grace.
func TestSlownessIsNoTheft(t *testing.T) {
	for _, tc := range []struct {
		name              string
		principal, rotate time.Duration
		want              error // of the first exchange
	}{
		{"the user source", time.Minute, 0, nil},
		{"the store", 0, 2 * time.Second, nil},
		{"a store that does not come back", 0, time.Hour, auth.ErrUnavailable},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, func(cfg *session.Config) {
					cfg.Store = slow{session.NewMemory(0), tc.rotate}
					source := cfg.Principal
					cfg.Principal = func(ctx context.Context, u session.User) (*auth.Principal, error) {
						time.Sleep(tc.principal)
						return source(ctx, u)
					}
				})
				ctx := w.ctx(t)
				tok := w.start(t, ctx, "")
				var wg sync.WaitGroup
				for i := range 2 { // two tabs, one a second later
					wg.Go(func() {
						time.Sleep(time.Duration(i) * time.Second)
						if _, err := w.Refresh(ctx, tok.Refresh, ""); !errors.Is(err, tc.want) {
							t.Errorf("tab %d: got %v, want %v", i, err, tc.want)
						}
					})
				}
				wg.Wait()
				if tc.principal > 0 {
					return // a third would wait for a minute, and come too late
				}
				time.Sleep(2 * time.Second) // Retry-After
				if _, err := w.Refresh(ctx, tok.Refresh, ""); err != nil {
					t.Errorf("again: got %v, want the same successor", err)
				}
			})
		})
	}
}

// TestHangingUp: a client that is gone changes nothing about what must be done.
func TestHangingUp(t *testing.T) {
	for _, tc := range []struct {
		name string
		do   func(ctx context.Context, w *world, first, last session.Tokens)
	}{
		{"a thief", func(ctx context.Context, w *world, first, _ session.Tokens) { _, _ = w.Refresh(ctx, first.Refresh, "") }},
		{"logout", func(ctx context.Context, w *world, _, last session.Tokens) { _ = w.End(ctx, last.Refresh) }},
		{"everywhere", func(ctx context.Context, w *world, _, _ session.Tokens) { _, _ = w.RevokeAll(ctx, w.User("u"), "") }},
		{"user denied", func(ctx context.Context, w *world, _, _ session.Tokens) { _ = w.DenyUser(ctx, w.User("u")) }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := &obedient{Store: session.NewMemory(0)}
			w := newWorld(t, func(cfg *session.Config) { cfg.Store = s })
			first := w.start(t, t.Context(), "")
			last := w.refresh(t, t.Context(), w.refresh(t, t.Context(), first.Refresh, "").Refresh, "")
			ctx, hangUp := context.WithCancel(w.ctx(t))
			s.afterGet = hangUp
			if tc.name == "everywhere" || tc.name == "user denied" {
				hangUp()
			}
			tc.do(ctx, w, first, last)
			_, err := w.Refresh(t.Context(), last.Refresh, "")
			refused(t, err, "revoked")
			if w.verify(t, last.Access) == nil {
				t.Error("the access token is still good")
			}
		})
	}
}

// obedient is a store that gives up with the context, as a database does.
type obedient struct {
	session.Store
	afterGet func()
}

func (s *obedient) Get(ctx context.Context, id string) (session.Family, error) {
	f, err := s.Store.Get(ctx, id)
	if s.afterGet != nil {
		s.afterGet()
	}
	return f, err
}

func (s *obedient) Revoke(ctx context.Context, id string, at time.Time) error {
	return unless(ctx.Err(), func() error { return s.Store.Revoke(ctx, id, at) })
}

func (s *obedient) RevokeUser(ctx context.Context, u session.User, except string, at time.Time) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	return s.Store.RevokeUser(ctx, u, except, at)
}

func (s *obedient) Deny(ctx context.Context, d session.Denial) error {
	return unless(ctx.Err(), func() error { return s.Store.Deny(ctx, d) })
}

func unless(err error, do func() error) error {
	if err != nil {
		return err
	}
	return do()
}

// TestClocks: the exchange was made by a machine whose clock is ahead of ours.
func TestClocks(t *testing.T) {
	for _, tc := range []struct {
		name  string
		ahead time.Duration
		grace time.Duration
		want  string
	}{
		{"a little", 30 * time.Second, 0, ""},
		{"an hour", time.Hour, 0, "reused"},
		{"a little, and no grace", time.Second, -1, "reused"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			store := session.NewMemory(0)
			w := newWorld(t, func(cfg *session.Config) { cfg.Store, cfg.Grace = store, tc.grace })
			tok := w.start(t, t.Context(), "")
			then := time.Now().Add(tc.ahead)
			if _, ok, err := store.Rotate(t.Context(), tok.SessionID, 1, then, then.Add(time.Hour)); !ok || err != nil {
				t.Fatalf("got %t, %v", ok, err)
			}
			_, err := w.Refresh(t.Context(), tok.Refresh, "")
			if tc.want != "" {
				refused(t, err, tc.want)
			} else if err != nil {
				t.Errorf("got %v, want the successor", err)
			}
		})
	}
}

// TestTheNewSessionIsNeverTheOldest: the other sessions were started by a clock that is ahead.
func TestTheNewSessionIsNeverTheOldest(t *testing.T) {
	store := session.NewMemory(0)
	w := newWorld(t, func(cfg *session.Config) { cfg.Store, cfg.MaxSessions = store, 1 })
	ahead := family("ahead", time.Now().Add(time.Minute), time.Hour)
	if err := store.Create(t.Context(), ahead); err != nil {
		t.Fatal(err)
	}
	tok := w.start(t, t.Context(), "")
	w.refresh(t, t.Context(), tok.Refresh, "")
}

func TestATokenWithoutIDCannotBeDenied(t *testing.T) {
	w := newWorld(t)
	if err := w.Logout(t.Context(), &auth.Principal{ID: "u", Issuer: issuerName}); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound, since nothing can be denied", err)
	}
	if err := w.DenyToken(t.Context(), issuerName, "", time.Time{}); err == nil {
		t.Error("got no error, but nothing was denied")
	}
	if err := w.DenyToken(t.Context(), issuerName, "t", time.Time{}); err != nil {
		t.Fatal(err)
	}
	if err := w.Check(t.Context(), &auth.Principal{ID: "u", Issuer: issuerName, TokenID: "t"}); !errors.Is(err, auth.ErrInvalid) {
		t.Errorf("a token of unknown expiry: got %v, want it denied", err)
	}
}
