package upload_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"github.com/gopalisade/palisade/upload"
	"github.com/gopalisade/palisade/upload/content"
	"github.com/gopalisade/palisade/upload/storage"
	"github.com/gopalisade/palisade/upload/uploadtest"
)

// isText reports whether f begins with s.
func isText(f upload.Subject, s string) bool {
	p := make([]byte, len(s))
	_, _ = f.ReadAt(p, 0)
	return string(p) == s
}

// TestInfectedIsTold: that malware was found is what is told, whatever else has failed meanwhile.
func TestInfectedIsTold(t *testing.T) {
	for name, other := range map[string]func(context.Context) (upload.Verdict, error){
		"an error of its own at the end": func(ctx context.Context) (upload.Verdict, error) {
			<-ctx.Done()
			return upload.Verdict{}, errors.New("connection closed")
		},
		"no verdict at the end": func(ctx context.Context) (upload.Verdict, error) { <-ctx.Done(); return upload.Verdict{}, nil },
	} {
		t.Run(name, func(t *testing.T) {
			cfg := usual()
			cfg.Scanner = &uploadtest.FakeScanner{Func: func(ctx context.Context, f upload.Subject) (upload.Verdict, error) {
				if isText(f, "bad") {
					return upload.Verdict{Status: upload.Infected, Name: "X"}, nil
				}
				return other(ctx)
			}}
			b := newBench(t, cfg)
			b.want(name, raw(filePart("a.txt", "good")+filePart("b.txt", "bad")+end), 422, "malware_found")
			if len(b.events) != 1 || b.events[0].Reason != upload.CodeInfected {
				t.Errorf("%+v", b.events)
			}
		})
	}
}

// TestInfectedAndGone: a client that hangs up once the scan runs does not hide what was found.
func TestInfectedAndGone(t *testing.T) {
	cfg := usual()
	ctx, cancel := context.WithCancel(context.Background())
	cfg.Scanner = &uploadtest.FakeScanner{Func: func(context.Context, upload.Subject) (upload.Verdict, error) {
		cancel()
		return upload.Verdict{Status: upload.Infected, Name: "X"}, nil
	}}
	b := newBench(t, cfg)
	b.send(raw(filePart("b.txt", "bad") + end).WithContext(ctx))
	if len(b.events) != 1 || b.events[0].Reason != upload.CodeInfected {
		t.Errorf("%+v", b.events)
	}
}

// TestScansStop: behind a refusal nothing more is scanned.
func TestScansStop(t *testing.T) {
	cfg := usual()
	cfg.Limits.Scans = 1
	var calls atomic.Int32
	cfg.Scanner = &uploadtest.FakeScanner{Func: func(context.Context, upload.Subject) (upload.Verdict, error) {
		calls.Add(1)
		return upload.Verdict{Status: upload.Infected}, nil
	}}
	newBench(t, cfg).want("five", raw(strings.Repeat(filePart("a.txt", "x"), 5)+end), 422, "malware_found")
	if calls.Load() != 1 {
		t.Errorf("%d scans", calls.Load())
	}
}

