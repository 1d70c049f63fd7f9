package token_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/token"
	"github.com/gopalisade/palisade/internal/racing"
)

// counting counts what a source is asked.
type counting struct {
	token.KeySource
	asked atomic.Int64
}

func (c *counting) Key(ctx context.Context, kid string, given bool) (*token.Key, error) {
	c.asked.Add(1)
	return c.KeySource.Key(ctx, kid, given)
}

// cached returns an issuer on a ring, and a verifier that remembers.
func cached(t testing.TB, ring *token.Keyring, entries int) (*token.Issuer, *token.Verifier) {
	t.Helper()
	is, err := token.NewIssuer(token.IssuerConfig{Keys: ring, Issuer: issuerName, Audience: audience, TTL: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	v, err := token.NewVerifier(token.VerifierConfig{Keys: ring, Issuer: issuerName, Audience: audience, Cache: entries})
	if err != nil {
		t.Fatal(err)
	}
	return is, v
}

func issue(t testing.TB, is *token.Issuer, id string) string {
	t.Helper()
	tok, err := is.Issue(auth.Principal{ID: id, Roles: []string{"a", "b", "c"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return tok.Value
}

func TestRememberedTokens(t *testing.T) {
	old, next := newKey(t, token.ES256), newKey(t, token.EdDSA)
	for _, tc := range []struct {
		name   string
		change func(t *testing.T, ring *token.Keyring)
		want   error
	}{
		{"nothing changed", func(*testing.T, *token.Keyring) {}, nil},
		{"just before the end", func(*testing.T, *token.Keyring) { time.Sleep(time.Minute - time.Second) }, nil},
		{"expired", func(*testing.T, *token.Keyring) { time.Sleep(time.Minute) }, token.ErrExpired},
		{"key retired", func(t *testing.T, ring *token.Keyring) { must(t, ring.Rotate(next)) }, nil},
		{"key removed", func(t *testing.T, ring *token.Keyring) { must(t, ring.Replace(next)) }, token.ErrUnknownKey},
		{"key removed and put back", func(t *testing.T, ring *token.Keyring) {
			must(t, ring.Replace(next))
			must(t, ring.Replace(next, old))
		}, nil},
		{"another key under the same id", func(t *testing.T, ring *token.Keyring) {
			k, err := token.GenerateKey(old.ID(), token.ES256)
			must(t, err)
			must(t, ring.Replace(k))
		}, token.ErrSignature},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ring := ringOfKeys(t, old)
				is, v := cached(t, ring, 16)
				tok := issue(t, is, "u")
				for range 2 {
					if p, err := v.Verify(t.Context(), tok); err != nil || p.ID != "u" {
						t.Fatal(p, err)
					}
				}
				tc.change(t, ring)
				if p, err := v.Verify(t.Context(), tok); !errors.Is(err, tc.want) || (p == nil) != (tc.want != nil) {
					t.Errorf("got %v, %v; want %v", p, err, tc.want)
				}
			})
		})
	}
}

// A token without a kid has no key any more once there is a choice.
func TestRememberedWithoutKeyID(t *testing.T) {
	raw := secret(32)
	k, err := token.NewHMACKey("k", token.HS256, raw)
	must(t, err)
	ring := ringOfKeys(t, k)
	_, v := cached(t, ring, 16)
	tok := forge(raw, `{"alg":"HS256","typ":"at+jwt"}`, good())
	if _, err := v.Verify(t.Context(), tok); err != nil {
		t.Fatal(err)
	}
	must(t, ring.Rotate(newKey(t, token.HS256)))
	if _, err := v.Verify(t.Context(), tok); !errors.Is(err, token.ErrUnknownKey) {
		t.Errorf("got %v, want ErrUnknownKey", err)
	}
}

func TestFailuresAreNotRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		key, v := verifierOf(t, func(cfg *token.VerifierConfig) { cfg.Cache = 4 })
		tok := forge(key, goodHead, good(`"jti"`, `"nbf":SOON,"jti"`))
		if _, err := v.Verify(t.Context(), tok); !errors.Is(err, token.ErrNotYetValid) {
			t.Fatalf("got %v", err)
		}
		time.Sleep(30 * time.Second)
		if _, err := v.Verify(t.Context(), tok); err != nil {
			t.Errorf("got %v: a refusal was remembered", err)
		}
	})
}

