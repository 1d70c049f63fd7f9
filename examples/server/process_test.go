package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gopalisade/palisade/internal/servertest"
)

// built is the server, built once for this test binary, if a test needs it.
var built = sync.OnceValues(func() (string, error) {
	var err error
	if builtDir, err = os.MkdirTemp("", "palisade-server"); err != nil {
		return "", err
	}
	path := filepath.Join(builtDir, "server")
	out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput()
	if err != nil {
		return string(out), err
	}
	return path, nil
})

var builtDir string

func TestMain(m *testing.M) {
	code := m.Run()
	_ = os.RemoveAll(builtDir) // nothing, where no test built it
	os.Exit(code)
}

// process is a running server.
type process struct {
	cmd    *exec.Cmd
	url    string
	log    bytes.Buffer  // to be read after kill
	logged chan struct{} // closed when there is no more
}

var listening = regexp.MustCompile(`listening on (http://[^" ]+)`)

// startProcess runs the binary on a free port and waits until it listens.
func startProcess(t *testing.T, args ...string) *process {
	t.Helper()
	path, err := built()
	if err != nil {
		t.Fatalf("build: %v: %s", err, path)
	}
	cmd := exec.Command(path, append([]string{"-addr", "127.0.0.1:0", "-trusted-proxies", "127.0.0.0/8"}, args...)...)
	cmd.Env = append(os.Environ(), "PALISADE_ADMIN_PASSWORD=admin-password")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: cmd, logged: make(chan struct{})}
	t.Cleanup(p.kill)
	lines := bufio.NewScanner(io.TeeReader(stderr, &p.log))
	for lines.Scan() {
		if found := listening.FindStringSubmatch(lines.Text()); found != nil {
			p.url = found[1]
			go func() { // the log goes on
				defer close(p.logged)
				_, _ = io.Copy(&p.log, stderr)
			}()
			return p
		}
	}
	close(p.logged)
	t.Fatalf("the server ended before it listened: %v", cmd.Wait())
	return nil
}

// kill is kill -9: nothing of the program runs after it.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.logged
	_ = p.cmd.Wait()
}

// call sends JSON and returns the status and what was answered.
func (p *process) call(t *testing.T, method, path, body, token string) (int, map[string]any) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, p.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Forwarded-For", "192.0.2.77")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var out map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil && err != io.EOF {
		t.Fatal(err)
	}
	return resp.StatusCode, out
}

// must is call for what has to succeed.
func (p *process) must(t *testing.T, want int, method, path, body, token string) map[string]any {
	t.Helper()
	status, out := p.call(t, method, path, body, token)
	if status != want {
		t.Fatalf("%s %s: got %d %v, want %d", method, path, status, out, want)
	}
	return out
}

const adminLogin = `{"email":"admin@example.com","password":"admin-password"}`

func refreshBody(tokens map[string]any) string {
	text, _ := tokens["refresh_token"].(string)
	return `{"refresh_token":"` + text + `"}`
}

// TestKilled: what was acknowledged survives kill -9, a login as well as a logout.
func TestKilled(t *testing.T) {
	for _, tc := range []struct {
		name  string
		flags func(t *testing.T) []string
	}{
		{"SQLite", func(*testing.T) []string { return nil }},
		{"PostgreSQL", func(t *testing.T) []string { return []string{"-postgres", servertest.StartPostgres(t)} }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			args := append([]string{"-data", t.TempDir()}, tc.flags(t)...)
			p := startProcess(t, args...)
			first := p.must(t, 200, "POST", "/api/auth/login", adminLogin, "")
			p.kill()

			p = startProcess(t, args...)
			second := p.must(t, 200, "POST", "/api/auth/refresh", refreshBody(first), "")
			access, _ := second["access_token"].(string)
			p.must(t, 200, "GET", "/api/me", "", access)
			p.must(t, 204, "POST", "/api/auth/logout", "", access)
			p.kill()

			p = startProcess(t, args...)
			if out := p.must(t, 401, "POST", "/api/auth/refresh", refreshBody(second), ""); out["code"] != "invalid_grant" {
				t.Errorf("got %v, want invalid_grant", out)
			}
			p.must(t, 401, "GET", "/api/me", "", access)
		})
	}
}

