package upload_test

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/monitor/event"
	"github.com/gopalisade/palisade/problem"
	"github.com/gopalisade/palisade/upload"
	"github.com/gopalisade/palisade/upload/storage"
)

// files is a server of a store, and the events of what it answers.
type files struct {
	*upload.Server
	events []event.Event
}

func newFiles(t *testing.T, cfg upload.ServerConfig) *files {
	t.Helper()
	cfg.Key = func(r *http.Request) string { return strings.TrimPrefix(r.URL.Path, "/") }
	s, err := upload.NewServer(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return &files{Server: s}
}

func (f *files) do(method, key string, lines ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "/"+key, nil)
	for i := 0; i < len(lines); i += 2 {
		r.Header.Set(lines[i], lines[i+1])
	}
	w := httptest.NewRecorder()
	f.ServeHTTP(w, r.WithContext(event.WithRecorder(r.Context(), event.RecorderFunc(func(_ context.Context, e event.Event) {
		f.events = append(f.events, e)
	}))))
	return w
}

// TestRanges: parts and conditions are answered as for any file, and always under the same policy.
func TestRanges(t *testing.T) {
	store := storage.NewMemory(1 << 20)
	key := keep(t, store, storage.Meta{Name: "a.png", Type: "image/png"}, "0123456789")
	f := newFiles(t, upload.ServerConfig{Store: store, Authorize: allow})
	first := f.do("GET", key)
	tag, date := first.Header().Get("ETag"), first.Header().Get("Last-Modified")
	if len(tag) != 66 || date == "" {
		t.Fatalf("got ETag %q, Last-Modified %q", tag, date)
	}
	for _, tc := range []struct {
		name   string
		method string
		lines  []string
		status int
		body   string
	}{
		{"whole", "GET", nil, 200, "0123456789"},
		{"head", "HEAD", nil, 200, ""},
		{"range", "GET", []string{"Range", "bytes=2-4"}, 206, "234"},
		{"end", "GET", []string{"Range", "bytes=-2"}, 206, "89"},
		{"rest", "GET", []string{"Range", "bytes=8-"}, 206, "89"},
		{"head of a range", "HEAD", []string{"Range", "bytes=2-4"}, 206, ""},
		{"other units", "GET", []string{"Range", "lines=1-2"}, 416, "invalid range\n"},
		{"behind the end", "GET", []string{"Range", "bytes=10-"}, 416, "invalid range: failed to overlap\n"},
		{"of this file", "GET", []string{"Range", "bytes=0-0", "If-Range", tag}, 206, "0"},
		{"of another file", "GET", []string{"Range", "bytes=0-0", "If-Range", `"x"`}, 200, "0123456789"},
		{"known", "GET", []string{"If-None-Match", tag}, 304, ""},
		{"one of several", "GET", []string{"If-None-Match", `"x", W/` + tag}, 304, ""},
		{"any", "HEAD", []string{"If-None-Match", "*"}, 304, ""},
		{"unknown", "GET", []string{"If-None-Match", `"x"`}, 200, "0123456789"},
		{"not newer", "GET", []string{"If-Modified-Since", date}, 304, ""},
		{"another than wanted", "GET", []string{"If-Match", `"x"`}, 412, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := f.do(tc.method, key, tc.lines...)
			if w.Code != tc.status || w.Body.String() != tc.body {
				t.Errorf("got %d %q, want %d %q", w.Code, w.Body, tc.status, tc.body)
			}
			if h := w.Header(); h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Content-Security-Policy") != "sandbox; default-src 'none'" ||
				h.Get("Cross-Origin-Resource-Policy") != "same-origin" {
				t.Errorf("got %v", h)
			}
		})
	}
}

// TestMethods: a file is only read.
func TestMethods(t *testing.T) {
	store := storage.NewMemory(1 << 20)
	key := keep(t, store, storage.Meta{Name: "a.png", Type: "image/png"}, "x")
	f := newFiles(t, upload.ServerConfig{Store: store, Authorize: func(*http.Request, storage.Meta) error {
		t.Error("asked, though it does not matter")
		return nil
	}})
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "get"} {
		if w := f.do(method, key); w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: got %d, Allow %q", method, w.Code, w.Header().Get("Allow"))
		}
	}
}