// What a request does to its principal is not seen by the next one.
func TestRememberedPrincipalsAreApart(t *testing.T) {
	is, v := cached(t, ringOfKeys(t, newKey(t, token.HS256)), 4)
	tok, err := is.Issue(auth.Principal{ID: "u", Roles: []string{"a", "b"}, Permissions: []string{"read"}}, nil)
	must(t, err)
	for range 3 {
		p, err := v.Verify(t.Context(), tok.Value)
		if err != nil {
			t.Fatal(err)
		}
		var claims struct{ Sub string }
		if err := p.Claims(&claims); err != nil || claims.Sub != "u" {
			t.Errorf("got claims %+v, %v", claims, err)
		}
		if got := fmt.Sprint(p.Tenant, p.Roles, p.Permissions); got != "[a b] [read]" {
			t.Errorf("got %s", got)
		}
		p.Tenant, p.Roles = "other", append(p.Roles, "admin")
		if p.Permissions[0] != "read" {
			t.Errorf("got %v: a role was written over it", p.Permissions)
		}
		p.Roles[0], p.Permissions[0] = "admin", "write"
	}
}

func TestCacheIsBounded(t *testing.T) {
	is, v := cached(t, ringOfKeys(t, newKey(t, token.HS256)), 32)
	first := issue(t, is, "first")
	for i := range 500 {
		id := strconv.Itoa(i)
		if p, err := v.Verify(t.Context(), issue(t, is, id)); err != nil || p.ID != id {
			t.Fatal(p, err)
		}
	}
	if n := token.Remembered(v); n > 32 || n < 16 {
		t.Errorf("got %d tokens, want at most 32", n)
	}
	if p, err := v.Verify(t.Context(), first); err != nil || p.ID != "first" {
		t.Errorf("got %v, %v", p, err)
	}
}

// A token that is verified anew, because its key was loaded anew, takes the place that it had.
func TestRememberedOnce(t *testing.T) {
	raw := secret(32)
	load := func() *token.Key {
		k, err := token.NewHMACKey("k", token.HS256, raw)
		must(t, err)
		return k
	}
	ring := ringOfKeys(t, load())
	is, v := cached(t, ring, 16)
	tok := issue(t, is, "u")
	for range 5 {
		if _, err := v.Verify(t.Context(), tok); err != nil {
			t.Fatal(err)
		}
		must(t, ring.Replace(load()))
	}
	if n := token.Remembered(v); n != 1 {
		t.Errorf("got %d, want 1", n)
	}
}

func TestCacheUnderLoad(t *testing.T) {
	a, b := newKey(t, token.HS256), newKey(t, token.HS256)
	ring := ringOfKeys(t, a, b)
	is, v := cached(t, ring, 8)
	tokens := make([]string, 20)
	for i := range tokens {
		tokens[i] = issue(t, is, strconv.Itoa(i))
	}
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 500 {
				n := (i + g) % len(tokens)
				if p, err := v.Verify(t.Context(), tokens[n]); err != nil || p.ID != strconv.Itoa(n) || p.Roles[0] != "a" {
					t.Errorf("got %v, %v", p, err)
				} else {
					p.Roles[0] = "mine"
				}
				if i%50 == 0 {
					if err := ring.Replace([]*token.Key{a, b}[i/50%2], []*token.Key{b, a}[i/50%2]); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
}

func TestCacheSparesTheSignature(t *testing.T) {
	if racing.Enabled {
		t.Skip("the race detector allocates")
	}
	key := newKey(t, token.ES256)
	source := &counting{KeySource: ringOfKeys(t, key)}
	is, err := token.NewIssuer(token.IssuerConfig{Keys: ringOfKeys(t, key), Issuer: issuerName, Audience: audience})
	must(t, err)
	v, err := token.NewVerifier(token.VerifierConfig{Keys: source, Issuer: issuerName, Audience: audience, Cache: 4})
	must(t, err)
	tok := issue(t, is, "u")
	if _, err := v.Verify(t.Context(), tok); err != nil {
		t.Fatal(err)
	}
	if got := testing.AllocsPerRun(100, func() { _, _ = v.Verify(t.Context(), tok) }); got > 1 {
		t.Errorf("got %v allocations, want the principal's at most", got)
	}
	if source.asked.Load() != 102 { // once for itself, once a run, and once to warm up
		t.Errorf("the source was asked %d times, want for every token", source.asked.Load())
	}
}
