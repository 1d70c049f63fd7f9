package token_test

import (
	"testing"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/token"
)

func BenchmarkVerify(b *testing.B) {
	for _, alg := range []token.Alg{token.HS256, token.ES256, token.EdDSA} {
		b.Run(string(alg), func(b *testing.B) {
			is, v := pair(b, newKey(b, alg))
			tok, err := is.Issue(auth.Principal{ID: "u1", Roles: []string{"admin"}, Tier: "free"}, nil)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := v.Verify(tok.Value); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
