package upload_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"image"
	"image/jpeg"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gopalisade/palisade/monitor/event"
	"github.com/gopalisade/palisade/upload"
	"github.com/gopalisade/palisade/upload/content"
	"github.com/gopalisade/palisade/upload/storage"
	"github.com/gopalisade/palisade/upload/uploadtest"
)

func verdict(s upload.Status) *uploadtest.FakeScanner {
	return &uploadtest.FakeScanner{Func: func(context.Context, upload.Subject) (upload.Verdict, error) {
		return upload.Verdict{Status: s, Name: "CANARY", Engine: "fake"}, nil
	}}
}

// TestScanner lets nothing pass but Clean.
func TestScanner(t *testing.T) {
	for _, tc := range []struct {
		name   string
		s      upload.Scanner
		status int
		code   string
	}{
		{"clean", verdict(upload.Clean), 201, ""},
		{"infected", verdict(upload.Infected), 422, "malware_found"},
		{"unscannable", verdict(upload.Unscannable), 422, "file_unscannable"},
		{"nobody has looked", verdict(upload.Unknown), 503, "scanner_unavailable"},
		{"a status from nowhere", verdict(200), 503, "scanner_unavailable"},
		{"fails", &uploadtest.FakeScanner{Err: errors.New("CANARY")}, 503, "scanner_unavailable"},
		{"panics", &uploadtest.FakeScanner{Panic: true}, 503, "scanner_unavailable"},
		{"gives up by itself", &uploadtest.FakeScanner{Err: context.Canceled}, 503, "scanner_unavailable"},
		{"chain", upload.Chain(verdict(upload.Clean), verdict(upload.Infected)), 422, "malware_found"},
		{"clean chain", upload.Chain(verdict(upload.Clean), verdict(upload.Clean)), 201, ""},
		{"empty chain", upload.Chain(), 503, "scanner_unavailable"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			cfg := usual()
			cfg.Scanner = tc.s
			b := newBench(t, cfg)
			a := b.want(tc.name, form(sample("a.png", content.PNG), sample("b.png", content.PNG)), tc.status, tc.code)
			if strings.Contains(a.body, "CANARY") {
				t.Errorf("the client reads %s", a.body)
			}
			if tc.status == 503 && a.header.Get("Retry-After") == "" {
				t.Error("no Retry-After")
			}
		})
	}
}

func TestScannerHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := usual()
		cfg.Scanner = &uploadtest.FakeScanner{Hang: true}
		b, begin := newBench(t, cfg), time.Now()
		b.want("hangs", form(sample("a.png", content.PNG)), 503, "scanner_unavailable")
		if took := time.Since(begin); took != time.Minute {
			t.Errorf("took %v, want Limits.ScanTime", took)
		}
	})
}

// TestOneOfFive: one bad file refuses them all, for its own reason.
func TestOneOfFive(t *testing.T) {
	b := newBench(t, usual())
	parts := []uploadtest.Part{}
	for range 4 {
		parts = append(parts, sample("a.png", content.PNG))
	}
	parts = append(parts, uploadtest.File("files", "e.txt", uploadtest.EICAR()))
	b.want("four and one", form(parts...), 422, "malware_found")
	b.want("four", form(parts[:4]...), 201, "")
	if b.store.committed() != 4 {
		t.Errorf("got %d files", b.store.committed())
	}
}

