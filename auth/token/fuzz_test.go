package token_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"github.com/gopalisade/palisade/auth/token"
)

func FuzzVerify(f *testing.F) {
	key := []byte("0123456789abcdefghijklmnopqrstuv")
	k, err := token.NewHMACKey("k", token.HS256, key)
	if err != nil {
		f.Fatal(err)
	}
	_, v := pair(f, k)
	f.Add(goodHead, good())
	f.Add(`{"alg":"HS256","typ":"at+jwt"}`, good("EXP", "1e9"))
	f.Add(`{"alg":"HS256","kid":"k","typ":"at+jwt","crit":[]}`, "{}")
	f.Fuzz(func(t *testing.T, head, claims string) {
		tok := forge(key, head, claims)
		p, err := v.Verify(t.Context(), tok)
		if err != nil {
			if p != nil {
				t.Errorf("a refusal came with a principal")
			}
			return
		}
		if p.ID == "" || p.TokenID == "" || p.Expiry.IsZero() {
			t.Errorf("accepted without what is required: %+v", p)
		}
		other := jwt.NewParser(jwt.WithStrictDecoding(), jwt.WithExpirationRequired(), jwt.WithIssuer(issuerName), jwt.WithAudience(audience))
		if _, err := other.Parse(tok, func(*jwt.Token) (any, error) { return key, nil }); err != nil {
			t.Errorf("we accept what a laxer parser refuses: %v\n%s\n%s", err, head, claims)
		}
		for i := range len(tok) { // one spelling only
			if respelt := tok[:i] + "\n" + tok[i:]; i%7 == 0 {
				if _, err := v.Verify(t.Context(), respelt); err == nil {
					t.Errorf("a second spelling is accepted: %q", respelt)
				}
			}
		}
	})
}

func FuzzCompact(f *testing.F) {
	_, v := pair(f, newKey(f, token.HS256))
	f.Add("a.b.c")
	f.Add("eyJhbGciOiJub25lIn0..")
	f.Fuzz(func(t *testing.T, tok string) {
		if p, err := v.Verify(t.Context(), tok); err == nil || p != nil {
			t.Errorf("accepted without the key: %q", tok)
		}
	})
}

// FuzzRemote serves any bytes as a key set: what is taken from it can verify, cannot sign, and is public.
func FuzzRemote(f *testing.F) {
	a, b := newKey(f, token.EdDSA), newKey(f, token.ES256)
	good := publish(f, a, b)
	f.Add(good)
	f.Add(strings.Replace(good, `"kty"`, `"d":"AA","kty"`, 1))
	f.Add(strings.Replace(good, `"alg":"EdDSA"`, `"alg":"ES256"`, 1))
	f.Add(`{"keys":[{"kty":"oct","k":"AAAA","alg":"HS256"}]}`)
	f.Add(`{"keys":[{"kty":"RSA","alg":"RS256","e":"AQAB","n":"AQAB"}]}`)
	f.Fuzz(func(t *testing.T, body string) {
		keys, err := token.ParseRemote([]byte(body))
		if (len(keys) == 0) != (err != nil) || err != nil && !errors.Is(err, token.ErrKeySet) {
			t.Fatalf("got %v, %v", keys, err)
		}
		seen := map[string]bool{}
		for _, k := range keys {
			if k.CanSign() || !k.Alg().Asymmetric() || k.ID() == "" || k.Thumbprint() == "" || seen[k.ID()] {
				t.Errorf("took %v from %s", k, body)
			}
			seen[k.ID()] = true
			if k.Verify("input", nil) || k.Verify("input", make([]byte, 64)) {
				t.Errorf("%v accepts anything", k)
			}
		}
		if len(keys) > 64 || !json.Valid([]byte(body)) && err == nil {
			t.Errorf("took %d keys from %s", len(keys), body)
		}
	})
}
