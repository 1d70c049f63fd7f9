package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// client talks to one server, from an address of its own for each test, so that limits do not mix.
type client struct {
	t    *testing.T
	h    http.Handler
	addr string
}

func start(t *testing.T, dir string, args ...string) http.Handler {
	t.Helper()
	getenv := func(name string) string { return map[string]string{"PALISADE_ADMIN_PASSWORD": "admin-password"}[name] }
	cfg, err := parseConfig(append([]string{"-data", dir, "-trusted-proxies", "127.0.0.0/8"}, args...), getenv)
	if err != nil {
		t.Fatal(err)
	}
	data, err := openDataKeys(dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = data.ring.Close() })
	st, err := openStore(t.Context(), cfg, data.ring)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.db.Close() })
	if err := data.check(t.Context(), st); err != nil {
		t.Fatal(err)
	}
	sh, err := openShared(cfg)
	if err != nil {
		t.Fatal(err)
	}
	chain, err := newChain(cfg, sh)
	if err != nil {
		t.Fatal(err)
	}
	up, err := openFiles(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = up.close() })
	a, err := newApp(cfg, chain, st, sh, up, data, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := a.ensureAdmin(t.Context(), cfg, io.Discard); err != nil {
		t.Fatal(err)
	}
	h, err := a.handler()
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// do sends a request with header lines in pairs, and decodes the answer.
func (c client) do(method, path, body string, lines ...string) (*httptest.ResponseRecorder, map[string]any) {
	c.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.RemoteAddr = "127.0.0.1:1"
	r.Header.Set("X-Forwarded-For", c.addr)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(lines); i += 2 {
		r.Header.Set(lines[i], lines[i+1])
	}
	w := httptest.NewRecorder()
	c.h.ServeHTTP(w, r)
	var out map[string]any
	if w.Body.Len() > 0 {
		if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
			c.t.Fatalf("%s %s: %v in %s", method, path, err, w.Body)
		}
	}
	for _, name := range []string{"Content-Security-Policy", "X-Content-Type-Options", "Cache-Control", "Referrer-Policy"} {
		if w.Header().Get(name) == "" {
			c.t.Errorf("%s %s: %d without %s", method, path, w.Code, name)
		}
	}
	if kind := w.Header().Get("Content-Type"); w.Code >= 400 && kind != "application/problem+json" {
		c.t.Errorf("%s %s: %d as %q", method, path, w.Code, kind)
	}
	return w, out
}

func (c client) want(status int, method, path, body string, lines ...string) map[string]any {
	c.t.Helper()
	w, out := c.do(method, path, body, lines...)
	if w.Code != status {
		c.t.Fatalf("%s %s %s: got %d %s, want %d", method, path, body, w.Code, w.Body, status)
	}
	return out
}

// login returns the Authorization header of a user.
func (c client) login(email, password string) []string {
	c.t.Helper()
	out := c.want(200, "POST", "/api/auth/login", `{"email":"`+email+`","password":"`+password+`"}`)
	token, _ := out["access_token"].(string)
	left, _ := out["expires_in"].(float64) // exp is in whole seconds, so one may be gone already
	if out["token_type"] != "Bearer" || left < 590 || left > 600 || token == "" {
		c.t.Fatalf("got %v", out)
	}
	return []string{"Authorization", "Bearer " + token}
}

