package apikey_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/apikey"
	"github.com/gopalisade/palisade/auth/token"
)

var errDown = errors.New("dsn=postgres://secret")

// watched is a store that counts calls, and is down for as long as it is told.
type watched struct {
	*apikey.Memory
	gets, touches  atomic.Int64
	down, readOnly atomic.Bool
	noTouch        atomic.Bool
	blockTouch     atomic.Bool
	touchRemaining atomic.Int64 // nanoseconds that the last Touch had
}

func newWatched() *watched { return &watched{Memory: apikey.NewMemory(0)} }

// fault is what a write gets.
func (s *watched) fault() error {
	if s.down.Load() || s.readOnly.Load() {
		return errDown
	}
	return nil
}

func (s *watched) Create(ctx context.Context, rec apikey.Record, most int) error {
	return unless(s.fault(), func() error { return s.Memory.Create(ctx, rec, most) })
}

func (s *watched) Rotate(ctx context.Context, id string, until time.Time, next apikey.Record) error {
	return unless(s.fault(), func() error { return s.Memory.Rotate(ctx, id, until, next) })
}

func (s *watched) Revoke(ctx context.Context, id string, at time.Time) error {
	return unless(s.fault(), func() error { return s.Memory.Revoke(ctx, id, at) })
}

func (s *watched) List(ctx context.Context, owner string, at time.Time) ([]apikey.Record, error) {
	if err := s.fault(); err != nil {
		return nil, err
	}
	return s.Memory.List(ctx, owner, at)
}

func (s *watched) DeleteExpired(ctx context.Context, before time.Time) (int, error) {
	if err := s.fault(); err != nil {
		return 0, err
	}
	return s.Memory.DeleteExpired(ctx, before)
}

func (s *watched) Get(ctx context.Context, id string) (apikey.Record, error) {
	s.gets.Add(1)
	if s.down.Load() {
		return apikey.Record{}, errDown
	}
	return s.Memory.Get(ctx, id)
}

func (s *watched) Touch(ctx context.Context, id string, at time.Time) error {
	s.touches.Add(1)
	if end, ok := ctx.Deadline(); ok {
		s.touchRemaining.Store(int64(time.Until(end)))
	}
	if s.blockTouch.Load() {
		<-ctx.Done()
		return ctx.Err()
	}
	if s.noTouch.Load() {
		return errDown
	}
	return s.Memory.Touch(ctx, id, at)
}

func unless(err error, step func() error) error {
	if err != nil {
		return err
	}
	return step()
}

// newKeys returns a Keys over store, with what change sets.
func newKeys(t testing.TB, store apikey.Store, change func(*apikey.Config)) *apikey.Keys {
	t.Helper()
	cfg := apikey.Config{Store: store, Prefix: "pk"}
	if change != nil {
		change(&cfg)
	}
	k, err := apikey.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func create(t testing.TB, k *apikey.Keys, scopes ...string) apikey.Created {
	t.Helper()
	c, err := k.Create(t.Context(), apikey.Params{Name: "ci", Owner: "alice", Tenant: "acme", Tier: "free", Scopes: scopes})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func request(header string, values ...string) *http.Request {
	r := httptest.NewRequest("GET", "/", nil)
	if len(values) > 0 {
		r.Header[header] = values
	}
	return r
}

// reason is the word for why err refused, or ok.
func reason(err error) string {
	if err == nil {
		return "ok"
	}
	if e, ok := errors.AsType[*auth.Error](err); ok {
		return e.Reason
	}
	return "no auth.Error: " + err.Error()
}

// flip changes one letter or digit.
func flip(key string, i int) string {
	b := []byte(key)
	b[i] = map[bool]byte{true: 'b', false: 'a'}[b[i] == 'a']
	return string(b)
}

// summed appends the right checksum to whatever it is given.
func summed(text string) string { return text + apikey.Checksum(text) }

func mistyped(key string) string { return flip(key, len(key)-1) }

// answer is what a client sees behind a gate.
func answer(t *testing.T, k auth.Authenticator, text string) string {
	t.Helper()
	w := httptest.NewRecorder()
	gate(t, k).Wrap(http.NotFoundHandler()).ServeHTTP(w, request("X-Api-Key", text))
	return fmt.Sprint(w.Code, w.Header(), w.Body)
}

func gate(t testing.TB, by ...auth.Authenticator) *auth.Gate {
	t.Helper()
	g, err := auth.New(auth.Config{By: by})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func pepper(c byte) []byte { return []byte(strings.Repeat(string(c), 32)) }

func tokens(t testing.TB) (*token.Verifier, string) {
	t.Helper()
	key, err := token.GenerateKey("", token.EdDSA)
	if err != nil {
		t.Fatal(err)
	}
	ring, err := token.NewKeyring(key)
	if err != nil {
		t.Fatal(err)
	}
	is, err1 := token.NewIssuer(token.IssuerConfig{Keys: ring, Issuer: "i", Audience: "a"})
	v, err2 := token.NewVerifier(token.VerifierConfig{Keys: ring, Issuer: "i", Audience: "a"})
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	tok, err := is.Issue(auth.Principal{ID: "alice"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return v, tok.Value
}
