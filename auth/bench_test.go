package auth_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func BenchmarkGate(b *testing.B) {
	g := newGate(b)
	h := g.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("A", "good")
	w := httptest.NewRecorder()
	b.ReportAllocs()
	for b.Loop() {
		h.ServeHTTP(w, r)
	}
}
