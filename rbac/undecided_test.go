package rbac_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/monitor/event"
	"github.com/gopalisade/palisade/rbac"
)

// write answers with the status, a header and a body that must not leak.
func write(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Set-Cookie", "leak=1")
		w.Header().Set("Location", "/leak")
		w.Header().Set("X-Outer", "changed")
		w.WriteHeader(status)
		_, _ = w.Write([]byte("leak"))
	}
}

func movedTo(location string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", location)
		w.WriteHeader(http.StatusTemporaryRedirect)
	}
}

func TestDenyByDefault(t *testing.T) {
	m := newModel(t)
	mux := http.NewServeMux()
	routes := map[string]http.Handler{
		"/open":      write(200),
		"/created":   write(201),
		"/cached":    write(304),
		"/moved":     write(302),
		"/movedfor":  write(308),
		"/absolute":  movedTo("http://example.com/absolute"),
		"/lookalike": movedTo("//example.com/lookalike"),
		"/token":     movedTo("/token?code=leak"),
		"/garbled":   movedTo("%zz"),
		"/same":      movedTo("/x/../same/"),
		"/itself": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Set-Cookie", "leak=1")
			movedTo("/itself")(w, r)
			_, _ = io.WriteString(w, "leak")
			_, _ = io.Copy(w, struct{ io.Reader }{strings.NewReader("leak")})
		}),
		"/twice": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header()["Location"] = []string{"/twice", "https://leak.example/"}
			w.WriteHeader(http.StatusPermanentRedirect)
		}),
		"/slash":    movedTo(`/\leak.example/../slash`),
		"/switched": write(101),
		"/zero":     ok,
		"/body":     http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("leak")) }),
		"/copied": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.Copy(w, struct{ io.Reader }{strings.NewReader("leak")})
		}),
		"/refused": write(403),
		"/broken":  write(503),
		"/hinted": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusEarlyHints)
			write(200)(w, nil)
		}),
		"/tree/":   write(200),
		"/guarded": m.Require("orders:read")(write(200)),
		"/public":  rbac.Public("demo")(write(302)),
		"/claimed": rbac.Public("")(write(200)),
		"/tenant":  m.SameTenant(func(*http.Request) string { return "t" })(write(200)),
		"/late":    http.TimeoutHandler(m.Require("orders:read")(write(200)), time.Minute, ""),
	}
	for pattern, h := range routes {
		mux.Handle(pattern, h)
	}
	guarded := m.DenyByDefault(m.DenyByDefault(mux)) // twice is once
	for _, tc := range []struct {
		name, target string
		p            *auth.Principal
		want         int
	}{
		{"success", "/open", as("admin"), 500},
		{"created", "/created", as("admin"), 500},
		{"not modified", "/cached", as("admin"), 500},
		{"redirect elsewhere", "/moved", as("admin"), 500},
		{"permanent redirect elsewhere", "/movedfor", as("admin"), 500},
		{"redirect to another host", "/absolute", as("admin"), 500},
		{"redirect to another host without a scheme", "/lookalike", as("admin"), 500},
		{"redirect with a query of its own", "/token", as("admin"), 500},
		{"redirect to garbage", "/garbled", as("admin"), 500},
		{"redirect to the same path, by a detour", "/same", as("admin"), 500},
		{"redirect to two places", "/twice", as("admin"), 500},
		{"redirect that a browser reads otherwise", "/slash", as("admin"), 500},
		{"redirect to itself, with something in it", "/itself", as("admin"), 307},
		{"upgrade", "/switched", as("admin"), 500},
		{"nothing written", "/zero", as("admin"), 500},
		{"body alone", "/body", as("admin"), 500},
		{"copied body", "/copied", as("admin"), 500},
		{"early hints", "/hinted", as("admin"), 500},
		{"public without a reason", "/claimed", as("admin"), 500},
		{"own refusal", "/refused", as("admin"), 403},
		{"own failure", "/broken", as("admin"), 503},
		{"not found", "/absent", as("admin"), 404},
		{"router's redirect to the tree", "/tree", as("admin"), 307},
		{"router's redirect to a clean path", "//open?q=1", as("admin"), 307},
		{"router's redirect to a clean escaped path", "//%61dmin", as("admin"), 307},
		{"guarded", "/guarded", as("viewer"), 200},
		{"guarded, refused", "/guarded", as("nobody"), 403},
		{"guarded, nobody", "/guarded", nil, 401},
		{"guarded elsewhere in time", "/late", as("viewer"), 200},
		{"public", "/public", nil, 302},
		{"tenant", "/tenant", &auth.Principal{Tenant: "t"}, 200},
	} {
		var events []event.Event
		r := httptest.NewRequest("GET", tc.target, nil)
		ctx := record(r.Context(), &events)
		w := httptest.NewRecorder()
		w.Header().Set("X-Outer", "kept")
		guarded.ServeHTTP(w, r.WithContext(auth.WithPrincipal(ctx, tc.p)))
		leaks := strings.Contains(w.Body.String(), "leak") || w.Header().Get("Set-Cookie") != ""
		if w.Code != tc.want || tc.want == 500 && leaks {
			t.Errorf("%s: got %d %v %s, want %d", tc.name, w.Code, w.Header(), w.Body, tc.want)
		}
		if tc.want == 500 && (w.Header().Get("X-Outer") != "kept" || len(events) != 1 ||
			!errors.Is(events[0].Err, rbac.ErrUndecided) || events[0].Object != r.URL.Path) {
			t.Errorf("%s: got %v, %+v", tc.name, w.Header(), events)
		}
	}
}

// A connection that a handler takes over, or flushes, is an answer as well.
func TestDenyByDefaultOnTheWire(t *testing.T) {
	m := newModel(t)
	public := rbac.Public("test")
	stream := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		c := http.NewResponseController(w)
		w.WriteHeader(http.StatusEarlyHints)
		if err := errors.Join(c.SetWriteDeadline(time.Now().Add(time.Minute)), c.Flush()); err != nil {
			_, err = w.Write([]byte("leak"))
			w.Header().Set("X-Late", "1")
			if !errors.Is(err, rbac.ErrUndecided) {
				panic(err)
			}
			return
		}
		w.(http.Flusher).Flush()
		_, _ = io.WriteString(w, "stream")
	})
	hijack := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			_, err = io.Copy(w, struct{ io.Reader }{strings.NewReader("leak")})
			if !errors.Is(err, rbac.ErrUndecided) {
				panic(err)
			}
			return
		}
		_, _ = io.WriteString(conn, "HTTP/1.1 299 Own\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
		_ = conn.Close()
	})
	mux := http.NewServeMux()
	mux.Handle("/stream", stream)
	mux.Handle("/hijack", hijack)
	mux.Handle("/public/stream", public(stream))
	mux.Handle("/public/hijack", public(hijack))
	mux.Handle("/public/doc.go", public(http.StripPrefix("/public", http.FileServer(http.Dir(".")))))
	server := httptest.NewServer(m.DenyByDefault(mux))
	defer server.Close()
	for _, tc := range []struct {
		path, body string
		want       int
	}{
		{"/stream", "internal_server_error", 500},
		{"/hijack", "internal_server_error", 500},
		{"/public/stream", "stream", 200},
		{"/public/hijack", "", 299},
		{"/public/doc.go", "package rbac", 200},
	} {
		resp, err := http.Get(server.URL + tc.path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || resp.StatusCode != tc.want || !strings.Contains(string(body), tc.body) ||
			strings.Contains(string(body), "leak") {
			t.Errorf("%s: got %d %s %v, want %d", tc.path, resp.StatusCode, body, err, tc.want)
		}
	}
}
