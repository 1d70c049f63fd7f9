package main

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestExistingAuth(t *testing.T) {
	h, routes := build(map[string]user{"s": {"sam", "blue", "staff"}, "g": {"gus", "blue", "guests"}, "r": {"ria", "red", "staff"}, "x": {"xi", "", "staff"}})
	if len(routes) != 3 {
		t.Errorf("got %v, want three routes", routes)
	}
	for _, tc := range []struct {
		name, method, path, session string
		want                        int
	}{
		{"open to strangers", "GET", "/", "", 200},
		{"open to users", "GET", "/", "s", 200},
		{"stranger", "GET", "/teams/blue/report", "", 401},
		{"session of nobody", "GET", "/teams/blue/report", "z", 401},
		{"guest reads", "GET", "/teams/blue/report", "g", 200},
		{"guest writes", "PUT", "/teams/blue/report", "g", 403},
		{"staff writes", "PUT", "/teams/blue/report", "s", 200},
		{"staff of another team", "GET", "/teams/blue/report", "r", 404},
		{"staff of no team", "GET", "/teams/blue/report", "x", 404},
		{"no such route", "GET", "/teams", "s", 404},
		{"no such method", "DELETE", "/teams/blue/report", "s", 405},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := httptest.NewRequest(tc.method, tc.path, nil)
			r.AddCookie(&http.Cookie{Name: "session", Value: tc.session})
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != tc.want {
				t.Errorf("got %d, want %d: %s", w.Code, tc.want, w.Body)
			}
			if got := w.Header().Get("WWW-Authenticate"); (got != "") != (tc.want == 401) {
				t.Errorf("got challenge %q", got)
			}
		})
	}
}
