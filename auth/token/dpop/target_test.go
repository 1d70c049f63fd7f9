package dpop_test

import (
	"cmp"
	"testing"

	"github.com/gopalisade/palisade/auth/token"
	"github.com/gopalisade/palisade/auth/token/dpop"
)

func TestPaths(t *testing.T) {
	c := newClient(t, token.EdDSA)
	for _, tc := range []struct {
		name, base, url, htu string
		want                 bool
	}{
		{"root", base, base, base + "/", true},
		{"root without slash", base + "/", base + "/", base, true},
		{"query", base, target + "?a=b", target, true},
		{"prefix that a proxy takes away", base + "/v1", target, base + "/v1/orders", true},
		{"nothing but the prefix", base + "/v1", "", base + "/v1", true},
		{"nothing but the prefix, with slash", base + "/v1", "", base + "/v1/", false},
		{"prefix and slash", base + "/v1/", base + "/", base + "/v1/", true},
		{"letter that folds to a k", "https://bank.example", "/o", "https://ban\u212a.example/o", false},
		{"host in upper case", "https://bank.example", "/o", "https://BANK.example/o", true},
		{"prefix, not in the proof", base + "/v1", target, target, false},
		{"loopback", "http://127.0.0.1:8080", "/orders", "http://127.0.0.1:8080/orders", true},
		{"Host decides nothing", base, "https://evil.example/orders", "https://evil.example/orders", false},
		{"Host may be what it wants", base, "http://10.0.0.1/orders", target, true},
		{"encoded slash", base, base + "/a%2Fb", base + "/a%2fb", true},
		{"encoded slash is no slash", base, base + "/a%2Fb", base + "/a/b", false},
		{"tilde", base, base + "/%7Ea", base + "/~a", true},
		{"dots are not resolved", base, base + "/orders", base + "/x/../orders", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newService(t, func(cfg *dpop.Config) { cfg.BaseURLs = []string{"https://other.example", tc.base} })
			tok := s.issue(t, c.bind)
			proof := c.proof(t, tok, func(_, claims map[string]any) { claims["htu"] = tc.htu })
			r := request("GET", cmp.Or(tc.url, base), tok, proof)
			if tc.url == "" { // as http.StripPrefix leaves it
				r.URL.Path = ""
			}
			if _, err := s.dpop.Authenticate(r); (err == nil) != tc.want {
				t.Errorf("got %v, want accepted = %t", err, tc.want)
			}
		})
	}
}