// TestTwoProcessesShareOneRedis: sessions and limits are common, and the end of the Redis refuses sessions, not everything.
func TestTwoProcessesShareOneRedis(t *testing.T) {
	redis := servertest.Redis(t)
	args := []string{"-data", t.TempDir(), "-redis", redis.URL}
	a, b := startProcess(t, args...), startProcess(t, args...)
	first := a.must(t, 200, "POST", "/api/auth/login", adminLogin, "")
	second := b.must(t, 200, "POST", "/api/auth/refresh", refreshBody(first), "")
	if again := a.must(t, 200, "POST", "/api/auth/refresh", refreshBody(first), ""); again["refresh_token"] != second["refresh_token"] {
		t.Error("two processes gave two successors")
	}
	for i := range 6 {
		status, _ := []*process{a, b}[i%2].call(t, "POST", "/api/auth/login", `{"email":"x@example.com","password":"wrong-password"}`, "")
		want := 401
		if i >= 4 { // the first of the five was the administrator's
			want = 429
		}
		if status != want {
			t.Errorf("login %d: got %d, want %d", i+2, status, want)
		}
	}
	access, _ := second["access_token"].(string)
	redis.Stop()
	for begin := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		if status, _ := a.call(t, "GET", "/api/me", "", access); status == 503 { // a good answer is believed for some seconds
			break
		}
		if time.Since(begin) > 20*time.Second {
			t.Fatal("accepted long after the store was gone, want 503")
		}
	}
	a.must(t, 503, "POST", "/api/auth/refresh", refreshBody(second), "")
	a.must(t, 200, "GET", "/api/public/data", "", "")
	redis.Start()
	for begin := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		if status, _ := a.call(t, "POST", "/api/auth/refresh", refreshBody(second), ""); status != 503 {
			return // what a Redis keeps over a restart is its own affair
		}
		if time.Since(begin) > 20*time.Second {
			t.Fatal("got 503 long after the store is back")
		}
	}
}

// TestPostgreSQL runs the statements that SQLite's tests run, where types are looked at more closely.
func TestPostgreSQL(t *testing.T) {
	p := startProcess(t, "-data", t.TempDir(), "-postgres", servertest.StartPostgres(t))
	ann := p.must(t, 201, "POST", "/api/auth/register", annBody, "")
	p.must(t, 409, "POST", "/api/auth/register", annBody, "")
	tokens := p.must(t, 200, "POST", "/api/auth/login", annBody, "")
	access := text(tokens, "access_token")
	order := p.must(t, 201, "POST", "/api/orders", `{"item":"bolt","quantity":3}`, access)
	p.must(t, 201, "POST", "/api/orders", `{"item":"nut","quantity":1}`, access)
	if got := p.must(t, 200, "GET", "/api/orders/"+text(order, "id"), "", access); got["quantity"] != 3.0 || got["user_id"] != ann["id"] {
		t.Errorf("got %v", got)
	}
	for query, want := range map[string]int{"?limit=1": 1, "?limit=1&offset=1": 1, "?offset=2": 0, "?status=pending": 2, "?status=shipped": 0} {
		if got := items(p.must(t, 200, "GET", "/api/orders"+query, "", access)); len(got) != want {
			t.Errorf("%s: got %d orders, want %d", query, len(got), want)
		}
	}
	key := p.must(t, 201, "POST", "/api/keys", `{"name":"robot","scopes":["read:orders"]}`, access)
	p.must(t, 204, "DELETE", "/api/keys/"+text(key, "id"), "", access)
	admin := text(p.must(t, 200, "POST", "/api/auth/login", adminLogin, ""), "access_token")
	if got := p.must(t, 200, "GET", "/api/users", "", admin); got["total"] != 2.0 {
		t.Errorf("got %v, want two users", got)
	}
	p.must(t, 200, "GET", "/api/admin", "", admin)
	p.must(t, 204, "DELETE", "/api/users/"+text(ann, "id"), "", admin)
	p.must(t, 404, "DELETE", "/api/users/"+text(ann, "id"), "", admin)
	p.must(t, 401, "POST", "/api/auth/refresh", refreshBody(tokens), "")
}