func TestAccounts(t *testing.T) {
	c := client{t, start(t, t.TempDir()), "192.0.2.1"}
	user := c.want(201, "POST", "/api/auth/register", `{"email":"A@example.com","password":"password-1","first_name":"Ann","bio":"two\nlines"}`)
	if user["email"] != "a@example.com" || user["role"] != "customer" || user["tier"] != "free" || user["id"] == "" {
		t.Errorf("got %v", user)
	}
	c.want(409, "POST", "/api/auth/register", `{"email":"a@example.com","password":"password-1"}`)
	c.want(422, "POST", "/api/auth/register", `{"email":"b@example.com","password":"password-1","role":"admin"}`)
	c.want(400, "POST", "/api/auth/register", `{"email":"b@example.com","password":"password-1","password":"password-2"}`)
	bad := c.want(422, "POST", "/api/auth/register", `{"email":"x","password":"short","first_name":"\u0000"}`)
	if errs, _ := bad["errors"].([]any); len(errs) != 3 {
		t.Errorf("got %v, want three errors", bad)
	}
	ann := c.login("a@example.com", "password-1")
	me := c.want(200, "GET", "/api/me", "", ann...)
	if perms, _ := me["permissions"].([]any); me["email"] != "a@example.com" || len(perms) != 2 {
		t.Errorf("got %v", me)
	}
	c.want(401, "GET", "/api/me", "")
	for _, path := range []string{"/api/admin", "/api/users"} {
		if out := c.want(403, "GET", path, "", ann...); out["code"] != "insufficient_permissions" {
			t.Errorf("got %v", out)
		}
	}
	wrong, wrongBody := c.do("POST", "/api/auth/login", `{"email":"a@example.com","password":"x"}`)
	nobody, nobodyBody := c.do("POST", "/api/auth/login", `{"email":"nobody@example.com","password":"x"}`)
	if wrong.Code != 401 || nobody.Code != 401 || wrong.Body.String() != nobody.Body.String() || wrongBody["code"] != nobodyBody["code"] {
		t.Errorf("a wrong password and an unknown user differ: %s and %s", wrong.Body, nobody.Body)
	}

	admin := c.login("admin@example.com", "admin-password")
	c.want(200, "GET", "/api/admin", "", admin...)
	made := c.want(201, "POST", "/api/users", `{"email":"m@example.com","password":"password-1","role":"manager","tier":"premium"}`, admin...)
	c.want(422, "POST", "/api/users", `{"email":"n@example.com","password":"password-1","role":"root"}`, admin...)
	if list := c.want(200, "GET", "/api/users", "", admin...); list["total"] != 3.0 {
		t.Errorf("got %v", list)
	}
	for email, want := range map[string]int{"M@example.com": 1, "nobody@example.com": 0} {
		if list := items(c.want(200, "GET", "/api/users?email="+email, "", admin...)); len(list) != want || want == 1 && list[0]["id"] != made["id"] {
			t.Errorf("%s: got %v, want %d", email, list, want)
		}
	}
	c.want(422, "GET", "/api/users?email=m", "", admin...)
	id, _ := made["id"].(string)
	c.want(403, "DELETE", "/api/users/"+id, "", ann...)
	c.want(204, "DELETE", "/api/users/"+id, "", admin...)
	c.want(404, "DELETE", "/api/users/"+id, "", admin...)
	me = c.want(200, "GET", "/api/me", "", admin...)
	c.want(409, "DELETE", "/api/users/"+me["id"].(string), "", admin...)
	annID, _ := user["id"].(string)
	c.want(204, "DELETE", "/api/users/"+annID, "", admin...)
	c.want(401, "GET", "/api/me", "", ann...)
	c.want(401, "POST", "/api/orders", `{"item":"x","quantity":1}`, ann...)
}

