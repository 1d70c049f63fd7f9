package upload_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"runtime"
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

// TestScannerExits: a scanner that ends its goroutine has said nothing, least of all Clean.
func TestScannerExits(t *testing.T) {
	cfg := usual()
	cfg.Scanner = &uploadtest.FakeScanner{Func: func(context.Context, upload.Subject) (upload.Verdict, error) {
		runtime.Goexit()
		return upload.Verdict{}, nil
	}}
	newBench(t, cfg).want("one", form(sample("a.png", content.PNG)), 503, "scanner_unavailable")
	newBench(t, cfg).want("two", form(sample("a.png", content.PNG), sample("b.png", content.PNG)), 503, "scanner_unavailable")
}

// TestStorePanicsBehindScan: what panics beside the request's goroutine panics in it, where the server expects that.
func TestStorePanicsBehindScan(t *testing.T) {
	again, err := content.NewReencoder(content.ReencoderConfig{})
	if err != nil {
		t.Fatal(err)
	}
	cfg := usual()
	cfg.Fields[0].Reencode = again
	b := newBench(t, cfg)
	b.store.fail = func(op string) error {
		if op == "discard" {
			panic("store")
		}
		return nil
	}
	func() {
		defer func() {
			if got := recover(); got != "store" {
				t.Errorf("got %v, want the store's panic", got)
			}
		}()
		b.h.ServeHTTP(httptest.NewRecorder(), form(sample("a.png", content.PNG)))
	}()
	if b.store.open() != 0 || b.store.committed() != 0 {
		t.Error("something is left")
	}
}

// TestOwnerPanics: nothing has begun by then.
func TestOwnerPanics(t *testing.T) {
	cfg := usual()
	cfg.Owner = func(*http.Request) string { panic("owner") }
	b := newBench(t, cfg)
	func() {
		defer func() {
			if got := recover(); got != "owner" {
				t.Errorf("got %v, want the owner's panic", got)
			}
		}()
		b.h.ServeHTTP(httptest.NewRecorder(), form(sample("a.png", content.PNG)))
	}()
	if b.store.open() != 0 {
		t.Error("a transaction was left open")
	}
}

// TestSlowStore: the time in which nobody asks the client for bytes is not the client's.
func TestSlowStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, usual())
		b.store.fail = func(op string) error {
			if op == "create" {
				time.Sleep(8 * time.Second)
			}
			return nil
		}
		b.want("three files", form(sample("a.png", content.PNG), sample("b.png", content.PNG), sample("c.png", content.PNG)), 201, "")
	})
}

// TestStoreSlowerThanTimeout: the whole has its limit all the same.
func TestStoreSlowerThanTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, usual())
		b.store.fail = func(op string) error {
			if op == "create" {
				time.Sleep(3 * time.Minute)
			}
			return nil
		}
		r := form(uploadtest.File("files", "a.txt", bytes.Repeat([]byte("x"), 60<<10)))
		b.want("one file", r, 408, "upload_too_slow")
	})
}

// TestRefusalsTold: each refusal is an event, with its stable code.
func TestRefusalsTold(t *testing.T) {
	for _, tc := range []struct {
		name string
		err  error
		want string
	}{
		{"full", storage.ErrFull, "insufficient_storage"},
		{"down", storage.ErrUnavailable, "storage_unavailable"},
		{"wrapped", errors.Join(errors.New("x"), storage.ErrFull), "insufficient_storage"},
		{"other", errors.New("x"), ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newBench(t, usual())
			b.store.fail = func(string) error { return tc.err }
			b.send(form(sample("a.png", content.PNG)))
			if len(b.events) != 1 || b.events[0].Code != event.UploadValidation || b.events[0].Reason != tc.want {
				t.Errorf("got %+v, want the reason %q", b.events, tc.want)
			}
		})
	}
}

// TestEncodings: one that is not identity is enough.
func TestEncodings(t *testing.T) {
	for _, tc := range []struct {
		lines  []string
		status int
	}{
		{[]string{"identity"}, 201},
		{[]string{"Identity", "identity"}, 201},
		{[]string{"gzip"}, 415},
		{[]string{"gzip", "identity"}, 415},
		{[]string{"identity", "br"}, 415},
		{[]string{"identity, gzip"}, 415},
		{[]string{""}, 415},
	} {
		r := form(sample("a.png", content.PNG))
		r.Header["Content-Encoding"] = tc.lines
		if a := newBench(t, usual()).send(r); a.status != tc.status {
			t.Errorf("%s: got %d, want %d", strings.Join(tc.lines, " and "), a.status, tc.status)
		}
	}
}
