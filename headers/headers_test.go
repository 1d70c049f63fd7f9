package headers_test

import (
	"crypto/tls"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gopalisade/palisade/headers"
	"github.com/gopalisade/palisade/internal/conf"
	"github.com/gopalisade/palisade/internal/racing"
)

func newPolicy(t testing.TB, cfg headers.Config) *headers.Policy {
	t.Helper()
	p, err := headers.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var nothing = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})

func overTLS() *http.Request {
	r := httptest.NewRequest("GET", "https://api.example.com/", nil)
	r.TLS = &tls.ConnectionState{}
	return r
}

func get(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

const apiCSP = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"

func TestPresets(t *testing.T) {
	for _, tc := range []struct {
		name string
		cfg  headers.Config
		want map[string]string
	}{
		{"API", headers.API(), map[string]string{
			"Content-Security-Policy": apiCSP, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
			"Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "no-store",
			"Strict-Transport-Security": "max-age=63072000; includeSubDomains",
		}},
		{"Page", headers.Page(), map[string]string{
			"Content-Security-Policy": "default-src 'none'; script-src 'strict-dynamic'; style-src 'self'; img-src 'self'; font-src 'self'; " +
				"connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'",
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "strict-origin-when-cross-origin",
			"Cross-Origin-Resource-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
			"Permissions-Policy":        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
			"Strict-Transport-Security": "max-age=63072000; includeSubDomains",
		}},
		{"empty", headers.Config{}, map[string]string{"X-Content-Type-Options": "nosniff"}},
	} {
		got := get(newPolicy(t, tc.cfg).Wrap(nothing), overTLS()).Header()
		flat := map[string]string{}
		for k, v := range got {
			flat[k] = strings.Join(v, "|")
		}
		if !maps.Equal(flat, tc.want) {
			t.Errorf("%s: got %v, want %v", tc.name, flat, tc.want)
		}
	}
	owasp := get(newPolicy(t, headers.OWASP()).Wrap(nothing), overTLS()).Header()
	if strings.Count(owasp.Get("Permissions-Policy"), "=") != 29 || owasp.Get("X-Frame-Options") != "deny" || owasp.Get("X-Xss-Protection") != "" ||
		!strings.Contains(owasp.Get("Permissions-Policy"), "sync-xhr=(self)") || owasp.Get("X-Permitted-Cross-Domain-Policies") != "none" {
		t.Errorf("OWASP: got %v", owasp)
	}
}

func TestEveryRefusalCarriesThem(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /x", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusInternalServerError) })
	h := newPolicy(t, headers.API()).Wrap(mux)
	for target, status := range map[string]int{"/x": 500, "/nothing": 404} {
		w := get(h, httptest.NewRequest("GET", target, nil))
		if w.Code != status || w.Header().Get("Content-Security-Policy") != apiCSP || w.Header().Get("Strict-Transport-Security") != "" {
			t.Errorf("%s: got %d %v", target, w.Code, w.Header())
		}
	}
	if w := get(h, httptest.NewRequest("POST", "/x", nil)); w.Code != 405 || w.Header().Get("Content-Security-Policy") != apiCSP {
		t.Errorf("POST: got %d %v", w.Code, w.Header())
	}
}

func TestHandlerMayOverride(t *testing.T) {
	h := newPolicy(t, headers.API()).Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=60")
	}))
	if got := get(h, overTLS()).Header().Get("Cache-Control"); got != "public, max-age=60" {
		t.Errorf("got %q", got)
	}
}

func csp(edit func(*headers.CSP)) headers.Config {
	c := headers.CSP{Default: []headers.Source{headers.None}}
	edit(&c)
	return headers.Config{CSP: &c}
}

