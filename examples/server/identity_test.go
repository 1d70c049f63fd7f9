package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/auth/authtest"
)

func text(m map[string]any, name string) string {
	s, _ := m[name].(string)
	return s
}

func bearer(tokens map[string]any) []string {
	return []string{"Authorization", "Bearer " + text(tokens, "access_token")}
}

func items(m map[string]any) []map[string]any {
	list, _ := m["items"].([]any)
	all := make([]map[string]any, len(list))
	for i, item := range list {
		all[i], _ = item.(map[string]any)
	}
	return all
}

const annBody = `{"email":"ann@example.com","password":"password-1"}`

func TestSessions(t *testing.T) {
	c := client{t, start(t, t.TempDir()), "192.0.2.50"}
	c.want(201, "POST", "/api/auth/register", annBody)
	a := c.want(200, "POST", "/api/auth/login", annBody)
	b := c.want(200, "POST", "/api/auth/login", annBody)
	next := c.want(200, "POST", "/api/auth/refresh", refreshBody(a))
	if again := c.want(200, "POST", "/api/auth/refresh", refreshBody(a)); text(again, "refresh_token") != text(next, "refresh_token") {
		t.Error("a repeated refresh gave another token")
	}
	list := items(c.want(200, "GET", "/api/auth/sessions", "", bearer(a)...))
	if len(list) != 2 || list[0]["current"] == list[1]["current"] || text(list[0], "created_at") == "" {
		t.Fatalf("got %v", list)
	}
	for _, s := range list {
		if s["current"] == false {
			c.want(204, "DELETE", "/api/auth/sessions/"+text(s, "id"), "", bearer(a)...)
		}
	}
	c.want(401, "GET", "/api/me", "", bearer(b)...)
	if out := c.want(401, "POST", "/api/auth/refresh", refreshBody(b)); out["code"] != "invalid_grant" {
		t.Errorf("got %v", out)
	}
	c.want(404, "DELETE", "/api/auth/sessions/unknown", "", bearer(a)...)
	c.want(401, "POST", "/api/auth/logout", "")
	c.want(204, "POST", "/api/auth/logout", refreshBody(next), bearer(a)...)
	c.want(401, "GET", "/api/me", "", bearer(next)...)
	c.want(401, "POST", "/api/auth/refresh", refreshBody(next))
	c.want(400, "POST", "/api/auth/refresh", `{"refresh_token":"x","role":"admin"}`)
}

func TestAStolenRefreshToken(t *testing.T) {
	c := client{t, start(t, t.TempDir()), "192.0.2.51"}
	c.want(201, "POST", "/api/auth/register", annBody)
	first := c.want(200, "POST", "/api/auth/login", annBody)
	second := c.want(200, "POST", "/api/auth/refresh", refreshBody(first))
	third := c.want(200, "POST", "/api/auth/refresh", refreshBody(second))
	wrong := strings.Replace(refreshBody(third), text(third, "refresh_token")[40:], strings.Repeat("A", 34), 1)
	c.want(401, "POST", "/api/auth/refresh", wrong) // a stranger who has seen the session's id
	c.want(200, "GET", "/api/me", "", bearer(third)...)
	c.want(401, "POST", "/api/auth/refresh", refreshBody(first)) // the thief, or the owner after the thief
	c.want(401, "GET", "/api/me", "", bearer(third)...)
}

func TestDeletedUserIsOut(t *testing.T) {
	c := client{t, start(t, t.TempDir()), "192.0.2.52"}
	ann := c.want(201, "POST", "/api/auth/register", annBody)
	tokens := c.want(200, "POST", "/api/auth/login", annBody)
	key := c.want(201, "POST", "/api/keys", `{"name":"k","scopes":["read:orders"]}`, bearer(tokens)...)
	admin := c.want(200, "POST", "/api/auth/login", adminLogin)
	c.want(204, "DELETE", "/api/users/"+text(ann, "id"), "", bearer(admin)...)
	c.want(401, "POST", "/api/auth/refresh", refreshBody(tokens))
	c.want(401, "GET", "/api/orders", "", bearer(tokens)...)
	c.want(401, "GET", "/api/orders", "", "X-API-Key", text(key, "key"))
}

