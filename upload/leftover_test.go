package upload_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gopalisade/palisade/upload"
	"github.com/gopalisade/palisade/upload/content"
	"github.com/gopalisade/palisade/upload/storage"
	"github.com/gopalisade/palisade/upload/uploadtest"
)

// TestDisk: on disk there is what was committed, and nothing else, whatever became of the forms.
func TestDisk(t *testing.T) {
	dir, store := directory(t)
	for _, tc := range outcomes {
		if tc.status < 400 || tc.full {
			continue
		}
		cfg := usual()
		cfg.Store, cfg.Scanner = store, tc.scanner
		r := raw(tc.body)
		r.ContentLength = -1
		newBench(t, cfg).send(r)
		if n := filesIn(t, dir); n != 0 {
			t.Fatalf("%s: %d files are left", tc.name, n)
		}
	}
	cfg := usual()
	cfg.Store = store
	b := newBench(t, cfg)
	two := func() *http.Request { return form(sample("a.png", content.PNG), sample("b.gif", content.GIF)) }
	for name, handled := range map[string]func(*upload.Batch, *http.Request) error{
		"no commit": func(*upload.Batch, *http.Request) error { return nil },
		"commit too late": func(batch *upload.Batch, r *http.Request) error {
			ctx, cancel := context.WithCancel(r.Context())
			cancel()
			if _, err := batch.Commit(ctx); err == nil {
				t.Error("committed, though the context has ended")
			}
			return nil
		},
	} {
		b.handled = handled
		if b.send(two()); filesIn(t, dir) != 0 {
			t.Errorf("%s: %d files are left", name, filesIn(t, dir))
		}
	}
	b.handled = func(*upload.Batch, *http.Request) error { panic("handler") }
	func() {
		defer func() { _ = recover() }()
		b.h.ServeHTTP(httptest.NewRecorder(), two())
	}()
	if n := filesIn(t, dir); n != 0 {
		t.Errorf("panic: %d files are left", n)
	}
	b.handled = nil
	if b.want("commit", two(), 201, ""); filesIn(t, dir) != 2 {
		t.Errorf("commit: got %d files, want 2", filesIn(t, dir))
	}
}

// TestCommitOnce: a batch that outlives its handler, or was committed, commits nothing more.
func TestCommitOnce(t *testing.T) {
	b := newBench(t, usual())
	var after *upload.Batch
	b.handled = func(batch *upload.Batch, _ *http.Request) error {
		after = batch
		return nil
	}
	b.want("kept for later", form(sample("a.png", content.PNG)), 201, "")
	if files, err := after.Commit(t.Context()); !errors.Is(err, storage.ErrDone) || files != nil || b.store.committed() != 0 {
		t.Errorf("got %v, %v", files, err)
	}
}

// TestUnscanned: who says so gets files that nobody has looked into, and all other checks.
func TestUnscanned(t *testing.T) {
	cfg := usual()
	cfg.DangerouslyUnscanned = true
	b := newBench(t, cfg)
	b.want("malware", form(uploadtest.File("files", "a.txt", uploadtest.EICAR())), 201, "")
	b.want("a lie", form(uploadtest.File("files", "a.png", uploadtest.EICAR())), 415, "file_type_not_accepted")
	if n := len(b.scanner.Seen()); n != 0 {
		t.Errorf("got %d scans", n)
	}
}