func TestFaults(t *testing.T) {
	type c = headers.CSP
	script := func(s ...headers.Source) headers.Config { return csp(func(c *c) { c.Script = s }) }
	img := func(s ...headers.Source) headers.Config { return csp(func(c *c) { c.Img = s }) }
	custom := func(k, v string) headers.Config { return headers.Config{Custom: map[string]string{k: v}} }
	bound := func(s ...headers.Source) headers.Config {
		return csp(func(c *c) { c.Script, c.BaseURI = s, []headers.Source{headers.None} })
	}
	for _, tc := range []struct {
		name string
		cfg  headers.Config
		want int
	}{
		{"inline script", script(headers.DangerouslyInline), 1},
		{"inline script beside a nonce", bound(headers.DangerouslyInline, headers.NonceSource), 0},
		{"inline script beside a hash", bound(headers.DangerouslyInline, headers.SHA256("x()")), 0},
		{"nonce without base-uri", script(headers.NonceSource), 1},
		{"strict-dynamic alone", script(headers.StrictDynamic), 1},
		{"eval", script("'unsafe-eval'"), 1},
		{"data script", script(headers.Scheme("data")), 1},
		{"https script", script("https:"), 1},
		{"any script", script("*"), 1},
		{"any object", csp(func(c *c) { c.Object = []headers.Source{"*"} }), 1},
		{"any default", headers.Config{CSP: &c{Default: []headers.Source{"*"}}}, 2},
		{"no script, no object", headers.Config{CSP: &c{Img: []headers.Source{headers.Self}}}, 2},
		{"script without object", headers.Config{CSP: &c{Script: []headers.Source{headers.Self}}}, 1},
		{"address", img("https://10.0.0.1"), 1},
		{"loopback", img("http://127.0.0.1:3000"), 0},
		{"hosts", img("cdn.example.com", "https://cdn.example.com:8443/lib/", "*.example.com", "https://a.example.com:*", "data:", "blob:"), 0},
		{"injected directive", img("https://cdn; script-src *"), 1},
		{"comma", img("https://a,b"), 1},
		{"line feed", img("https://a\nX: y"), 1},
		{"quote", img("'nonsense'"), 1},
		{"bad port", img("https://a:x"), 1},
		{"no host", img("https://"), 1},
		{"upper-case scheme", img("HTTPS://a"), 1},
		{"empty", img(""), 1},
		{"not ASCII", img("https://ä"), 1},
		{"twice", img(headers.Self, headers.Self), 1},
		{"none and more", img(headers.None, headers.Self), 1},
		{"bad hash", img("'sha256-AAAA'"), 1},
		{"hash of no size", img("'sha1-AAAA'"), 1},
		{"sandbox flags", csp(func(c *c) { c.Sandbox, c.SandboxAllow = true, []string{"allow-downloads", "scripts"} }), 1},
		{"sandbox flags without sandbox", csp(func(c *c) { c.SandboxAllow = []string{"allow-downloads"} }), 1},
		{"report to nowhere", csp(func(c *c) { c.ReportTo = "x" }), 1},
		{"HSTS preload too short", headers.Config{HSTS: headers.HSTS{MaxAge: time.Hour, Preload: true, IncludeSubDomains: true}}, 1},
		{"HSTS preload without subdomains", headers.Config{HSTS: headers.HSTS{MaxAge: 366 * 24 * time.Hour, Preload: true}}, 1},
		{"HSTS subdomains alone", headers.Config{HSTS: headers.HSTS{IncludeSubDomains: true}}, 1},
		{"HSTS in pieces", headers.Config{HSTS: headers.HSTS{MaxAge: time.Millisecond}}, 1},
		{"policies misspelt", headers.Config{ReferrerPolicy: "noreferrer", FrameOptions: "DENY", CrossOriginOpenerPolicy: "x", CrossOriginEmbedderPolicy: "x", CrossOriginResourcePolicy: "x"}, 5},
		{"cache control", headers.Config{CacheControl: "a\r\nb"}, 1},
		{"X-XSS-Protection", custom("X-XSS-Protection", "1; mode=block"), 1},
		{"typed header", custom("content-security-policy", "x"), 1},
		{"handler's header", custom("Content-Type", "x"), 1},
		{"CORS header", custom("Access-Control-Allow-Origin", "*"), 1},
		{"header splitting", custom("X-A", "a\r\nB: c"), 1},
		{"empty value", custom("X-A", ""), 1},
		{"bad name", custom("X A", "a"), 1},
		{"permissions", headers.Config{Permissions: map[string][]string{"Camera": nil, "usb": {"x"}, "hid": {"self", "*", "https://a.example"}}}, 2},
		{"endpoints", headers.Config{ReportingEndpoints: map[string]string{"A": "https://a", "b": "http://b", "c": "https://c\"d"}}, 3},
	} {
		if _, err := headers.New(tc.cfg); len(conf.All(err)) != tc.want {
			t.Errorf("%s: got %v, want %d faults", tc.name, err, tc.want)
		}
	}
}

