package token_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/token"
)

// verifierOf returns a verifier of one HMAC key that forge can use, as change made it.
func verifierOf(t testing.TB, change func(*token.VerifierConfig)) ([]byte, *token.Verifier) {
	t.Helper()
	key := secret(32)
	k, err := token.NewHMACKey("k", token.HS256, key)
	if err != nil {
		t.Fatal(err)
	}
	cfg := token.VerifierConfig{Keys: ringOfKeys(t, k), Issuer: issuerName, Audience: audience}
	change(&cfg)
	v, err := token.NewVerifier(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return key, v
}

func ringOfKeys(t testing.TB, active *token.Key, others ...*token.Key) *token.Keyring {
	t.Helper()
	ring, err := token.NewKeyring(active, others...)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func TestCheckHasTheLastWord(t *testing.T) {
	odd := errors.New("dsn=secret")
	type ctxKey struct{}
	for _, tc := range []struct {
		name  string
		cache int
		says  error
		want  error
	}{
		{"good", 0, nil, nil},
		{"revoked", 0, &auth.Error{Kind: auth.ErrInvalid, Reason: "revoked"}, auth.ErrInvalid},
		{"down", 0, &auth.Error{Kind: auth.ErrUnavailable}, auth.ErrUnavailable},
		{"R11 another error", 0, odd, auth.ErrUnavailable},
		{"good and remembered", 8, nil, nil},
		{"revoked and remembered", 8, auth.ErrInvalid, auth.ErrInvalid},
		{"another error, remembered", 8, odd, auth.ErrUnavailable},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var says error
			calls := 0
			key, v := verifierOf(t, func(cfg *token.VerifierConfig) {
				cfg.Cache = tc.cache
				cfg.Check = func(ctx context.Context, p *auth.Principal) error {
					calls++
					if ctx.Value(ctxKey{}) != 1 || p.TokenID != "j" {
						t.Errorf("asked about %+v, without the request's context", p)
					}
					return says
				}
			})
			r := httptest.NewRequestWithContext(context.WithValue(t.Context(), ctxKey{}, 1), "GET", "/", nil)
			r.Header.Set("Authorization", "Bearer "+forge(key, goodHead, good()))
			if _, err := v.Authenticate(r); err != nil {
				t.Fatal(err)
			}
			says = tc.says
			p, err := v.Authenticate(r)
			if !errors.Is(err, tc.want) || (p == nil) != (err != nil) || errors.Is(err, auth.ErrInvalid) != (tc.want == auth.ErrInvalid) {
				t.Errorf("got %v, %v; want %v", p, err, tc.want)
			}
			r.Header.Set("Authorization", "Bearer "+forge(key, goodHead, good("EXP", "PAST")))
			if _, err := v.Authenticate(r); !errors.Is(err, token.ErrExpired) || calls != 2 {
				t.Errorf("got %v after %d calls: asked about a token that does not hold", err, calls)
			}
		})
	}
}

// brokenSource is a KeySource that fails.
type brokenSource struct {
	key *token.Key
	err error
}

func (s brokenSource) Key(context.Context, string, bool) (*token.Key, error) { return s.key, s.err }

func TestSourcesThatFail(t *testing.T) {
	is, _ := pair(t, newKey(t, token.EdDSA))
	tok, err := is.Issue(auth.Principal{ID: "u"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name   string
		source token.KeySource
		want   error
	}{
		{"unknown", brokenSource{err: token.ErrUnknownKey}, auth.ErrInvalid},
		{"H22 unavailable", brokenSource{err: auth.ErrUnavailable}, auth.ErrUnavailable},
		{"H22 another error", brokenSource{err: errors.New("x")}, auth.ErrUnavailable},
		{"neither key nor error", brokenSource{}, auth.ErrUnavailable},
		{"a key of another algorithm", brokenSource{key: newKey(t, token.ES256)}, token.ErrAlgorithm},
		{"another key", brokenSource{key: newKey(t, token.EdDSA)}, token.ErrSignature},
	} {
		v, err := token.NewVerifier(token.VerifierConfig{Keys: tc.source, Issuer: issuerName, Audience: audience, Cache: 4})
		if err != nil {
			t.Fatal(err)
		}
		if p, err := v.Verify(t.Context(), tok.Value); p != nil || !errors.Is(err, tc.want) ||
			errors.Is(err, auth.ErrInvalid) == errors.Is(err, auth.ErrUnavailable) {
			t.Errorf("%s: got %v, %v; want %v", tc.name, p, err, tc.want)
		}
	}
}

// A token that was remembered waits for its key once, as any other.
func TestRememberedTokenWaitsOnce(t *testing.T) {
	a, b := newKey(t, token.EdDSA), newKey(t, token.EdDSA)
	e := &endpoint{status: 200, body: publish(t, a, b)}
	synctest.Test(t, func(t *testing.T) {
		r := newRemote(t, e)
		source := &counting{KeySource: r}
		v, err := token.NewVerifier(token.VerifierConfig{Keys: source, Issuer: issuerName, Audience: audience, Cache: 16})
		must(t, err)
		is, _ := pair(t, a)
		tok := issue(t, is, "u")
		if _, err := v.Verify(t.Context(), tok); err != nil {
			t.Fatal(err)
		}
		e.set(func(e *endpoint) { e.body = publish(t, b) })
		time.Sleep(time.Minute)
		_, _ = r.Key(t.Context(), "x", true) // notices that a is gone
		time.Sleep(time.Minute)
		e.set(func(e *endpoint) { e.delay = 4 * time.Second })
		start := time.Now()
		if _, err := v.Verify(t.Context(), tok); !errors.Is(err, auth.ErrUnavailable) || time.Since(start) != time.Second {
			t.Errorf("got %v after %v, want unavailable after a second", err, time.Since(start))
		}
		if got := source.asked.Load(); got != 2 {
			t.Errorf("the source was asked %d times, want once for each request", got)
		}
		time.Sleep(10 * time.Second)
	})
}

// A refresh that brings the same key again does not make us forget what it verified; another key of the same name does.
func TestRefreshAndCache(t *testing.T) {
	a := newKey(t, token.EdDSA)
	b, err := token.GenerateKey(a.ID(), token.EdDSA)
	must(t, err)
	e := &endpoint{status: 200, body: publish(t, a)}
	synctest.Test(t, func(t *testing.T) {
		r := newRemote(t, e)
		v, err := token.NewVerifier(token.VerifierConfig{Keys: r, Issuer: issuerName, Audience: audience, Cache: 16})
		must(t, err)
		is, err := token.NewIssuer(token.IssuerConfig{Keys: ringOfKeys(t, a), Issuer: issuerName, Audience: audience, TTL: 2 * time.Hour})
		must(t, err)
		tok := issue(t, is, "u")
		first, err := r.Key(t.Context(), a.ID(), true)
		must(t, err)
		for _, want := range []error{nil, nil, token.ErrSignature} {
			if want != nil {
				e.set(func(e *endpoint) { e.body = publish(t, b) })
				time.Sleep(16 * time.Minute)
				_, _ = v.Verify(t.Context(), tok) // starts the refresh
				synctest.Wait()
			}
			if _, err := v.Verify(t.Context(), tok); !errors.Is(err, want) {
				t.Errorf("got %v, want %v", err, want)
			}
			if k, _ := r.Key(t.Context(), a.ID(), true); (k == first) != (want == nil) {
				t.Errorf("the key is the same: %t, want %t", k == first, want == nil)
			}
			time.Sleep(16 * time.Minute)
			_, _ = r.Key(t.Context(), a.ID(), true)
			synctest.Wait()
		}
	})
}
