package token_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/token"
)

func BenchmarkVerify(b *testing.B) {
	for _, alg := range []token.Alg{token.HS256, token.ES256, token.EdDSA, token.RS256} {
		ring := ringOfKeys(b, newKey(b, alg))
		is, remembers := cached(b, ring, 1024)
		_, plain := cached(b, ring, 0)
		tok, err := is.Issue(auth.Principal{ID: "u1", Roles: []string{"admin"}, Tier: "free"}, nil)
		if err != nil {
			b.Fatal(err)
		}
		for name, v := range map[string]*token.Verifier{"plain": plain, "cached": remembers} {
			b.Run(string(alg)+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := v.Verify(b.Context(), tok.Value); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkVerifyDeny(b *testing.B) {
	key, v := hmacVerifier(b)
	for name, tok := range map[string]string{
		"signature": forge(secret(32), goodHead, good()),
		"expired":   forge(key, goodHead, good("EXP", "PAST")),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := v.Verify(b.Context(), tok); err == nil {
					b.Fatal("accepted")
				}
			}
		})
	}
}

func BenchmarkVerifyParallel(b *testing.B) {
	is, v := cached(b, ringOfKeys(b, newKey(b, token.ES256)), 1024)
	tok := issue(b, is, "u")
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := v.Verify(b.Context(), tok); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkJWT is what the library that signs takes to parse the same tokens.
func BenchmarkJWT(b *testing.B) {
	parser := jwt.NewParser(jwt.WithExpirationRequired(), jwt.WithIssuer(issuerName), jwt.WithAudience(audience))
	raw := secret(32)
	hs, err := token.NewHMACKey("k", token.HS256, raw)
	must(b, err)
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(b, err)
	es, err := token.NewPrivateKey("k", token.ES256, private)
	must(b, err)
	for _, tc := range []struct {
		key  *token.Key
		with any
	}{{hs, raw}, {es, &private.PublicKey}} {
		b.Run(string(tc.key.Alg()), func(b *testing.B) {
			is, _ := pair(b, tc.key)
			tok, err := is.Issue(auth.Principal{ID: "u1", Roles: []string{"admin"}, Tier: "free"}, nil)
			must(b, err)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := parser.Parse(tok.Value, func(*jwt.Token) (any, error) { return tc.with, nil }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