// TestTwice: a guard in a guard is the program's mistake, not the client's.
func TestTwice(t *testing.T) {
	cfg := usual()
	cfg.Store, cfg.DangerouslyUnscanned = storage.NewMemory(0), true
	g, err := upload.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	g.Wrap(g.Wrap(http.NotFoundHandler())).ServeHTTP(w, form(sample("a.png", content.PNG)))
	if w.Code != 500 {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

// TestTypesAreOurs: what the caller does with its list afterwards opens nothing.
func TestTypesAreOurs(t *testing.T) {
	cfg := usual()
	cfg.Fields[0].Types = []content.Type{content.PNG}
	b := newBench(t, cfg)
	cfg.Fields[0].Types[0] = content.Text
	b.want("text", raw(filePart("a.txt", "x")+end), 415, "file_type_not_accepted")
}

// TestEscapedBoundary: readers that know no escapes read another boundary.
func TestEscapedBoundary(t *testing.T) {
	body := strings.ReplaceAll(filePart("a.txt", "x")+end, "--B", "--/B")
	r := raw(body)
	r.Header.Set("Content-Type", `multipart/form-data; boundary="\/B"`)
	newBench(t, usual()).want("escaped", r, 415, "unsupported_media_type")
}

// TestReadAfterCommit: then the store has the file.
func TestReadAfterCommit(t *testing.T) {
	b := newBench(t, usual())
	b.handled = func(batch *upload.Batch, r *http.Request) error {
		files, err := batch.Commit(r.Context())
		if err != nil {
			return err
		}
		if _, err = files[0].ReadAt(make([]byte, 1), 0); !errors.Is(err, storage.ErrDone) {
			t.Errorf("got %v, want ErrDone", err)
		}
		return nil
	}
	b.send(raw(filePart("b.txt", "bad") + end))
}

// timed is a writer that knows its connection's deadline.
type timed struct {
	*httptest.ResponseRecorder
	set time.Time
}

func (w *timed) SetReadDeadline(t time.Time) error { w.set = t; return nil }

// TestNoDeadlineBesideReads: while nobody reads there is none, and behind a refusal there is.
func TestNoDeadlineBesideReads(t *testing.T) {
	for _, tc := range []struct {
		name, body string
		status     int
		armed      bool
	}{
		{"taken", filePart("a.txt", "x") + filePart("b.txt", strings.Repeat("x", 60<<10)) + end, 201, false},
		{"refused in the middle", filePart("a.txt", "x\x00") + strings.Repeat(filePart("b.txt", "x"), 500) + end, 422, true},
		{"refused by its header", filePart("a.exe", "x") + strings.Repeat(filePart("b.txt", "x"), 500) + end, 415, true},
		{"refused at the end", filePart("a.txt", "x\x00") + end, 422, false}, // when a server watches for the client to leave
		{"refused behind the end", filePart("a.txt", "x") + end + "x", 400, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b, w := newBench(t, usual()), &timed{ResponseRecorder: httptest.NewRecorder()}
			b.store.fail = func(op string) error {
				if (op == "create" || op == "write" || op == "describe") && !w.set.IsZero() {
					t.Errorf("%s: under a deadline", op)
				}
				return nil
			}
			r := raw("")
			r.ContentLength, r.Body = -1, io.NopCloser(iotest.DataErrReader(strings.NewReader(tc.body)))
			if b.h.ServeHTTP(w, r); w.Code != tc.status || w.set.IsZero() == tc.armed {
				t.Errorf("got %d, deadline %v", w.Code, w.set)
			}
		})
	}
}

// TestManyRanges: a header of ranges does not buy an answer many times the file.
func TestManyRanges(t *testing.T) {
	store := storage.NewMemory(0)
	tx, _ := store.Begin(t.Context())
	f, _ := tx.Create(t.Context())
	_, _ = f.Write(bytes.Repeat([]byte("x"), 300_000))
	_ = f.SetMeta(storage.Meta{Name: "a.txt", Type: "text/plain", Size: 300_000, Created: time.Now()})
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	s, err := upload.NewServer(upload.ServerConfig{
		Store: store, Authorize: func(*http.Request, storage.Meta) error { return nil },
		Key: func(*http.Request) string { return f.Key() },
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		ranges string
		status int
		most   int
	}{
		{"bytes=0-9", 206, 10},
		{"bytes=0-9,20-29", 206, 1000},
		{"bytes=0-0" + strings.Repeat(",0-0", 100_000), 200, 300_000},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Range", tc.ranges)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != tc.status || w.Body.Len() > tc.most || r.Header.Get("Range") != tc.ranges {
			t.Errorf("%.20s: got %d and %d bytes", tc.ranges, w.Code, w.Body.Len())
		}
	}
}
