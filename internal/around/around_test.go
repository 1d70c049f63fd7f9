package around_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gopalisade/palisade/internal/around"
)

func TestNew(t *testing.T) {
	inner := http.NewServeMux()
	h := around.New(inner, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != http.StatusTeapot {
		t.Errorf("got %d, want the function's answer", w.Code)
	}
	if u, ok := h.(interface{ Unwrap() http.Handler }); !ok || u.Unwrap() != inner {
		t.Error("what is inside cannot be seen")
	}
}