// TestScanned: the scanner sees each file as a whole, and the batch says what it saw.
func TestScanned(t *testing.T) {
	b := newBench(t, usual())
	data := uploadtest.Sample(content.GIF)
	b.handled = func(batch *upload.Batch, r *http.Request) error {
		f := batch.Files("files")[0]
		if f.SHA256 != sha256.Sum256(data) || f.Size != int64(len(data)) || f.Type != content.GIF || f.Report.Frames != 1 {
			t.Errorf("got %+v", f)
		}
		kept, err := batch.Commit(r.Context())
		if err != nil || len(kept) != 1 {
			return err
		}
		if _, err := batch.Commit(r.Context()); !errors.Is(err, storage.ErrDone) {
			t.Errorf("the second commit: %v", err)
		}
		o, err := b.store.Open(r.Context(), kept[0].Key)
		if err != nil {
			return err
		}
		got, err := io.ReadAll(o)
		if m := o.Meta(); !bytes.Equal(got, data) || m.Owner != "ann" || m.Name != "a.gif" || m.Type != "image/gif" {
			t.Errorf("got %d bytes, %+v", len(got), m)
		}
		return errors.Join(err, o.Close())
	}
	cfg := usual()
	cfg.Owner = func(*http.Request) string { return "ann" }
	cfg.Store = b.store
	c := newBench(t, cfg)
	c.store, c.handled = b.store, b.handled
	c.want("one", form(uploadtest.File("files", "a.gif", data)), 201, "")
	seen := c.scanner.Seen()
	if len(seen) != 1 || seen[0].Size != int64(len(data)) || seen[0].SHA256 != sha256.Sum256(data) {
		t.Errorf("got %+v", seen)
	}
	var codes []event.Code
	for _, e := range c.events {
		codes = append(codes, e.Code)
	}
	if len(codes) != 2 || codes[0] != event.UploadComplete || codes[1] != event.UploadStored {
		t.Errorf("got %v", codes)
	}
}

func TestReencode(t *testing.T) {
	again, err := content.NewReencoder(content.ReencoderConfig{})
	if err != nil {
		t.Fatal(err)
	}
	var photo bytes.Buffer
	if err := jpeg.Encode(&photo, image.NewRGBA(image.Rect(0, 0, 30, 20)), nil); err != nil {
		t.Fatal(err)
	}
	secret := []byte("\xff\xfe\x00\x12where I live....")
	tagged := append(append(bytes.Clone(photo.Bytes()[:2]), secret...), photo.Bytes()[2:]...)
	cfg := usual()
	cfg.Fields[0].Reencode = again
	b := newBench(t, cfg)
	var got []upload.File
	b.handled = func(batch *upload.Batch, r *http.Request) error {
		var err error
		got, err = batch.Commit(r.Context())
		return err
	}
	b.want("three", form(
		uploadtest.File("files", "a.jpg", tagged), sample("b.old.webp", content.WebP), uploadtest.File("files", "c.txt", []byte("text")),
	), 201, "")
	if len(got) != 3 || got[1].Type != content.PNG || got[1].Name != "b.old.png" || got[2].Name != "c.txt" {
		t.Fatalf("got %+v", got)
	}
	o, err := b.store.Open(t.Context(), got[0].Key)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = o.Close() }()
	data, err := io.ReadAll(o)
	if err != nil || bytes.Contains(data, []byte("where I live")) || sha256.Sum256(data) != got[0].SHA256 || o.Meta().SHA256 != got[0].SHA256 ||
		got[0].Report.Width != 30 {
		t.Errorf("got %q, %v, %+v", data, err, got[0])
	}
	if n := len(b.scanner.Seen()); n != 5 { // what was sent, and what is kept
		t.Errorf("got %d scans", n)
	}
	if b.store.created != 5 {
		t.Errorf("got %d files created", b.store.created)
	}
	cfg.Fields[0].MaxBytes = int64(len(uploadtest.Sample(content.WebP)))
	cfg.Store, cfg.Scanner = nil, nil
	if a := newBench(t, cfg).send(form(sample("a.webp", content.WebP))); a.status == 201 || a.code != "file_too_large" {
		t.Errorf("grown: got %d %s", a.status, a.code)
	}
	animated := newBench(t, cfg)
	if a := animated.send(form(uploadtest.File("files", "a.jpg", photo.Bytes()[:len(photo.Bytes())-2]))); a.status < 400 {
		t.Errorf("cut: got %d", a.status)
	}
}