func TestAPIKeys(t *testing.T) {
	c := client{t, start(t, t.TempDir()), "192.0.2.53"}
	c.want(201, "POST", "/api/auth/register", annBody)
	tokens := c.want(200, "POST", "/api/auth/login", annBody)
	made := c.want(201, "POST", "/api/keys", `{"name":"robot","scopes":["read:orders"]}`, bearer(tokens)...)
	key := []string{"X-API-Key", text(made, "key")}
	if !strings.HasPrefix(key[1], "pk_live_") || text(made, "id") == "" {
		t.Fatalf("got %v", made)
	}
	c.want(200, "GET", "/api/orders", "", key...)
	for _, tc := range []struct {
		name   string
		status int
		method string
		path   string
		body   string
		lines  []string
	}{
		{"a scope that it has not", 403, "POST", "/api/orders", `{"item":"x","quantity":1}`, key},
		{"the account", 403, "GET", "/api/me", "", key},
		{"more keys", 403, "POST", "/api/keys", `{"name":"x","scopes":[]}`, key},
		{"its sessions", 403, "GET", "/api/auth/sessions", "", key},
		{"key and token", 400, "GET", "/api/orders", "", append(bearer(tokens), key...)},
		{"key in the query", 401, "GET", "/api/orders?api_key=" + key[1], "", nil},
		{"a right that the owner has not", 422, "POST", "/api/keys", `{"name":"x","scopes":["access:admin"]}`, bearer(tokens)},
		{"everything", 422, "POST", "/api/keys", `{"name":"x","scopes":["*"]}`, bearer(tokens)},
		{"no name", 422, "POST", "/api/keys", `{"scopes":[]}`, bearer(tokens)},
		{"no credential", 401, "GET", "/api/keys", "", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := client{t, c.h, c.addr}
			c.want(tc.status, tc.method, tc.path, tc.body, tc.lines...)
		})
	}
	list := c.want(200, "GET", "/api/keys", "", bearer(tokens)...)
	if got := items(list); len(got) != 1 || got[0]["key"] != nil || got[0]["id"] != made["id"] || list["total"] != 1.0 {
		t.Errorf("got %v, want the key without its secret", list)
	}
	c.want(404, "DELETE", "/api/keys/unknown", "", bearer(tokens)...)
	c.want(204, "DELETE", "/api/keys/"+text(made, "id"), "", bearer(tokens)...)
	c.want(401, "GET", "/api/orders", "", key...)
}

// TestGuard: the account is slowed after ten failures in a row, known or not, with the same bytes; a browser that was signed in
// before still gets in.
func TestGuard(t *testing.T) {
	h := start(t, t.TempDir())
	c := client{t, h, "192.0.2.54"}
	c.want(201, "POST", "/api/auth/register", annBody)
	w, _ := c.do("POST", "/api/auth/login", annBody)
	device, _, _ := strings.Cut(w.Header().Get("Set-Cookie"), ";")
	if w.Code != 200 || !strings.HasPrefix(device, "__Host-device=") {
		t.Fatalf("got %d %v", w.Code, w.Header())
	}
	guess := func(i int, email string) *httptest.ResponseRecorder {
		from := client{t, h, fmt.Sprintf("198.51.100.%d", i)} // each from another address
		w, _ := from.do("POST", "/api/auth/login", `{"email":"`+email+`","password":"wrong-password"}`)
		return w
	}
	for i := range 12 {
		known, unknown := guess(2*i, "ann@example.com"), guess(2*i+1, "nobody@example.com")
		if known.Code != unknown.Code || known.Body.String() != unknown.Body.String() {
			t.Errorf("guess %d: got %d %s and %d %s, want the same", i+1, known.Code, known.Body, unknown.Code, unknown.Body)
		}
		if want := 401; i >= 10 {
			want = 429
			if known.Code != want || known.Header().Get("Retry-After") == "" {
				t.Errorf("guess %d: got %d %v, want %d", i+1, known.Code, known.Header(), want)
			}
		} else if known.Code != want {
			t.Errorf("guess %d: got %d, want %d", i+1, known.Code, want)
		}
	}
	client{t, h, "192.0.2.55"}.want(429, "POST", "/api/auth/login", annBody)
	client{t, h, "192.0.2.56"}.want(200, "POST", "/api/auth/login", annBody, "Cookie", device)
}

// TestAttacks throws at the server what is thrown at every server.
func TestAttacks(t *testing.T) {
	c := client{t, start(t, t.TempDir()), "192.0.2.57"}
	c.want(201, "POST", "/api/auth/register", annBody)
	tokens := c.want(200, "POST", "/api/auth/login", annBody)
	made := c.want(201, "POST", "/api/keys", `{"name":"robot","scopes":["read:orders"]}`, bearer(tokens)...)
	authtest.Attack(t, c.h, authtest.Good{
		Request: func() *http.Request { return httptest.NewRequest("GET", "/api/orders", nil) },
		Token:   text(tokens, "access_token"), APIKey: text(made, "key"),
	})
}