func TestOrders(t *testing.T) {
	c := client{t, start(t, t.TempDir()), "192.0.2.2"}
	var who [2][]string
	for i, email := range []string{"a@example.com", "b@example.com"} {
		c.want(201, "POST", "/api/auth/register", `{"email":"`+email+`","password":"password-1"}`)
		who[i] = c.login(email, "password-1")
	}
	o := c.want(201, "POST", "/api/orders", `{"item":"book","quantity":2}`, who[0]...)
	if o["status"] != "pending" || o["quantity"] != 2.0 || o["user_id"] == "" {
		t.Errorf("got %v", o)
	}
	id, _ := o["id"].(string)
	c.want(200, "GET", "/api/orders/"+id, "", who[0]...)
	c.want(404, "GET", "/api/orders/"+id, "", who[1]...)
	c.want(404, "GET", "/api/orders/nothing", "", who[1]...)
	for query, status := range map[string]int{
		"": 200, "?limit=1&offset=0&status=pending": 200, "?limit=0": 422, "?limit=101": 422, "?limit=1e1": 422, "?offset=-1": 422,
		"?status=odd": 422, "?status=": 422, "?limit=1&limit=2": 400, "?sort=id;DROP": 400, "?user_id=x": 422, "?%zz": 400,
	} {
		out := c.want(status, "GET", "/api/orders"+query, "", who[0]...)
		if status == 200 && out["total"] != 1.0 {
			t.Errorf("%s: got %v", query, out)
		}
	}
	if out := c.want(200, "GET", "/api/orders", "", who[1]...); out["total"] != 0.0 || len(out["items"].([]any)) != 0 {
		t.Errorf("another's list: got %v", out)
	}
	for _, body := range []string{
		`{"item":"","quantity":1}`, `{"item":"x","quantity":0}`, `{"item":"x","quantity":1001}`, `{"item":"x"}`, `[]`,
		`{"item":"x","quantity":"1"}`, `{"item":"x","quantity":1,"status":"shipped"}`, `{"item":"x","Quantity":1}`,
	} {
		c.want(422, "POST", "/api/orders", body, who[0]...)
	}
	for _, body := range []string{`{`, ``, `{"item":"x","quantity":1}{}`, `{"item":"x","item":"y","quantity":1}`, "{\"item\":\"\xff\"}"} {
		c.want(400, "POST", "/api/orders", body, who[0]...)
	}
	c.want(415, "POST", "/api/orders", `{}`, append(who[0], "Content-Type", "text/plain")...)
	c.want(413, "POST", "/api/orders", `{"item":"`+strings.Repeat("x", 70_000)+`"}`, who[0]...)
}

func TestLimits(t *testing.T) {
	h := start(t, t.TempDir())
	c := client{t, h, "192.0.2.3"}
	for i := range 6 {
		w, _ := c.do("POST", "/api/auth/login", `{"email":"nobody@example.com","password":"x"}`)
		wait, _ := strconv.Atoi(w.Header().Get("Retry-After")) // 180, but for what the six have taken
		if limited := w.Code == 429; limited != (i == 5) || limited != (wait > 150 && wait <= 180) || !strings.Contains(w.Header().Get("RateLimit"), `"login";r=`) {
			t.Errorf("login %d: got %d %v", i+1, w.Code, w.Header())
		}
	}
	c.want(201, "POST", "/api/auth/register", `{"email":"a@example.com","password":"password-1"}`) // a budget of its own
	other := client{t, h, "192.0.2.4"}
	ann := other.login("a@example.com", "password-1")
	for i := range 11 {
		if w, _ := other.do("GET", "/api/me", "", ann...); (w.Code == 429) != (i == 10) {
			t.Errorf("free tier, request %d: got %d", i+1, w.Code)
		}
	}
	for i := range 101 {
		if w, _ := other.do("GET", "/api/public/data", ""); (w.Code == 429) != (i == 100) {
			t.Errorf("public, request %d: got %d", i+1, w.Code)
		}
	}
	// A stranger's header moves nobody into another bucket.
	r := httptest.NewRequest("GET", "/api/public/data", nil)
	r.RemoteAddr = "192.0.2.4:1"
	r.Header.Set("X-Forwarded-For", "198.51.100.1")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != 429 {
		t.Errorf("a spoofed address: got %d, want 429", w.Code)
	}
}

func TestBrowsers(t *testing.T) {
	c := client{t, start(t, t.TempDir()), "192.0.2.5"}
	for origin, status := range map[string]int{"https://app.example.com": 204, "https://evil.example": 403} {
		w, _ := c.do("OPTIONS", "/api/me", "", "Origin", origin, "Access-Control-Request-Method", "GET", "Access-Control-Request-Headers", "authorization")
		if got := w.Header().Values("Access-Control-Allow-Origin"); w.Code != status || (len(got) == 1) != (status == 204) {
			t.Errorf("%s: got %d %q", origin, w.Code, got)
		}
	}
	for _, path := range []string{"/healthz", "/.well-known/jwks.json"} {
		c.want(200, "GET", path, "")
	}
	c.want(404, "GET", "/nothing", "")
	if w, _ := c.do("PUT", "/healthz", ""); w.Code != 405 || w.Header().Get("Allow") == "" {
		t.Errorf("got %d %v", w.Code, w.Header())
	}
}

