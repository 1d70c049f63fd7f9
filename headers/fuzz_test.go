package headers_test

import (
	"strings"
	"testing"

	"github.com/gopalisade/palisade/headers"
)

func FuzzSource(f *testing.F) {
	for _, s := range []string{"https://a.example", "'self'", "data:", "a; script-src *", "*.a:*", "'sha256-AAAA'"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := headers.New(csp(func(c *headers.CSP) { c.Img = []headers.Source{headers.Source(s)} }))
		if err != nil {
			return
		}
		got := get(p.Wrap(nothing), overTLS()).Header().Get("Content-Security-Policy")
		if strings.Count(got, ";") != 1 || strings.ContainsAny(got, ",\r\n\x00") || len(strings.Fields(got)) != 4 {
			t.Errorf("%q leaves its directive: %q", s, got)
		}
	})
}