// TestAuthorize: what it says is the answer, before anything of the file is.
func TestAuthorize(t *testing.T) {
	store := storage.NewMemory(1 << 20)
	key := keep(t, store, storage.Meta{Name: canary, Type: "image/png", Owner: canary}, canary)
	for _, tc := range []struct {
		name string
		err  error
		want int
	}{
		{"forbidden", &problem.Problem{Status: 403}, 403},
		{"hidden", storage.ErrNotFound, 404},
		{"failed", errors.New(canary), 500},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := newFiles(t, upload.ServerConfig{Store: store, Authorize: func(*http.Request, storage.Meta) error { return tc.err }})
			w := f.do("GET", key, "If-None-Match", "*", "Range", "bytes=0-0")
			h := w.Header()
			if w.Code != tc.want || strings.Contains(w.Body.String(), canary) || h.Get("ETag")+h.Get("Content-Disposition")+h.Get("Last-Modified") != "" {
				t.Errorf("got %d %v %s", w.Code, h, w.Body)
			}
			if len(f.events) != 1 || f.events[0].Code != event.AuthzFail || f.events[0].Object != key || !errors.Is(f.events[0].Err, tc.err) {
				t.Errorf("got %+v", f.events)
			}
		})
	}
}

// TestHidden: a file of somebody else and none at all get the same answer.
func TestHidden(t *testing.T) {
	store := storage.NewMemory(1 << 20)
	key := keep(t, store, storage.Meta{Name: "a", Type: "image/png"}, "x")
	f := newFiles(t, upload.ServerConfig{Store: store, Authorize: func(*http.Request, storage.Meta) error { return storage.ErrNotFound }})
	theirs := f.do("GET", key)
	for _, none := range []string{strings.Repeat("A", len(key)), "x", "", "../" + key, key + "/", key + "%00", "objects/" + key} {
		if w := f.do("GET", strings.ReplaceAll(none, "%", "%25")); w.Code != theirs.Code || w.Body.String() != theirs.Body.String() {
			t.Errorf("%q: got %d %s, want %d %s", none, w.Code, w.Body, theirs.Code, theirs.Body)
		}
	}
}

type downStore struct{ storage.Store }

func (downStore) Open(context.Context, string) (storage.Object, error) {
	return nil, storage.ErrUnavailable
}
func (downStore) Delete(context.Context, string) error { return storage.ErrUnavailable }

// TestStoreDown: a store that fails is no file that is missing.
func TestStoreDown(t *testing.T) {
	f := newFiles(t, upload.ServerConfig{Store: downStore{}, Authorize: allow})
	if w := f.do("GET", "x"); w.Code != 503 || !strings.Contains(w.Body.String(), "storage_unavailable") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	var got []event.Event
	ctx := event.WithRecorder(t.Context(), event.RecorderFunc(func(_ context.Context, e event.Event) { got = append(got, e) }))
	if err := upload.Delete(ctx, downStore{}, "x"); !errors.Is(err, storage.ErrUnavailable) || len(got) != 0 {
		t.Errorf("got %v, %v", err, got)
	}
}

// TestHostileDownloads: whatever a store says a file is called, the answer has the same headers, and a reader the same name.
func TestHostileDownloads(t *testing.T) {
	store := storage.NewMemory(1 << 20)
	f := newFiles(t, upload.ServerConfig{Store: store, Authorize: allow})
	for _, name := range []string{
		"a\r\nSet-Cookie: x=1\r\n\r\n<script>.png", `a"; filename="b.php`, `a\`, `\"`, "a;b=c.png", "\u202egnp.exe", "ü ö.png", "a\x7f.png", "'x'", "a%22.png",
		"filename*=UTF-8''b.php", strings.Repeat("ü", 127), "", " ", "<svg onload=alert(1)>", "\u0085\u2028x", "a\tb",
	} {
		w := f.do("GET", keep(t, store, storage.Meta{Name: name, Type: "image/png"}, "x"))
		got := w.Header()["Content-Disposition"]
		if len(got) != 1 || strings.ContainsFunc(got[0], func(r rune) bool { return r < ' ' || r > '~' }) || w.Header().Get("Set-Cookie") != "" {
			t.Fatalf("%q: got %q", name, got)
		}
		want := strings.Map(func(r rune) rune {
			if r < ' ' || r == 0x7f {
				return -1
			}
			return r
		}, name)
		if kind, params, err := mime.ParseMediaType(got[0]); err != nil || kind != "inline" || params["filename"] != want || len(params) != 1 {
			t.Errorf("%q: %s is read as %v, %v, %v", name, got[0], kind, params, err)
		}
	}
}
