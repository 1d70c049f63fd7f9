package token_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/token"
	"github.com/gopalisade/palisade/internal/racing"
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
	if racing.Enabled {
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

func numbered(n int) map[string]any {
	all := map[string]any{}
	for i := range n {
		all[fmt.Sprint("x", i)] = i
	}
	return all
}

func TestIssueRefuses(t *testing.T) {
	is, _ := pair(t, newKey(t, token.HS256))
	deep := json.RawMessage(strings.Repeat("[", 16) + strings.Repeat("]", 16))
	for _, tc := range []struct {
		name  string
		p     auth.Principal
		extra map[string]any
	}{
		{"no id", auth.Principal{}, nil},
		{"K12 sub overridden", auth.Principal{ID: "u"}, map[string]any{"sub": "admin"}},
		{"K12 in another case", auth.Principal{ID: "u"}, map[string]any{"Exp": 1}},
		{"too many roles", auth.Principal{ID: "u", Roles: make([]string, 257)}, nil},
		{"too long", auth.Principal{ID: "u"}, map[string]any{"x": strings.Repeat("x", 9000)}},
		{"no JSON", auth.Principal{ID: "u"}, map[string]any{"x": func() {}}},
		{"ID not UTF-8", auth.Principal{ID: "u\xff"}, nil},
		{"role not UTF-8", auth.Principal{ID: "u", Roles: []string{"a", "r\xff"}}, nil},
		{"permission not UTF-8", auth.Principal{ID: "u", Permissions: []string{"\xc0\xaf"}}, nil},
		{"tenant not UTF-8", auth.Principal{ID: "u", Tenant: "\xff"}, nil},
		{"session not UTF-8", auth.Principal{ID: "u", SessionID: "\xff"}, nil},
		{"tier not UTF-8", auth.Principal{ID: "u", Tier: "\xff"}, nil},
		{"ACR not UTF-8", auth.Principal{ID: "u", ACR: "\xff"}, nil},
		{"two names that become one", auth.Principal{ID: "u"}, map[string]any{"\xff": 1, "\xfe": 2}},
		{"too many claims", auth.Principal{ID: "u"}, numbered(60)},
		{"too many members", auth.Principal{ID: "u"}, map[string]any{"x": numbered(65)}},
		{"too deep", auth.Principal{ID: "u"}, map[string]any{"x": deep}},
		{"authenticated before 1970", auth.Principal{ID: "u", AuthTime: time.Unix(-1, 0)}, nil},
		{"authenticated after 9999", auth.Principal{ID: "u", AuthTime: time.Unix(253402300800, 0)}, nil},
	} {
		if tok, err := is.Issue(tc.p, tc.extra); !errors.Is(err, token.ErrIssue) || tok.Value != "" {
			t.Errorf("%s: got %v, %v; want ErrIssue", tc.name, tok, err)
		}
	}
}
