package cors_test

import (
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gopalisade/palisade/cors"
	"github.com/gopalisade/palisade/internal/conf"
	"github.com/gopalisade/palisade/internal/racing"
)

const app = "https://app.example.com"

func newPolicy(t testing.TB, cfg cors.Config) *cors.Policy {
	t.Helper()
	p, err := cors.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func usual() cors.Config {
	return cors.Config{
		Origins:        []string{app, "https://*.example.org", "https://dev.example.net:*"},
		Credentials:    true,
		Methods:        []string{"PUT", "DELETE"},
		RequestHeaders: []string{"Authorization", "X-A", "X-B"},
		ExposeHeaders:  []string{"X-Total-Count"},
		MaxAge:         time.Minute,
	}
}

func TestOrigins(t *testing.T) {
	p := newPolicy(t, usual())
	long := strings.Repeat("a", 63)
	for _, tc := range []struct {
		origin  string
		allowed bool
	}{
		{app, true},
		{"https://a.example.org", true},
		{"https://a.b.c.example.org", true},
		{"https://" + long + ".example.org", true},
		{"https://dev.example.net", true},
		{"https://dev.example.net:8443", true},
		{"https://example.org", false},
		{"https://app.example.com.evil.tld", false},
		{"https://evilapp.example.com", false},
		{"https://app.example.community", false},
		{"https://app.example.com:444", false},
		{"http://app.example.com", false},
		{"https://app.example.com.", false},
		{"https://app.example.com/", false},
		{"https://app.example.com?", false},
		{"https://app.example.com#", false},
		{"https://user@app.example.com", false},
		{"https://app.example.com\x00", false},
		{"HTTPS://APP.EXAMPLE.COM", false},
		{"https://APP.example.com", false},
		{"//app.example.com", false},
		{"https:app.example.com", false},
		{"https://", false},
		{"", false},
		{"null", false},
		{"*", false},
		{app + ", https://evil.tld", false},
		{app + " https://evil.tld", false},
		{"https://evil.tld/?.example.org", false},
		{"https://evil.tld#.example.org", false},
		{"https://evil.tld\\.example.org", false},
		{"https://evil.tld%2f.example.org", false},
		{"https://evil.tld:80.example.org", false},
		{"https://.example.org", false},
		{"https://a..example.org", false},
		{"https://a" + long + ".example.org", false},
		{"https://" + strings.Repeat("a.", 126) + "example.org", false},
		{"https://evilexample.org", false},
		{"https://a.example.org:443x", false},
		{"https://a.example.org:8443", false},
		{"https://a.example.org:", false},
		{"https://dev.example.net:*", false},
		{"https://dev.example.net:0", false},
		{"https://dev.example.net:65536", false},
		{"https://dev.example.net:08", false},
		{"https://a.dev.example.net", false},
		{"https://=dev.example.net", false},
		{"https://xn--pp-qja.example.com", false},
		{"https://[::1].example.org", false},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Origin", tc.origin)
		if d := p.Decide(r); d.Allowed != tc.allowed || d.Kind != cors.Actual {
			t.Errorf("%q: got %+v, want allowed %t", tc.origin, d, tc.allowed)
		}
		w := httptest.NewRecorder()
		p.Wrap(nothing).ServeHTTP(w, r)
		if got := len(w.Header()["Access-Control-Allow-Origin"]) == 1; got != tc.allowed {
			t.Errorf("%q: ACAO sent = %t, want %t", tc.origin, got, tc.allowed)
		}
		if got := w.Header()["Vary"]; !slices.Equal(got, []string{"Origin"}) {
			t.Errorf("%q: got Vary %q, want Origin", tc.origin, got)
		}
	}
}

var nothing = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})

// preflight is one request with the given lines.
func preflight(method string, lines map[string][]string) *http.Request {
	r := httptest.NewRequest(method, "/", nil)
	maps.Copy(r.Header, lines)
	return r
}

