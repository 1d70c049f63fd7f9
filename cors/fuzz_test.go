package cors_test

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/cors"
)

func FuzzOrigin(f *testing.F) {
	p, err := cors.New(usual())
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{app, "https://a.example.org", "https://dev.example.net:1", "https://evil.tld/?.example.org", "null"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, origin string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header["Origin"] = []string{origin}
		if !p.Decide(r).Allowed {
			return
		}
		u, err := url.Parse(origin)
		if err != nil || u.Scheme != "https" || u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" {
			t.Fatalf("%q is allowed, but is no origin: %v", origin, err)
		}
		host := u.Hostname()
		if host != "app.example.com" && host != "dev.example.net" && !strings.HasSuffix(host, ".example.org") {
			t.Errorf("%q is allowed, but its host %q is a stranger's", origin, host)
		}
	})
}

func FuzzRequestHeaders(f *testing.F) {
	p, err := cors.New(usual())
	if err != nil {
		f.Fatal(err)
	}
	f.Add("x-a,x-b")
	f.Add(" X-A ,,authorization")
	f.Fuzz(func(t *testing.T, list string) {
		r := httptest.NewRequest("OPTIONS", "/", nil)
		r.Header["Origin"] = []string{app}
		r.Header["Access-Control-Request-Method"] = []string{"PUT"}
		r.Header["Access-Control-Request-Headers"] = []string{list}
		if !p.Decide(r).Allowed {
			return
		}
		for name := range strings.SplitSeq(strings.ToLower(list), ",") {
			switch strings.Trim(name, " \t") {
			case "", "x-a", "x-b", "authorization":
			default:
				t.Errorf("%q is allowed, though it asks for %q", list, name)
			}
		}
	})
}