func TestRestartKeepsUsersAndKeys(t *testing.T) {
	dir := t.TempDir()
	c := client{t, start(t, dir), "192.0.2.6"}
	c.want(201, "POST", "/api/auth/register", `{"email":"a@example.com","password":"password-1"}`)
	ann := c.login("a@example.com", "password-1")
	again := client{t, start(t, dir), "192.0.2.6"}
	again.want(200, "GET", "/api/me", "", ann...)
	again.login("a@example.com", "password-1")
	for _, name := range []string{"palisade.db", "token-key.pem", "data-keys-1.json"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}

func TestStartingTogether(t *testing.T) {
	dir := t.TempDir()
	var handlers [4]http.Handler
	var wg sync.WaitGroup
	for i := range handlers {
		wg.Go(func() { handlers[i] = start(t, dir) })
	}
	wg.Wait()
	admin := client{t, handlers[0], "192.0.2.7"}.login("admin@example.com", "admin-password")
	for _, h := range handlers {
		client{t, h, "192.0.2.7"}.want(200, "GET", "/api/admin", "", admin...)
	}
}

func TestPanicIsA500(t *testing.T) {
	a := &app{log: slog.New(slog.DiscardHandler)}
	w := httptest.NewRecorder()
	a.recovered(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("secret") })).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != 500 || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

func TestFlags(t *testing.T) {
	none := func(string) string { return "" }
	for _, tc := range []struct {
		name string
		args []string
		code int
	}{
		{"unknown flag", []string{"-nonsense"}, 2},
		{"argument", []string{"x"}, 2},
		{"bad network", []string{"-trusted-proxies", "10.0.0.1"}, 2},
		{"everyone", []string{"-trusted-proxies", "0.0.0.0/0"}, 2},
		{"bad origin", []string{"-cors-origins", "example.com,null"}, 2},
		{"half of TLS", []string{"-tls-cert", "x"}, 2},
		{"help", []string{"-h"}, 0},
		{"bad address", []string{"-addr", "nonsense:x:y"}, 2},
		{"bad port", []string{"-addr", "127.0.0.1:99999"}, 2},
		{"no certificate", []string{"-tls-cert", "/nope", "-tls-key", "/nope"}, 2},
		{"bad Redis", []string{"-redis", "http://127.0.0.1"}, 2},
		{"bad PostgreSQL", []string{"-postgres", "mysql://127.0.0.1:x"}, 2},
		{"PostgreSQL that is not there", []string{"-postgres", "postgres://nobody@127.0.0.1:1/x?connect_timeout=2"}, 1},
	} {
		var stdout, stderr bytes.Buffer
		code := run(t.Context(), append(tc.args, "-data", t.TempDir()), none, &stdout, &stderr)
		if tc.name == "argument" {
			code = run(t.Context(), tc.args, none, &stdout, &stderr)
		}
		if code != tc.code || code == 2 && strings.Count(stderr.String(), "\n") > 2 {
			t.Errorf("%s: got %d %q", tc.name, code, stderr.String())
		}
	}
}

func TestRunAndShutDown(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var stdout bytes.Buffer
	stderr := stopper{word: "listening on http://127.0.0.1:", stop: stop}
	code := run(ctx, []string{"-data", t.TempDir(), "-addr", "127.0.0.1:0"}, func(string) string { return "" }, &stdout, &stderr)
	if code != 0 || !strings.Contains(stderr.String(), stderr.word) || strings.Count(stdout.String(), "shown once") != 1 {
		t.Errorf("got %d %q %q", code, stdout.String(), stderr.String())
	}
}

// stopper is a log that stops the server when it reads the word.
type stopper struct {
	mu   sync.Mutex
	text bytes.Buffer
	word string
	stop func()
}

func (s *stopper) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, err := s.text.Write(p)
	if strings.Contains(s.text.String(), s.word) {
		s.stop()
	}
	return n, err
}

func (s *stopper) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}