func TestPreflight(t *testing.T) {
	p := newPolicy(t, usual())
	for _, tc := range []struct {
		name    string
		origin  []string
		method  []string
		headers []string
		status  int
	}{
		{"plain", []string{app}, []string{"PUT"}, nil, 204},
		{"safelisted method", []string{app}, []string{"HEAD"}, nil, 204},
		{"other method", []string{app}, []string{"PATCH"}, nil, 403},
		{"method in lower case", []string{app}, []string{"put"}, nil, 403},
		{"two methods", []string{app}, []string{"PUT", "PUT"}, nil, 403},
		{"stranger", []string{"https://evil.tld"}, []string{"PUT"}, nil, 403},
		{"two origins", []string{app, "https://evil.tld"}, []string{"PUT"}, nil, 403},
		{"the same origin twice", []string{app, app}, []string{"PUT"}, nil, 403},
		{"headers", []string{app}, []string{"PUT"}, []string{"authorization,x-a"}, 204},
		{"upper case", []string{app}, []string{"PUT"}, []string{"X-A"}, 204},
		{"unsorted", []string{app}, []string{"PUT"}, []string{"x-b,x-a"}, 204},
		{"repeated", []string{app}, []string{"PUT"}, []string{"x-a,x-a"}, 204},
		{"white space", []string{app}, []string{"PUT"}, []string{"x-a ,\t x-b"}, 204},
		{"two lines", []string{app}, []string{"PUT"}, []string{"x-a", "x-b"}, 204},
		{"empty elements", []string{app}, []string{"PUT"}, []string{",,x-a,,"}, 204},
		{"17 empty elements", []string{app}, []string{"PUT"}, []string{strings.Repeat(",", 17)}, 403},
		{"unknown header", []string{app}, []string{"PUT"}, []string{"x-c"}, 403},
		{"unknown in the second line", []string{app}, []string{"PUT"}, []string{"x-a", "x-c"}, 403},
		{"odd bytes", []string{app}, []string{"PUT"}, []string{"x-a!b@"}, 403},
		{"a name with a space", []string{app}, []string{"PUT"}, []string{"x a"}, 403},
		{"a megabyte of commas", []string{app}, []string{"PUT"}, []string{strings.Repeat(",", 1<<20)}, 403},
		{"a megabyte of one name", []string{app}, []string{"PUT"}, []string{strings.Repeat("x-a,", 1<<18)}, 403},
		{"1024 lines", []string{app}, []string{"PUT"}, make([]string, 1024), 403},
		{"a megabyte of method", []string{app}, []string{strings.Repeat("P", 1<<20)}, nil, 403},
		{"a megabyte of origin", []string{strings.Repeat("h", 1<<20)}, []string{"PUT"}, nil, 403},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			r := preflight("OPTIONS", map[string][]string{
				"Origin": tc.origin, "Access-Control-Request-Method": tc.method, "Access-Control-Request-Headers": tc.headers,
			})
			p.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a preflight reached the handler") })).ServeHTTP(w, r)
			h := w.Header()
			if w.Code != tc.status {
				t.Fatalf("got %d, want %d", w.Code, tc.status)
			}
			if got := h.Get("Vary"); got != "Origin, Access-Control-Request-Method, Access-Control-Request-Headers" {
				t.Errorf("got Vary %q", got)
			}
			granted := 0
			for name := range h {
				if strings.HasPrefix(name, "Access-Control-") {
					granted++
				}
			}
			if tc.status != 204 {
				if granted != 0 || !strings.Contains(w.Body.String(), "cors_denied") {
					t.Errorf("a refusal grants %d headers: %v %s", granted, h, w.Body)
				}
				return
			}
			for name, want := range map[string]string{
				"Access-Control-Allow-Origin": app, "Access-Control-Allow-Credentials": "true", "Access-Control-Max-Age": "60",
				"Access-Control-Allow-Methods": "PUT, DELETE", "Access-Control-Allow-Headers": "authorization, x-a, x-b",
			} {
				if got := h[name]; len(got) != 1 || got[0] != want {
					t.Errorf("%s: got %q, want one %q", name, got, want)
				}
			}
		})
	}
}