// TestStoreFails at each step: nothing is left, and the answer is the store's.
func TestStoreFails(t *testing.T) {
	again, err := content.NewReencoder(content.ReencoderConfig{})
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range []string{"begin", "create", "write", "read", "describe", "discard"} {
		for _, tc := range []struct {
			err    error
			status int
		}{{storage.ErrFull, 507}, {storage.ErrUnavailable, 503}, {errors.New("CANARY"), 500}} {
			for nth := range 3 {
				cfg := usual()
				cfg.Fields[0].Reencode = again
				cfg.Scanner = verdict(upload.Clean)
				b := newBench(t, cfg)
				calls, failed := 0, false
				b.store.fail = func(o string) error {
					if o == op {
						calls++
						if calls == nth+1 {
							failed = true
							return tc.err
						}
					}
					return nil
				}
				a := b.send(form(sample("a.png", content.PNG)))
				if failed && a.status != tc.status || !failed && a.status != 201 || strings.Contains(a.body, "CANARY") {
					t.Errorf("%s %d: got %d %s, want %d", op, nth, a.status, a.body, tc.status)
				}
			}
		}
	}
}

func TestCommitFails(t *testing.T) {
	b := newBench(t, usual())
	b.store.fail = func(op string) error {
		if op == "commit" {
			return storage.ErrFull
		}
		return nil
	}
	b.handled = func(batch *upload.Batch, r *http.Request) error {
		if _, err := batch.Commit(r.Context()); !errors.Is(err, storage.ErrFull) {
			t.Errorf("got %v", err)
		}
		return nil
	}
	b.send(form(sample("a.png", content.PNG)))
	if b.store.committed() != 0 {
		t.Error("files were kept")
	}
}

// TestPanics: what a handler or a store leaves behind is gone, and the place for a form is free again.
func TestPanics(t *testing.T) {
	cfg := usual()
	cfg.Limits.Concurrent = 1
	b := newBench(t, cfg)
	b.handled = func(*upload.Batch, *http.Request) error { panic("handler") }
	panics := func(want string) {
		t.Helper()
		defer func() {
			if got := recover(); got != want {
				t.Errorf("got %v, want %v", got, want)
			}
			if b.store.open() != 0 {
				t.Error("a transaction was left open")
			}
		}()
		b.h.ServeHTTP(httptest.NewRecorder(), form(sample("a.png", content.PNG)))
	}
	panics("handler")
	b.store.fail = func(op string) error {
		if op == "write" {
			panic("store")
		}
		return nil
	}
	panics("store")
	b.store.fail, b.handled = nil, nil
	b.want("afterwards", form(sample("a.png", content.PNG)), 201, "")
}

// TestGone: a client that leaves while its files are judged is not answered as if the scanner were down.
func TestGone(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cfg := usual()
	cfg.Scanner = &uploadtest.FakeScanner{Func: func(ctx context.Context, _ upload.Subject) (upload.Verdict, error) {
		cancel()
		return upload.Verdict{}, ctx.Err()
	}}
	newBench(t, cfg).want("gone", form(sample("a.png", content.PNG)).WithContext(ctx), 400, "upload_incomplete")
	newBench(t, cfg).want("gone before", form(sample("a.png", content.PNG)).WithContext(ctx), 400, "upload_incomplete")
}

func TestDeny(t *testing.T) {
	cfg := usual()
	var got error
	cfg.Deny = func(w http.ResponseWriter, _ *http.Request, err error) { got = err; w.WriteHeader(418) }
	b := newBench(t, cfg)
	w := httptest.NewRecorder()
	b.h.ServeHTTP(w, raw(end+"x"))
	e, ok := errors.AsType[*upload.Error](got)
	if w.Code != 418 || !errors.Is(got, upload.ErrMalformed) || !ok || e.Code() != upload.CodeMalformed || e.HTTPStatus() != 400 {
		t.Errorf("got %d %v", w.Code, got)
	}
}
