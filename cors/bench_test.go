package cors_test

import (
	"testing"
)

func BenchmarkWrap(b *testing.B) {
	h := newPolicy(b, usual()).Wrap(nothing)
	for _, bc := range []struct {
		name   string
		origin string
	}{{"allow", app}, {"deny", "https://evil.tld"}} {
		b.Run(bc.name, func(b *testing.B) {
			do := serve(h, blank{}, preflight("GET", map[string][]string{"Origin": {bc.origin}}))
			b.ReportAllocs()
			for b.Loop() {
				do()
			}
		})
	}
}
