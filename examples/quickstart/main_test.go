package main

import (
	"net/http/httptest"
	"strings"
	"testing"
)

func TestQuickstart(t *testing.T) {
	h, curl := build()
	_, after, _ := strings.Cut(curl, "Bearer ")
	tok, _, _ := strings.Cut(after, "'")
	for _, tc := range []struct {
		name, path, token string
		status            int
	}{
		{"public", "/", "", 200},
		{"private without a token", "/notes", "", 401},
		{"private with a token", "/notes", tok, 200},
		{"private with a bad token", "/notes", tok + "x", 401},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", tc.path, nil)
			if tc.token != "" {
				r.Header.Set("Authorization", "Bearer "+tc.token)
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != tc.status {
				t.Errorf("got %d, want %d: %s", w.Code, tc.status, w.Body)
			}
		})
	}
}
