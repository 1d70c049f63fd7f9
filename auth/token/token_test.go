package token_test

import (
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/token"
)

const (
	issuerName = "https://id.example.com"
	audience   = "https://api.example.com"
)

// pair returns an issuer and the verifier of what it issues.
func pair(t testing.TB, keys ...*token.Key) (*token.Issuer, *token.Verifier) {
	t.Helper()
	ring, err := token.NewKeyring(keys[0], keys[1:]...)
	if err != nil {
		t.Fatal(err)
	}
	is, err := token.NewIssuer(token.IssuerConfig{Keys: ring, Issuer: issuerName, Audience: audience})
	if err != nil {
		t.Fatal(err)
	}
	v, err := token.NewVerifier(token.VerifierConfig{Keys: ring, Issuer: issuerName, Audience: audience})
	if err != nil {
		t.Fatal(err)
	}
	return is, v
}

// must fails the test where a step of it went wrong.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// rsaKey is made once: it takes long.
var rsaKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

func newKey(t testing.TB, alg token.Alg) *token.Key {
	t.Helper()
	if alg[0] == 'R' || alg[0] == 'P' {
		private, err := rsaKey()
		must(t, err)
		k, err := token.NewPrivateKey("", alg, private)
		must(t, err)
		return k
	}
	k, err := token.GenerateKey("", alg)
	must(t, err)
	return k
}

func secret(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}

func TestIssueAndVerify(t *testing.T) {
	for _, alg := range []token.Alg{"HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"} {
		t.Run(string(alg), func(t *testing.T) {
			t.Parallel()
			is, v := pair(t, newKey(t, alg))
			tok, err := is.Issue(auth.Principal{ID: "u1", Roles: []string{"admin"}, Tier: "free", SessionID: "s"}, map[string]any{"x\":0,\"admin": true})
			if err != nil {
				t.Fatal(err)
			}
			for range 2 { // the second time by the remembered header
				p, err := v.Verify(t.Context(), tok.Value)
				if err != nil {
					t.Fatal(err)
				}
				if p.ID != "u1" || p.Issuer != issuerName || p.Roles[0] != "admin" || p.Tier != "free" || p.SessionID != "s" ||
					p.TokenID != tok.ID || is.Name() != p.Issuer || !p.Expiry.Equal(tok.Expiry) || p.Method != auth.MethodToken {
					t.Errorf("got %+v", p)
				}
				var extra map[string]any
				if err := p.Claims(&extra); err != nil || extra["x\":0,\"admin"] != true || extra["admin"] != nil {
					t.Errorf("got claims %v, %v", extra, err)
				}
			}
		})
	}
}

func TestAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	key, v := hmacVerifier(t)
	accepted, refused := forge(key, goodHead, good()), forge(secret(32), goodHead, good())
	for _, tc := range []struct {
		name, token string
		most        float64
	}{{"accepted", accepted, 6}, {"refused", refused, 2}} {
		if got := testing.AllocsPerRun(100, func() { _, _ = v.Verify(t.Context(), tc.token) }); got > tc.most {
			t.Errorf("%s: got %v allocations, want at most %v", tc.name, got, tc.most)
		}
	}
}

// An issuer may change its headers as often as it likes.
func TestManyHeaders(t *testing.T) {
	key, v := hmacVerifier(t)
	for i := range 200 {
		head := strings.Replace(goodHead, `"alg"`, fmt.Sprintf(`"x":%d,"alg"`, i), 1)
		for range 2 {
			if _, err := v.Verify(t.Context(), forge(key, head, good())); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := token.Headers(v); n < 1 || n > 64 {
		t.Errorf("got %d headers, want 1 to 64", n)
	}
}