// TestChain: each scanner is asked in turn, until one does not say Clean.
func TestChain(t *testing.T) {
	var asked []string
	scanner := func(name string, s upload.Status, err error) upload.Scanner {
		return &uploadtest.FakeScanner{Func: func(context.Context, upload.Subject) (upload.Verdict, error) {
			asked = append(asked, name)
			return upload.Verdict{Status: s, Engine: name}, err
		}}
	}
	failed := errors.New("failed")
	a, bad, odd := scanner("a", upload.Clean, nil), scanner("bad", upload.Infected, nil), scanner("odd", upload.Clean, failed)
	for _, tc := range []struct {
		name  string
		chain upload.Scanner
		asked string
		want  upload.Verdict
		err   error
	}{
		{"clean", upload.Chain(a, a), "a a", upload.Verdict{Status: upload.Clean, Engine: "a"}, nil},
		{"infected", upload.Chain(a, bad, a), "a bad", upload.Verdict{Status: upload.Infected, Engine: "bad"}, nil},
		{"failed", upload.Chain(odd, a), "odd", upload.Verdict{Status: upload.Clean, Engine: "odd"}, failed},
		{"unknown", upload.Chain(scanner("?", upload.Unknown, nil), a), "?", upload.Verdict{Engine: "?"}, nil},
		{"in a chain", upload.Chain(upload.Chain(a, bad), a), "a bad", upload.Verdict{Status: upload.Infected, Engine: "bad"}, nil},
	} {
		asked = nil
		got, err := tc.chain.Scan(t.Context(), strings.NewReader("x"))
		if got != tc.want || !errors.Is(err, tc.err) || strings.Join(asked, " ") != tc.asked {
			t.Errorf("%s: got %+v, %v, asked %v", tc.name, got, err, asked)
		}
	}
}

// TestScans: so many files of a form are scanned at a time, and after a refusal no scanner waits.
func TestScans(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := usual()
		cfg.Limits.Scans = 2
		var running, most atomic.Int32
		cfg.Scanner = &uploadtest.FakeScanner{Func: func(ctx context.Context, f upload.Subject) (upload.Verdict, error) {
			most.Store(max(most.Load(), running.Add(1)))
			defer running.Add(-1)
			if f.Size() == 4 {
				return upload.Verdict{Status: upload.Infected}, nil
			}
			select {
			case <-time.After(time.Second):
				return upload.Verdict{Status: upload.Clean}, nil
			case <-ctx.Done():
				return upload.Verdict{}, ctx.Err()
			}
		}}
		b, begin := newBench(t, cfg), time.Now()
		var parts []uploadtest.Part
		for range 5 {
			parts = append(parts, sample("a.png", content.PNG))
		}
		b.want("five", form(parts...), 201, "")
		if took := time.Since(begin); took != 3*time.Second || most.Load() != 2 {
			t.Errorf("took %v, %d at a time", took, most.Load())
		}
		parts[1], begin = uploadtest.File("files", "b.txt", []byte("text")), time.Now()
		b.want("one of five", form(parts...), 422, "malware_found")
		if took := time.Since(begin); took != 0 {
			t.Errorf("the others went on for %v", took)
		}
	})
}

// TestGoneInQueue: a client that leaves while its file waits to be looked into waits no longer.
func TestGoneInQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, usual())
		b.store.fail = func(op string) error {
			if op == "describe" {
				time.Sleep(time.Hour)
			}
			return nil
		}
		for range runtime.GOMAXPROCS(0) {
			go b.h.ServeHTTP(httptest.NewRecorder(), form(sample("a.png", content.PNG)))
		}
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		w, begin := httptest.NewRecorder(), time.Now()
		go func() { time.Sleep(time.Second / 2); cancel() }()
		b.h.ServeHTTP(w, form(sample("a.png", content.PNG)).WithContext(ctx))
		if w.Code != 400 || time.Since(begin) != time.Second/2 {
			t.Errorf("got %d after %v", w.Code, time.Since(begin))
		}
		time.Sleep(2 * time.Hour)
	})
}

// TestControlCutOff: a form control without a file is a part as any other.
func TestControlCutOff(t *testing.T) {
	head := "--B\r\n" + `Content-Disposition: form-data; name="files"; filename=""` + "\r\n\r\n"
	newBench(t, usual()).want("cut", raw(head), 400, "upload_incomplete")
	cfg := usual()
	cfg.Fields[0].Required = true
	newBench(t, cfg).want("required", raw(head+"\r\n"+end), 422, "field_required")
}
