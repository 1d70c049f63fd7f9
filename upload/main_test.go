package upload_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/gopalisade/palisade/monitor/event"
	"github.com/gopalisade/palisade/upload"
	"github.com/gopalisade/palisade/upload/content"
	"github.com/gopalisade/palisade/upload/storage"
	"github.com/gopalisade/palisade/upload/uploadtest"
)

// bench is a guard with what stands around it: a store in which nothing may be left, a scanner, a handler, a log.
type bench struct {
	t       testing.TB
	h       http.Handler
	store   *counted
	scanner *uploadtest.FakeScanner
	handled func(*upload.Batch, *http.Request) error // nil commits

	mu     sync.Mutex
	events []event.Event
}

// usual is a guard for five images or texts and two values.
func usual() upload.Config {
	return upload.Config{
		Fields: []upload.Field{{Name: "files", Types: append(content.Images(), content.Text, content.PDF), Max: 5, MaxBytes: 64 << 10}},
		Values: []upload.Value{{Name: "title", Max: 2, MaxBytes: 100}},
	}
}

func newBench(t testing.TB, cfg upload.Config) *bench {
	t.Helper()
	b := &bench{t: t, store: newCounted(), scanner: &uploadtest.FakeScanner{}}
	if cfg.Store == nil {
		cfg.Store = b.store
	}
	if cfg.Scanner == nil && !cfg.DangerouslyUnscanned {
		cfg.Scanner = b.scanner
	}
	g, err := upload.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	h := g.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		batch, ok := upload.From(r.Context())
		if !ok {
			t.Error("no batch in the context")
		}
		if b.handled == nil {
			if _, err := batch.Commit(r.Context()); err != nil {
				t.Errorf("commit: %v", err)
			}
		} else if err := b.handled(batch, r); err != nil {
			t.Errorf("handler: %v", err)
		}
		w.WriteHeader(http.StatusCreated)
	}))
	b.h = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := event.WithRecorder(r.Context(), event.RecorderFunc(func(_ context.Context, e event.Event) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.events = append(b.events, e)
		}))
		h.ServeHTTP(w, r.WithContext(ctx))
	})
	return b
}

// answer is what the client gets.
type answer struct {
	status int
	code   string
	header http.Header
	body   string
}

// send serves a request. Whatever becomes of it, what is not committed is gone.
func (b *bench) send(r *http.Request) answer {
	b.t.Helper()
	before := b.store.committed()
	w := httptest.NewRecorder()
	b.h.ServeHTTP(w, r)
	a := answer{w.Code, "", w.Header(), w.Body.String()}
	if a.status >= 400 {
		var p struct{ Code string }
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Header().Get("Content-Type") != "application/problem+json" {
			b.t.Errorf("got %q as %q", w.Body, w.Header().Get("Content-Type"))
		}
		a.code = p.Code
		if b.store.committed() != before {
			b.t.Error("a refused form has left files")
		}
	}
	if b.store.open() != 0 {
		b.t.Error("a transaction was left open")
	}
	return a
}

// raw is a request with exactly this body.
func raw(body string) *http.Request {
	r := httptest.NewRequest("POST", "/", strings.NewReader(body))
	r.Header.Set("Content-Type", "multipart/form-data; boundary=B")
	return r
}

// part returns a part of a form whose boundary is B.
func part(header, body string) string { return "--B\r\n" + header + "\r\n\r\n" + body + "\r\n" }

func filePart(filename, body string) string {
	return part(`Content-Disposition: form-data; name="files"; filename="`+filename+`"`, body)
}

const end = "--B--\r\n"

func (b *bench) want(name string, r *http.Request, status int, code string) answer {
	b.t.Helper()
	a := b.send(r)
	if a.status != status || a.code != code {
		b.t.Errorf("%s: got %d %q %s, want %d %q", name, a.status, a.code, a.body, status, code)
	}
	return a
}

func form(parts ...uploadtest.Part) *http.Request { return uploadtest.Form{Parts: parts}.Request("/") }

func sample(name string, t content.Type) uploadtest.Part {
	return uploadtest.File("files", name, uploadtest.Sample(t))
}

// counted is a store that knows what is in it, and that fails where it is told to.
type counted struct {
	storage.Store
	mu      sync.Mutex
	live    int
	kept    []string
	created int
	fail    func(op string) error // nil never
}

func newCounted() *counted { return &counted{Store: storage.NewMemory(64 << 20)} }

func (c *counted) failing(op string) error {
	if c.fail == nil {
		return nil
	}
	return c.fail(op)
}

func (c *counted) open() int      { c.mu.Lock(); defer c.mu.Unlock(); return c.live }
func (c *counted) committed() int { c.mu.Lock(); defer c.mu.Unlock(); return len(c.kept) }

func (c *counted) Begin(ctx context.Context) (storage.Tx, error) {
	if err := c.failing("begin"); err != nil {
		return nil, err
	}
	tx, err := c.Store.Begin(ctx)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.live++
	return &countedTx{Tx: tx, c: c}, nil
}

type countedTx struct {
	storage.Tx
	c     *counted
	files []storage.File
	ended bool
}

func (t *countedTx) end(keep bool) {
	t.c.mu.Lock()
	defer t.c.mu.Unlock()
	if t.ended {
		return
	}
	t.ended = true
	t.c.live--
	if keep {
		for _, f := range t.files {
			t.c.kept = append(t.c.kept, f.Key())
		}
	}
}

func (t *countedTx) Create(ctx context.Context) (storage.File, error) {
	if err := t.c.failing("create"); err != nil {
		return nil, err
	}
	f, err := t.Tx.Create(ctx)
	if err != nil {
		return nil, err
	}
	t.c.mu.Lock()
	defer t.c.mu.Unlock()
	t.c.created++
	t.files = append(t.files, f)
	return &countedFile{f, t.c}, nil
}

func (t *countedTx) Commit(ctx context.Context) error {
	err := t.c.failing("commit")
	if err == nil {
		err = t.Tx.Commit(ctx)
	}
	if err == nil {
		t.end(true)
	}
	return err
}

func (t *countedTx) Rollback(ctx context.Context) error {
	t.end(false)
	return t.Tx.Rollback(ctx)
}

type countedFile struct {
	storage.File
	c *counted
}

func (f *countedFile) Write(p []byte) (int, error) {
	if err := f.c.failing("write"); err != nil {
		return 0, err
	}
	return f.File.Write(p)
}

func (f *countedFile) ReadAt(p []byte, off int64) (int, error) {
	if err := f.c.failing("read"); err != nil {
		return 0, err
	}
	return f.File.ReadAt(p, off)
}

func (f *countedFile) SetMeta(m storage.Meta) error {
	if err := f.c.failing("describe"); err != nil {
		return err
	}
	return f.File.SetMeta(m)
}

func (f *countedFile) Discard() error {
	if err := f.c.failing("discard"); err != nil {
		return err
	}
	return f.File.Discard()
}

// endless is a body that never ends, and counts what was taken of it.
type endless struct {
	head io.Reader
	read int64
}

func (e *endless) Read(p []byte) (int, error) {
	if n, err := e.head.Read(p); err == nil {
		e.read += int64(n)
		return n, nil
	}
	for i := range p {
		p[i] = 'a'
	}
	e.read += int64(len(p))
	return len(p), nil
}
