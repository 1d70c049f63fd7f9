package dpop_test

import (
	"testing"

	"github.com/gopalisade/palisade/auth/token"
	"github.com/gopalisade/palisade/auth/token/dpop"
)

func BenchmarkAuthenticate(b *testing.B) {
	for _, alg := range []token.Alg{token.ES256, token.EdDSA} {
		b.Run(string(alg), func(b *testing.B) {
			s := newService(b, func(cfg *dpop.Config) { cfg.Replay = forgetful{} })
			c := newClient(b, alg)
			tok := s.issue(b, c.bind)
			r := request("GET", target, tok, c.proof(b, tok, nil))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.dpop.Authenticate(r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("deny", func(b *testing.B) {
		s := newService(b, nil)
		c := newClient(b, token.ES256)
		tok := s.issue(b, c.bind)
		r := request("POST", target, tok, c.proof(b, tok, nil))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := s.dpop.Authenticate(r); err == nil {
				b.Fatal("accepted")
			}
		}
	})
}
