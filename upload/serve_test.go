package upload_test

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/gopalisade/palisade/monitor/event"
	"github.com/gopalisade/palisade/upload"
	"github.com/gopalisade/palisade/upload/content"
	"github.com/gopalisade/palisade/upload/storage"
)

// keep commits one file.
func keep(t testing.TB, s storage.Store, m storage.Meta, data string) (key string) {
	t.Helper()
	tx, err := s.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	f, err := tx.Create(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.Write([]byte(data))
	m.Size, m.Created, m.SHA256 = int64(len(data)), time.Unix(1e9, 0), [32]byte{1}
	if err := errors.Join(err, f.SetMeta(m), tx.Commit(t.Context())); err != nil {
		t.Fatal(err)
	}
	return f.Key()
}

func allow(*http.Request, storage.Meta) error { return nil }

func TestServer(t *testing.T) {
	store := storage.NewMemory(1 << 20)
	key := map[string]string{
		"png":  keep(t, store, storage.Meta{Name: "ä \"1\".png", Type: "image/png", Owner: "ann"}, "pixels"),
		"pdf":  keep(t, store, storage.Meta{Name: "a.pdf", Type: "application/pdf", Owner: "ann"}, "pages"),
		"text": keep(t, store, storage.Meta{Name: "a.txt", Type: "text/plain", Owner: "ann"}, "words"),
		"html": keep(t, store, storage.Meta{Name: "a.html", Type: "text/html", Owner: "ann"}, "<script>"), // by another program
	}
	own := func(r *http.Request, m storage.Meta) error {
		if r.Header.Get("User") != m.Owner {
			return storage.ErrNotFound
		}
		return nil
	}
	s, err := upload.NewServer(upload.ServerConfig{Store: store, Authorize: own})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/files/{key}", s)
	do := func(method, key string, lines ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, "/files/"+key, nil)
		r.Header.Set("User", "ann")
		for i := 0; i < len(lines); i += 2 {
			r.Header.Set(lines[i], lines[i+1])
		}
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		return w
	}
	for _, tc := range []struct{ file, kind, disposition string }{
		{"png", "image/png", `inline; filename="_ _1_.png"; filename*=UTF-8''%C3%A4%20%221%22.png`},
		{"pdf", "application/pdf", `attachment; filename="a.pdf"`},
		{"text", "text/plain; charset=utf-8", `attachment; filename="a.txt"`},
		{"html", "application/octet-stream", `attachment; filename="a.html"`},
	} {
		w := do("GET", key[tc.file])
		for name, want := range map[string]string{
			"Content-Type": tc.kind, "Content-Disposition": tc.disposition, "X-Content-Type-Options": "nosniff",
			"Content-Security-Policy": "sandbox; default-src 'none'", "Cross-Origin-Resource-Policy": "same-origin",
			"Cache-Control": "private, no-cache",
		} {
			if got := w.Header().Get(name); w.Code != 200 || got != want {
				t.Errorf("%s: got %d %s %q, want %q", tc.file, w.Code, name, got, want)
			}
		}
	}
	w := do("GET", key["png"], "Range", "bytes=1-2")
	if w.Code != 206 || w.Body.String() != "ix" {
		t.Errorf("range: got %d %q", w.Code, w.Body)
	}
	tag := w.Header().Get("ETag")
	if w := do("GET", key["png"], "If-None-Match", tag); w.Code != 304 || tag == "" {
		t.Errorf("ETag %q: got %d", tag, w.Code)
	}
	if w := do("HEAD", key["png"]); w.Code != 200 || w.Body.Len() != 0 || w.Header().Get("Content-Length") != "6" {
		t.Errorf("HEAD: got %d %v", w.Code, w.Header())
	}
	for name, w := range map[string]*httptest.ResponseRecorder{
		"another's": do("GET", key["png"], "User", "bob"),
		"none":      do("GET", strings.Repeat("a", 42)),
		"no key":    do("GET", "..%2f..%2fetc"),
	} {
		if w.Code != 404 || !strings.Contains(w.Body.String(), "file_not_found") || w.Header().Get("Content-Disposition") != "" {
			t.Errorf("%s: got %d %s", name, w.Code, w.Body)
		}
	}
	if w := do("POST", key["png"]); w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: got %d %v", w.Code, w.Header())
	}
}