func TestReportingAndReportOnly(t *testing.T) {
	cfg := headers.API()
	cfg.CSP.ReportTo = "main"
	cfg.CSP.UpgradeInsecureRequests = true
	cfg.CSPReportOnly = &headers.CSP{Default: []headers.Source{headers.Self}, Sandbox: true, SandboxAllow: []string{"allow-forms"}}
	cfg.ReportingEndpoints = map[string]string{"main": "https://r.example/x"}
	cfg.HSTS = headers.HSTS{MaxAge: -1}
	h := get(newPolicy(t, cfg).Wrap(nothing), overTLS()).Header()
	for name, want := range map[string]string{
		"Content-Security-Policy":             apiCSP + "; upgrade-insecure-requests; report-to main",
		"Content-Security-Policy-Report-Only": "default-src 'self'; sandbox allow-forms",
		"Reporting-Endpoints":                 `main="https://r.example/x"`,
		"Strict-Transport-Security":           "max-age=0",
	} {
		if got := h.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	preload := newPolicy(t, headers.Config{HSTS: headers.HSTS{MaxAge: 2 * 365 * 24 * time.Hour, IncludeSubDomains: true, Preload: true}})
	if got := get(preload.Wrap(nothing), overTLS()).Header().Get("Strict-Transport-Security"); got != "max-age=63072000; includeSubDomains; preload" {
		t.Errorf("got %q", got)
	}
}

func TestNonce(t *testing.T) {
	cfg := headers.Page()
	cfg.CSPReportOnly = &headers.CSP{
		Default: []headers.Source{headers.None}, Script: []headers.Source{headers.NonceSource}, BaseURI: []headers.Source{headers.None},
	}
	var nonces []string
	h := newPolicy(t, cfg).Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"1"`)
		nonces = append(nonces, headers.Nonce(r))
		if again := headers.Nonce(r); again != nonces[len(nonces)-1] {
			t.Errorf("second call: got %s, want %s", again, nonces[len(nonces)-1])
		}
	}))
	for range 3 {
		got := get(h, overTLS()).Header()
		n := "'nonce-" + nonces[len(nonces)-1] + "'"
		for name, want := range map[string]int{"Content-Security-Policy": 2, "Content-Security-Policy-Report-Only": 1} {
			if strings.Count(got.Get(name), n) != want {
				t.Errorf("%s: got %q, want %s %d times", name, got.Get(name), n, want)
			}
		}
		if got.Get("Cache-Control") != "no-store" || got.Get("ETag") != "" {
			t.Errorf("a nonce may be cached: %v", got)
		}
	}
	slices.Sort(nonces)
	if len(slices.Compact(nonces)) != 3 || len(nonces[0]) != 24 {
		t.Errorf("got %q, want three of 24 characters", nonces)
	}
	if got := headers.Nonce(overTLS()); got != "" {
		t.Errorf("without a policy: got %q", got)
	}
	own := newPolicy(t, headers.Page()).Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "private")
		headers.Nonce(r)
	}))
	if got := get(own, overTLS()).Header().Get("Cache-Control"); got != "private" {
		t.Errorf("got %q, want the handler's word", got)
	}
	without := get(newPolicy(t, cfg).Wrap(nothing), overTLS()).Header()
	if got := without.Get("Content-Security-Policy-Report-Only"); got != "default-src 'none'; script-src 'none'; base-uri 'none'" {
		t.Errorf("without a nonce: got %q", got)
	}
}

func TestWith(t *testing.T) {
	cfg := headers.API()
	p := newPolicy(t, cfg)
	cfg.CSP.Default[0] = headers.Self // the caller's memory is the caller's
	loose, err := p.With(func(c *headers.Config) { c.CrossOriginResourcePolicy = "cross-origin"; c.CSP.Sandbox = false })
	if err != nil {
		t.Fatal(err)
	}
	h := get(p.Wrap(loose.Wrap(nothing)), overTLS()).Header()
	if h.Get("Cross-Origin-Resource-Policy") != "cross-origin" || strings.Contains(h.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("got %v", h)
	}
	if got := get(p.Wrap(nothing), overTLS()).Header().Get("Content-Security-Policy"); got != apiCSP {
		t.Errorf("the outer policy changed: %q", got)
	}
	if _, err := p.With(func(c *headers.Config) { c.FrameOptions = "x" }); err == nil {
		t.Error("a fault went unnoticed")
	}
}

func TestResponsesShareNothing(t *testing.T) {
	p := newPolicy(t, headers.API())
	spoil := p.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for k, v := range w.Header() {
			v[0] = "spoilt"
			w.Header()[k] = append(v, "more")
		}
	}))
	var wg sync.WaitGroup
	for range 128 {
		wg.Go(func() {
			get(spoil, overTLS())
			if got := get(p.Wrap(nothing), overTLS()).Header()["Content-Security-Policy"]; !slices.Equal(got, []string{apiCSP}) {
				t.Errorf("got %q", got)
			}
		})
	}
	wg.Wait()
}

type blank http.Header

func (b blank) Header() http.Header         { return http.Header(b) }
func (b blank) WriteHeader(int)             {}
func (b blank) Write(p []byte) (int, error) { return len(p), nil }

func TestOneAllocation(t *testing.T) {
	if racing.Enabled {
		t.Skip("the race detector allocates")
	}
	w, r := blank{}, overTLS()
	for name, cfg := range map[string]headers.Config{"API": headers.API(), "OWASP": headers.OWASP()} {
		h := newPolicy(t, cfg).Wrap(nothing)
		if got := testing.AllocsPerRun(100, func() { clear(w); h.ServeHTTP(w, r) }); got != 1 {
			t.Errorf("%s: got %v allocations, want 1", name, got)
		}
	}
}
