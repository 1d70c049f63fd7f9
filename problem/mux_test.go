package problem_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gopalisade/palisade/problem"
)

func TestMux(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /things/{id}", func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(r.PathValue("id")))
	})
	mux.HandleFunc("/tree/", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	h := problem.Mux(mux)
	for _, tc := range []struct {
		name, method, path string
		status             int
		code, allow        string
	}{
		{"known", "GET", "/things/7", 200, "", ""},
		{"unknown path", "GET", "/nothing", 404, "not_found", ""},
		{"unknown method", "DELETE", "/things/7", 405, "method_not_allowed", "GET, HEAD"},
		{"unknown path by HEAD", "HEAD", "/nothing", 404, "", ""},
		{"subtree redirect stays", "GET", "/tree", 307, "", ""},
		{"asterisk", "OPTIONS", "*", 400, "bad_request", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := httptest.NewRequest(tc.method, "/", nil)
			r.URL.Path, r.RequestURI = tc.path, tc.path
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != tc.status || w.Header().Get("Allow") != tc.allow {
				t.Errorf("got %d, Allow %q; want %d, %q", w.Code, w.Header().Get("Allow"), tc.status, tc.allow)
			}
			var body struct{ Code string }
			if tc.code != "" && (json.Unmarshal(w.Body.Bytes(), &body) != nil || body.Code != tc.code) {
				t.Errorf("got body %s, want code %s", w.Body, tc.code)
			}
			if tc.name == "known" && w.Body.String() != "7" {
				t.Errorf("got %q, want the path value 7", w.Body)
			}
		})
	}
}