func TestServerConfig(t *testing.T) {
	store := storage.NewMemory(1 << 20)
	for want, cfg := range map[string]upload.ServerConfig{
		"Store":     {Authorize: allow},
		"Authorize": {Store: store},
		"Inline":    {Store: store, Authorize: allow, Inline: []content.Type{content.PDF}},
	} {
		if s, err := upload.NewServer(cfg); err == nil || s != nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", want, err)
		}
	}
	denied := 0
	s, err := upload.NewServer(upload.ServerConfig{
		Store: store, Authorize: allow, Inline: []content.Type{}, CrossOrigin: true,
		Key:  func(r *http.Request) string { return r.URL.Query().Get("k") },
		Deny: func(w http.ResponseWriter, _ *http.Request, _ error) { denied++; w.WriteHeader(418) },
	})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	w.Header().Set("Cache-Control", "no-store")
	s.ServeHTTP(w, httptest.NewRequest("GET", "/?k="+keep(t, store, storage.Meta{Name: "a.png", Type: "image/png"}, "x"), nil))
	if w.Header().Get("Cross-Origin-Resource-Policy") != "cross-origin" || !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment") ||
		w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("got %v", w.Header())
	}
	s.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	if denied != 1 {
		t.Errorf("got %d calls of Deny", denied)
	}
}

func TestDelete(t *testing.T) {
	store := storage.NewMemory(1 << 20)
	key := keep(t, store, storage.Meta{Name: "a"}, "x")
	var got []event.Event
	ctx := event.WithRecorder(t.Context(), event.RecorderFunc(func(_ context.Context, e event.Event) { got = append(got, e) }))
	if err := upload.Delete(ctx, store, key); err != nil || len(got) != 1 || got[0].Code != event.UploadDelete || got[0].Object != key {
		t.Errorf("got %v, %v", err, got)
	}
	if err := upload.Delete(ctx, store, key); !errors.Is(err, storage.ErrNotFound) || len(got) != 1 {
		t.Errorf("again: got %v, %v", err, got)
	}
}

func TestDisposition(t *testing.T) {
	for name, want := range map[string]string{
		"a.png":             `attachment; filename="a.png"`,
		`a"; x="b.png`:      `attachment; filename="a_; x=_b.png"; filename*=UTF-8''a%22%3B%20x%3D%22b.png`,
		"a\r\nSet-Cookie:x": `attachment; filename="aSet-Cookie:x"; filename*=UTF-8''aSet-Cookie%3Ax`,
		"100%.png":          `attachment; filename="100_.png"; filename*=UTF-8''100%25.png`,
		`a\b`:               `attachment; filename="a_b"; filename*=UTF-8''a%5Cb`,
		"ü.png":             `attachment; filename="_.png"; filename*=UTF-8''%C3%BC.png`,
		"a\xff.png":         `attachment; filename="a_.png"; filename*=UTF-8''a%EF%BF%BD.png`,
		"":                  `attachment; filename=""`,
	} {
		if got := upload.Disposition("attachment", name); got != want {
			t.Errorf("%q: got %s, want %s", name, got, want)
		}
	}
}

// FuzzDisposition: whatever the name is, the header is one, and says the name again.
func FuzzDisposition(f *testing.F) {
	f.Add("a\"b\\c\r\n%41ü\x00")
	f.Fuzz(func(t *testing.T, name string) {
		got := upload.Disposition("inline", name)
		if strings.ContainsFunc(got, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Fatalf("%q: %q is no header value", name, got)
		}
		kind, params, err := mime.ParseMediaType(got)
		if err != nil || kind != "inline" {
			t.Fatalf("%q: %q cannot be read: %v", name, got, err)
		}
		plain := strings.Map(func(r rune) rune {
			if r < ' ' || r == 0x7f {
				return -1
			}
			return r
		}, strings.ToValidUTF8(name, "\uFFFD"))
		if utf8.ValidString(name) && params["filename"] != plain {
			t.Fatalf("%q: %q says %q", name, got, params["filename"])
		}
	})
}
