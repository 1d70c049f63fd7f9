package token_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/token"
)

// endpoint is an issuer's key set without a network.
type endpoint struct {
	mu      sync.Mutex
	status  int
	body    string
	delay   time.Duration
	down    error
	fetches atomic.Int64
}

func (e *endpoint) RoundTrip(r *http.Request) (*http.Response, error) {
	e.fetches.Add(1)
	e.mu.Lock()
	status, body, delay, down := e.status, e.body, e.delay, e.down
	e.mu.Unlock()
	select {
	case <-time.After(delay):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	if down != nil {
		return nil, down
	}
	return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(body)), Header: http.Header{"Location": {"https://169.254.169.254/"}}}, nil
}

func (e *endpoint) set(change func(*endpoint)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	change(e)
}

// publish renders keys as their issuer would.
func publish(t testing.TB, keys ...*token.Key) string {
	t.Helper()
	h, err := token.JWKS(ringOfKeys(t, keys[0], keys[1:]...))
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	return w.Body.String()
}

func newRemote(t testing.TB, e *endpoint, more ...func(*token.RemoteConfig)) *token.Remote {
	t.Helper()
	cfg := token.RemoteConfig{URL: "https://id.example.com/keys", Client: &http.Client{Transport: e}}
	for _, change := range more {
		change(&cfg)
	}
	r, err := token.NewRemote(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// J2, J3, H22: what a source answers as its issuer changes.
func TestRemote(t *testing.T) {
	a, b := newKey(t, token.EdDSA), newKey(t, token.ES256)
	both, onlyB := publish(t, a, b), publish(t, b)
	type step struct {
		name    string
		wait    time.Duration
		change  func(*endpoint)
		kid     string
		fetches int64
		want    error
	}
	down := func(e *endpoint) { e.down = errors.New("no route") }
	serves := func(body string) func(*endpoint) { return func(e *endpoint) { e.down, e.body = nil, body } }
	for _, tc := range []struct {
		name  string
		steps []step
	}{
		{"a key that is there", []step{
			{"first", 0, nil, a.ID(), 1, nil},
			{"again", time.Minute, nil, a.ID(), 1, nil},
			{"the other", 0, nil, b.ID(), 1, nil},
		}},
		{"J1 unknown", []step{
			{"first", 0, nil, "x", 1, token.ErrUnknownKey},
			{"within the cooldown", 29 * time.Second, nil, "y", 1, token.ErrUnknownKey},
			{"after it", time.Second, nil, "z", 2, token.ErrUnknownKey},
			{"a known one meanwhile", 0, nil, a.ID(), 2, nil},
		}},
		{"a new key is found when it is asked for", []step{
			{"unknown", 0, serves(publish(t, a)), b.ID(), 1, token.ErrUnknownKey},
			{"published, too early", 0, serves(both), b.ID(), 1, token.ErrUnknownKey},
			{"after the cooldown", 30 * time.Second, nil, b.ID(), 2, nil},
		}},
		{"J2 removed", []step{
			{"there", 0, nil, a.ID(), 1, nil},
			{"removed, not yet seen", 14 * time.Minute, serves(onlyB), a.ID(), 1, nil},
			{"the request that notices the age", time.Minute, nil, a.ID(), 2, nil},
			{"after the refresh", time.Second, nil, a.ID(), 2, token.ErrUnknownKey},
		}},
		{"J2 removed while nobody asked", []step{
			{"there", 0, nil, a.ID(), 1, nil},
			{"removed", 10 * time.Hour, serves(onlyB), a.ID(), 2, token.ErrUnknownKey},
		}},
		{"J2 removed while nobody asked, after a failure", []step{
			{"there", 0, nil, a.ID(), 1, nil},
			{"down", 16 * time.Minute, down, a.ID(), 2, nil},
			{"removed", 20 * time.Hour, serves(onlyB), a.ID(), 3, token.ErrUnknownKey},
		}},
		{"a slow issuer after a pause", []step{
			{"there", 0, nil, a.ID(), 1, nil},
			{"slow", 10 * time.Hour, func(e *endpoint) { e.delay = 3 * time.Second }, a.ID(), 2, nil},
		}},
		{"H22 down from the start", []step{
			{"first", 0, down, a.ID(), 1, auth.ErrUnavailable},
			{"at once", time.Second, nil, a.ID(), 1, auth.ErrUnavailable},
			{"soon", 4 * time.Second, nil, a.ID(), 2, auth.ErrUnavailable},
			{"back", 5 * time.Second, serves(both), a.ID(), 3, nil},
		}},
		{"J3 stale while down", []step{
			{"there", 0, nil, a.ID(), 1, nil},
			{"down", 20 * time.Minute, down, a.ID(), 2, nil},
			{"unknown: nobody can say", time.Second, nil, "x", 2, auth.ErrUnavailable},
			{"still down", 23 * time.Hour, nil, a.ID(), 3, nil},
			{"too old", time.Hour, nil, a.ID(), 4, auth.ErrUnavailable},
			{"back", 5 * time.Second, serves(both), a.ID(), 5, nil},
		}},
		{"J3 slow", []step{
			{"first", 0, func(e *endpoint) { e.delay = time.Minute }, a.ID(), 1, auth.ErrUnavailable},
		}},
		{"J3 redirect", []step{{"first", 0, func(e *endpoint) { e.status = 302 }, a.ID(), 1, auth.ErrUnavailable}}},
		{"J3 error", []step{{"first", 0, func(e *endpoint) { e.status = 500 }, a.ID(), 1, auth.ErrUnavailable}}},
		{"J3 HTML", []step{{"first", 0, serves("<html>"), a.ID(), 1, auth.ErrUnavailable}}},
		{"J3 too long", []step{{"first", 0, serves(both + strings.Repeat(" ", 512<<10)), a.ID(), 1, auth.ErrUnavailable}}},
		{"a good set is not lost to a bad one", []step{
			{"there", 0, nil, a.ID(), 1, nil},
			{"bad", 16 * time.Minute, serves("{}"), a.ID(), 2, nil},
			{"goes on", time.Second, nil, a.ID(), 2, nil},
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := &endpoint{status: 200, body: both}
				r := newRemote(t, e)
				for _, s := range tc.steps {
					time.Sleep(s.wait)
					if s.change != nil {
						e.set(s.change)
					}
					k, err := r.Key(t.Context(), s.kid, true)
					synctest.Wait()
					if !errors.Is(err, s.want) || (k == nil) != (s.want != nil) || k != nil && k.ID() != s.kid {
						t.Errorf("%s: got %v, %v; want %v", s.name, k, err, s.want)
					}
					if got := e.fetches.Load(); got != s.fetches {
						t.Errorf("%s: got %d fetches, want %d", s.name, got, s.fetches)
					}
				}
				time.Sleep(10 * time.Second) // every fetch has ended
			})
		})
	}
}

