package headers_test

import (
	"testing"

	"github.com/gopalisade/palisade/headers"
)

func BenchmarkWrap(b *testing.B) {
	h, w, r := newPolicy(b, headers.API()).Wrap(nothing), blank{}, overTLS()
	b.ReportAllocs()
	for b.Loop() {
		clear(w)
		h.ServeHTTP(w, r)
	}
}
