package main

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/go-chi/chi/v5"

	"github.com/gopalisade/palisade/validate"
)

// A path value is the same text behind http.ServeMux, which hands out decoded values, and behind chi, which hands out what
// the client escaped.
func TestRouters(t *testing.T) {
	type in struct {
		Name string `path:"name"`
		Rest string `path:"*,slash"`
	}
	type rest struct {
		Name string `path:"name"`
		Rest string `path:"rest,slash"`
	}
	ofChi, err1 := validate.New[in](validate.Config{})
	ofMux, err2 := validate.New[rest](validate.Config{})
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /f/{name}/{rest...}", ofMux.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got, _ := validate.From[rest](r.Context())
		_, _ = w.Write([]byte(got.Name + "|" + got.Rest))
	})))
	router := chi.NewRouter()
	router.With(ofChi.Wrap).Get("/f/{name}/*", func(w http.ResponseWriter, r *http.Request) {
		got, _ := validate.From[in](r.Context())
		_, _ = w.Write([]byte(got.Name + "|" + got.Rest))
	})
	for _, tc := range []struct {
		target string
		status int
		want   string
	}{
		{"/f/a/b/c", 200, "a|b/c"},
		{"/f/%61/x%2Fy", 200, "a|x/y"},
		{"/f/%2561/b", 200, "%61|b"},
		{"/f/%25%36%31/b", 200, "%61|b"},
		{"/f/a%2Fb/c", 400, ""},
		{"/f/%ff/b", 400, ""},
		{"/f/a%00/b", 400, ""},
		{"/f/a/b%2F..%2Fc", 400, ""},
		{"/f/caf%C3%A9/b", 200, "café|b"},
	} {
		for name, h := range map[string]http.Handler{"ServeMux": mux, "chi": router} {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, tc.target, nil))
			if w.Code != tc.status || tc.status == 200 && w.Body.String() != tc.want {
				t.Errorf("%s %s: got %d %s, want %d %s", name, tc.target, w.Code, w.Body, tc.status, tc.want)
			}
		}
	}
}