// J1: strangers with invented kids cannot make us fetch, nor slow down or shut out anybody else.
func TestRandomKeyIDs(t *testing.T) {
	a := newKey(t, token.EdDSA)
	e := &endpoint{status: 200, body: publish(t, a)}
	synctest.Test(t, func(t *testing.T) {
		r := newRemote(t, e)
		if _, err := r.Key(t.Context(), a.ID(), true); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		e.set(func(e *endpoint) { e.delay = 3 * time.Second })
		start := time.Now()
		var wg sync.WaitGroup
		for i := range 1000 {
			wg.Go(func() {
				if _, err := r.Key(t.Context(), fmt.Sprint(i), true); !errors.Is(err, auth.ErrUnavailable) {
					t.Errorf("got %v, want unavailable: the answer is not in yet", err)
				}
				if d := time.Since(start); d > time.Second {
					t.Errorf("waited %v, want at most a second", d)
				}
			})
			wg.Go(func() {
				before := time.Now()
				if k, err := r.Key(t.Context(), a.ID(), true); err != nil || k == nil || time.Since(before) > 0 {
					t.Errorf("a known key: got %v, %v after %v", k, err, time.Since(before))
				}
			})
		}
		wg.Wait()
		time.Sleep(4 * time.Second)
		for i := range 1000 {
			if _, err := r.Key(t.Context(), fmt.Sprint(i), true); !errors.Is(err, token.ErrUnknownKey) {
				t.Fatalf("got %v", err)
			}
		}
		if got := e.fetches.Load(); got != 2 {
			t.Errorf("got %d fetches, want 2", got)
		}
	})
}

// An issuer that hangs costs the first request after a pause a second, and later ones nothing.
func TestOutageIsNotFelt(t *testing.T) {
	a := newKey(t, token.EdDSA)
	e := &endpoint{status: 200, body: publish(t, a)}
	synctest.Test(t, func(t *testing.T) {
		r := newRemote(t, e)
		for i, step := range []struct{ pause, want time.Duration }{
			{0, 0},
			{10 * time.Hour, time.Second},
			{10 * time.Minute, 0},
			{time.Hour, time.Second},
		} {
			time.Sleep(step.pause)
			for _, want := range []time.Duration{step.want, 0, 0} {
				start := time.Now()
				if _, err := r.Key(t.Context(), a.ID(), true); err != nil || time.Since(start) != want {
					t.Errorf("%d: got %v after %v, want it after %v", i, err, time.Since(start), want)
				}
			}
			time.Sleep(10 * time.Second)
			e.set(func(e *endpoint) { e.delay = time.Minute })
		}
	})
}

// With the longest Cooldown that is allowed, a set that is too old is still fetched anew.
func TestLongestCooldown(t *testing.T) {
	a := newKey(t, token.EdDSA)
	e := &endpoint{status: 200, body: publish(t, a)}
	synctest.Test(t, func(t *testing.T) {
		r := newRemote(t, e, func(cfg *token.RemoteConfig) {
			cfg.Refresh, cfg.Cooldown, cfg.MaxStale = 15*time.Minute, 15*time.Minute, 15*time.Minute
		})
		for i := range int64(3) {
			if _, err := r.Key(t.Context(), a.ID(), true); err != nil || e.fetches.Load() != i+1 {
				t.Errorf("got %v after %d fetches, want a key after %d", err, e.fetches.Load(), i+1)
			}
			time.Sleep(16 * time.Minute)
		}
	})
}

func TestWaitersAreServedTogether(t *testing.T) {
	a := newKey(t, token.EdDSA)
	e := &endpoint{status: 200, body: publish(t, a), delay: time.Second}
	synctest.Test(t, func(t *testing.T) {
		r := newRemote(t, e)
		var wg sync.WaitGroup
		gone, leave := context.WithCancel(t.Context())
		wg.Go(func() {
			if _, err := r.Key(gone, a.ID(), true); !errors.Is(err, auth.ErrUnavailable) {
				t.Errorf("whoever left: got %v", err)
			}
		})
		synctest.Wait() // the one who leaves has begun the fetch
		for range 100 {
			wg.Go(func() {
				if _, err := r.Key(t.Context(), "", false); err != nil {
					t.Errorf("got %v", err)
				}
			})
		}
		leave()
		wg.Wait()
		if got := e.fetches.Load(); got != 1 {
			t.Errorf("got %d fetches, want 1", got)
		}
	})
}
