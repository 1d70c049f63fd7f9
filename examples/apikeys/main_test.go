package main

import (
	"net/http/httptest"
	"testing"

	"github.com/gopalisade/palisade/auth/apikey"
)

func TestAPIKeys(t *testing.T) {
	api, keys := build()
	key := func(owner string, scopes ...string) string {
		c, err := keys.Create(t.Context(), apikey.Params{Name: "test", Owner: owner, Scopes: scopes})
		if err != nil {
			t.Fatal(err)
		}
		return c.Text
	}
	read := key("alice", "orders:read")
	for _, tc := range []struct {
		name, method, target, key string
		want                      int
	}{
		{"no key", "GET", "/orders", "", 401},
		{"within the scopes", "GET", "/orders", read, 200},
		{"outside of the scopes", "POST", "/orders", read, 403},
		{"no scopes", "GET", "/orders", key("alice"), 403},
		{"both scopes", "POST", "/orders", key("alice", "orders:read", "orders:write"), 200},
		{"more than the owner may", "POST", "/orders", key("bob", "orders:write"), 403},
		{"no such owner", "GET", "/orders", key("mallory", "orders:read"), 401},
		{"mistyped", "GET", "/orders", read[:len(read)-1] + "_", 401},
		{"in the query", "GET", "/orders?api_key=" + read, "", 401},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := httptest.NewRequest(tc.method, tc.target, nil)
			if tc.key != "" {
				r.Header.Set("X-API-Key", tc.key)
			}
			w := httptest.NewRecorder()
			api.ServeHTTP(w, r)
			if w.Code != tc.want {
				t.Errorf("got %d, want %d: %s", w.Code, tc.want, w.Body)
			}
		})
	}
}