func TestWhatIsNoPreflight(t *testing.T) {
	p := newPolicy(t, usual())
	for _, tc := range []struct {
		name   string
		method string
		lines  map[string][]string
		kind   cors.Kind
	}{
		{"OPTIONS alone", "OPTIONS", nil, cors.NotCORS},
		{"OPTIONS with origin", "OPTIONS", map[string][]string{"Origin": {app}}, cors.Actual},
		{"OPTIONS with method", "OPTIONS", map[string][]string{"Access-Control-Request-Method": {"PUT"}}, cors.NotCORS},
		{"GET with both", "GET", map[string][]string{"Origin": {app}, "Access-Control-Request-Method": {"PUT"}}, cors.Actual},
	} {
		reached := false
		r := preflight(tc.method, tc.lines)
		p.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true })).ServeHTTP(httptest.NewRecorder(), r)
		if d := p.Decide(r); !reached || d.Kind != tc.kind {
			t.Errorf("%s: reached = %t, kind %d; want true, %d", tc.name, reached, d.Kind, tc.kind)
		}
	}
}

func TestEverybody(t *testing.T) {
	p := newPolicy(t, cors.Config{Origins: []string{"*"}, Methods: []string{"*"}, RequestHeaders: []string{"*", "Authorization"}, SuccessStatus: 200, MaxAge: -1})
	for _, tc := range []struct {
		headers string
		status  int
	}{{"x-anything, authorization", 200}, {"x-a, b;;;junk", 403}, {strings.Repeat("x", 5<<10), 403}} {
		w := httptest.NewRecorder()
		p.Wrap(nothing).ServeHTTP(w, preflight("OPTIONS", map[string][]string{
			"Origin": {"https://any.tld"}, "Access-Control-Request-Method": {"PATCH"}, "Access-Control-Request-Headers": {tc.headers},
		}))
		if w.Code != tc.status {
			t.Errorf("%.20q: got %d, want %d", tc.headers, w.Code, tc.status)
		}
		if w.Code == 200 && (w.Header().Get("Access-Control-Allow-Origin") != "*" || w.Header().Get("Content-Length") != "0" || w.Header().Get("Access-Control-Max-Age") != "0") {
			t.Errorf("got %v", w.Header())
		}
	}
	only := newPolicy(t, cors.Config{Origins: []string{"*"}, RequestHeaders: []string{"*"}})
	r := preflight("OPTIONS", map[string][]string{
		"Origin": {"https://any.tld"}, "Access-Control-Request-Method": {"GET"}, "Access-Control-Request-Headers": {"authorization"},
	})
	if d := only.Decide(r); d.Allowed || d.Reason != "headers" {
		t.Errorf("got %+v: the wildcard never covers Authorization", d)
	}
	w := httptest.NewRecorder()
	only.Wrap(nothing).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Header().Get("Access-Control-Allow-Origin") != "*" || w.Header().Get("Vary") != "" {
		t.Errorf("without Origin: got %v, want the same answer for all", w.Header())
	}
}

func TestOriginFunc(t *testing.T) {
	asked := []string{}
	p := newPolicy(t, cors.Config{OriginFunc: func(_ *http.Request, o string) bool {
		asked = append(asked, o)
		return o == "https://tenant.example"
	}})
	for origin, want := range map[string]bool{"https://tenant.example": true, "https://other.example": false, "null": false, "junk": false} {
		r := preflight("GET", map[string][]string{"Origin": {origin}})
		if d := p.Decide(r); d.Allowed != want {
			t.Errorf("%q: got %+v, want %t", origin, d, want)
		}
	}
	if len(asked) != 2 {
		t.Errorf("asked about %q, want the two well-formed origins", asked)
	}
}

