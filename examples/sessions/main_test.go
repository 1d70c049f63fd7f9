package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestSessions(t *testing.T) {
	h := build()
	var access, cookie string
	call := func(method, path string, want int, header ...string) *httptest.ResponseRecorder {
		t.Helper()
		r := httptest.NewRequest(method, path, nil)
		for _, line := range append(header, "Authorization: Bearer "+access, "Cookie: "+cookie) {
			if name, value, _ := strings.Cut(line, ": "); value != "" && value != "Bearer " {
				r.Header.Set(name, value)
			}
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != want {
			t.Fatalf("%s %s: got %d, want %d: %s", method, path, w.Code, want, w.Body)
		}
		for _, c := range w.Result().Cookies() {
			cookie = c.Name + "=" + c.Value
		}
		var body struct {
			Access string `json:"access_token"`
		}
		if json.Unmarshal(w.Body.Bytes(), &body) == nil && body.Access != "" {
			access = body.Access
		}
		return w
	}
	page := call("GET", "/", 200)
	if csp := page.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "'nonce-") || strings.Contains(page.Body.String(), "%!") {
		t.Errorf("got the policy %q and the page %s", csp, page.Body)
	}
	call("POST", "/refresh", 401)
	call("POST", "/login", 401)
	call("POST", "/login", 200, "X-Guest: 1")
	before := cookie
	call("POST", "/refresh", 200)
	if cookie == before {
		t.Error("the cookie did not change")
	}
	if list := call("GET", "/sessions", 200); !strings.Contains(list.Body.String(), `"current":true`) {
		t.Errorf("got %s", list.Body)
	}
	call("POST", "/logout", 403, "Sec-Fetch-Site: cross-site")
	last := access
	call("POST", "/logout", 204)
	call("POST", "/refresh", 401)
	access = last
	call("GET", "/sessions", http.StatusUnauthorized)
}
