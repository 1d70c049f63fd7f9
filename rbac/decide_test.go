package rbac_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gopalisade/palisade/rbac"
)

func TestDecide(t *testing.T) {
	model, err := rbac.New(rbac.Config{Permissions: []string{"a"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name     string
		policy   string
		check    func(*http.Request) error
		status   int
		findings int
	}{
		{"passes", "weekdays", func(*http.Request) error { return nil }, 200, 0},
		{"refuses", "weekdays", func(*http.Request) error { return &rbac.ForbiddenError{} }, 403, 0},
		{"no words", "", func(*http.Request) error { return nil }, 500, 1},
		{"no function", "weekdays", nil, 500, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := model.Decide(tc.policy, tc.check)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
			w := httptest.NewRecorder()
			model.DenyByDefault(h).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
			if w.Code != tc.status {
				t.Errorf("got %d, want %d", w.Code, tc.status)
			}
			var audit rbac.Audit
			_ = audit.Visit("GET", "/", h)
			if got := audit.Findings(); len(got) != tc.findings {
				t.Errorf("got %v, want %d findings", got, tc.findings)
			}
		})
	}
}