func TestFaults(t *testing.T) {
	for _, tc := range []struct {
		name string
		cfg  cors.Config
		want int
	}{
		{"empty", cors.Config{}, 1},
		{"everybody with credentials", cors.Config{Origins: []string{"*"}, Credentials: true}, 1},
		{"everybody and one", cors.Config{Origins: []string{"*", app}}, 1},
		{"null", cors.Config{Origins: []string{"null"}}, 1},
		{"prefix pattern", cors.Config{Origins: []string{"https://app*"}}, 1},
		{"h*", cors.Config{Origins: []string{"h*"}, Credentials: true}, 1},
		{"scheme only", cors.Config{Origins: []string{"https://*"}}, 1},
		{"top-level domain", cors.Config{Origins: []string{"https://*.com"}}, 1},
		{"shared suffix", cors.Config{Origins: []string{"https://*.github.io"}}, 1},
		{"shared suffix on purpose", cors.Config{Origins: []string{"https://*.github.io"}, DangerouslyAllowSuffix: true}, 0},
		{"upper case", cors.Config{Origins: []string{"https://EXAMPLE.com"}}, 1},
		{"path", cors.Config{Origins: []string{app + "/"}}, 1},
		{"default port", cors.Config{Origins: []string{app + ":443", "http://a.example:80"}}, 2},
		{"pattern on an address", cors.Config{Origins: []string{"https://*.10.0.0.1"}}, 1},
		{"http with credentials", cors.Config{Origins: []string{"http://app.example.com"}, Credentials: true}, 1},
		{"http with credentials on purpose", cors.Config{Origins: []string{"http://app.example.com"}, Credentials: true, DangerouslyAllowInsecure: true}, 0},
		{"loopback with credentials", cors.Config{Origins: []string{"http://localhost:3000", "http://127.0.0.1:*", "http://[::1]:3000"}, Credentials: true}, 0},
		{"http without credentials", cors.Config{Origins: []string{"http://app.example.com"}}, 0},
		{"bad IPv6", cors.Config{Origins: []string{"http://[::1", "http://[1.2.3.4]", "http://[::0001]"}}, 3},
		{"methods", cors.Config{Origins: []string{app}, Methods: []string{"TRACE", "patch", "A B", "PUT", "PUT"}}, 4},
		{"star with credentials", cors.Config{Origins: []string{app}, Credentials: true, Methods: []string{"*"}, RequestHeaders: []string{"*"}, ExposeHeaders: []string{"*"}}, 3},
		{"headers", cors.Config{Origins: []string{app}, RequestHeaders: []string{"Cookie", "Sec-X", "x y", "X-A", "x-a", "Access-Control-Allow-Origin"}}, 5},
		{"exposed", cors.Config{Origins: []string{app}, ExposeHeaders: []string{"Set-Cookie"}}, 1},
		{"age", cors.Config{Origins: []string{app}, MaxAge: 25 * time.Hour}, 1},
		{"age in pieces", cors.Config{Origins: []string{app}, MaxAge: time.Second / 2}, 1},
		{"status", cors.Config{Origins: []string{app}, SuccessStatus: 302}, 1},
		{"all at once", cors.Config{Origins: []string{"null"}, SuccessStatus: 1, MaxAge: 25 * time.Hour}, 3},
	} {
		p, err := cors.New(tc.cfg)
		if got := len(conf.All(err)); got != tc.want || (p == nil) != (tc.want > 0) {
			t.Errorf("%s: got %d faults, want %d: %v", tc.name, got, tc.want, err)
		}
	}
}

func TestVaryIsKept(t *testing.T) {
	p := newPolicy(t, usual())
	for _, tc := range []struct {
		before, want []string
	}{
		{nil, []string{"Origin"}},
		{[]string{"Accept-Encoding"}, []string{"Accept-Encoding", "Origin"}},
		{[]string{"*"}, []string{"*"}},
		{[]string{"a, origin"}, []string{"a, origin"}},
	} {
		w := httptest.NewRecorder()
		if tc.before != nil {
			w.Header()["Vary"] = tc.before
		}
		p.Wrap(p.Wrap(nothing)).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		if got := w.Header()["Vary"]; !slices.Equal(got, tc.want) {
			t.Errorf("%q: got %q, want %q", tc.before, got, tc.want)
		}
	}
}

func TestReload(t *testing.T) {
	p := newPolicy(t, usual())
	r := preflight("GET", map[string][]string{"Origin": {"https://new.example"}})
	if err := p.Reload(cors.Config{}); err == nil || p.Decide(r).Allowed {
		t.Errorf("a faulty reload: got %v", err)
	}
	if err := p.Reload(cors.Config{Origins: []string{"https://new.example"}}); err != nil || !p.Decide(r).Allowed {
		t.Errorf("got %v, want the new origin allowed", err)
	}
}

// TestResponsesShareNothing lets handlers spoil every value they were given.
func TestResponsesShareNothing(t *testing.T) {
	p := newPolicy(t, usual())
	h := p.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for k, v := range w.Header() {
			v[0] = "spoilt"
			w.Header()[k] = append(v, "more")
		}
	}))
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			r := preflight("GET", map[string][]string{"Origin": {app}})
			h.ServeHTTP(httptest.NewRecorder(), r)
			w := httptest.NewRecorder()
			p.Wrap(nothing).ServeHTTP(w, r)
			if w.Header().Get("Access-Control-Allow-Origin") != app || w.Header().Get("Vary") != "Origin" {
				t.Errorf("got %v", w.Header())
			}
		})
	}
	wg.Wait()
}

func TestPreflightHandler(t *testing.T) {
	p := newPolicy(t, usual())
	mux := http.NewServeMux()
	mux.Handle("PUT /x", p.Wrap(nothing))
	mux.Handle("OPTIONS /", p.Preflight())
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest("OPTIONS", "/x", nil))
	if w.Code != 204 {
		t.Errorf("OPTIONS alone: got %d, want 204", w.Code)
	}
	w = httptest.NewRecorder()
	r := preflight("OPTIONS", map[string][]string{"Origin": {app}, "Access-Control-Request-Method": {"PUT"}})
	mux.ServeHTTP(w, r)
	if w.Code != 204 || w.Header().Get("Access-Control-Allow-Origin") != app {
		t.Errorf("preflight: got %d %v", w.Code, w.Header())
	}
}

func TestDeny(t *testing.T) {
	cfg := usual()
	var got error
	cfg.Deny = func(w http.ResponseWriter, _ *http.Request, err error) { got = err; w.WriteHeader(418) }
	w := httptest.NewRecorder()
	r := preflight("OPTIONS", map[string][]string{"Origin": {"https://evil.tld"}, "Access-Control-Request-Method": {"PUT"}})
	newPolicy(t, cfg).Wrap(nothing).ServeHTTP(w, r)
	var denied *cors.DeniedError
	if w.Code != 418 || !errors.Is(got, cors.ErrDenied) || !errors.As(got, &denied) || denied.Reason != "origin" || denied.Error() == "" {
		t.Errorf("got %d, %v", w.Code, got)
	}
}

type blank http.Header

func (b blank) Header() http.Header         { return http.Header(b) }
func (b blank) WriteHeader(int)             {}
func (b blank) Write(p []byte) (int, error) { return len(p), nil }

func TestAllocations(t *testing.T) {
	if racing.Enabled {
		t.Skip("the race detector allocates")
	}
	p := newPolicy(t, usual())
	h := p.Wrap(nothing)
	put := map[string][]string{"Origin": {app}, "Access-Control-Request-Method": {"PUT"}, "Access-Control-Request-Headers": {"X-B, x-a"}}
	commas := map[string][]string{"Origin": {app}, "Access-Control-Request-Method": {"PUT"}, "Access-Control-Request-Headers": {strings.Repeat(",", 1<<20)}}
	w := blank{}
	for _, tc := range []struct {
		name string
		do   func()
		want float64
	}{
		{"no origin", serve(h, w, preflight("GET", nil)), 1},
		{"allowed", serve(h, w, preflight("GET", map[string][]string{"Origin": {app}})), 1},
		{"pattern", serve(h, w, preflight("GET", map[string][]string{"Origin": {"https://a.b.example.org"}})), 1},
		{"preflight", serve(h, w, preflight("OPTIONS", put)), 1},
		{"decide on a megabyte of commas", func(r *http.Request) func() { return func() { p.Decide(r) } }(preflight("OPTIONS", commas)), 0},
	} {
		if got := testing.AllocsPerRun(100, tc.do); got > tc.want {
			t.Errorf("%s: got %v allocations, want %v", tc.name, got, tc.want)
		}
	}
}

func serve(h http.Handler, w blank, r *http.Request) func() {
	return func() {
		clear(w)
		h.ServeHTTP(w, r)
	}
}
