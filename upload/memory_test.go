package upload_test

import (
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gopalisade/palisade/internal/racing"
	"github.com/gopalisade/palisade/upload"
	"github.com/gopalisade/palisade/upload/content"
	"github.com/gopalisade/palisade/upload/storage"
	"github.com/gopalisade/palisade/upload/uploadtest"
)

// peakHeap returns by how many bytes the heap that is in use grew while work ran.
func peakHeap(work func()) int64 {
	defer debug.SetGCPercent(debug.SetGCPercent(20)) // garbage is no use
	runtime.GC()
	live := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	read := func() int64 {
		metrics.Read(live)
		return int64(live[0].Value.Uint64())
	}
	before, peak := read(), int64(0)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for {
			peak = max(peak, read())
			select {
			case <-stop:
				return
			case <-tick.C:
			}
		}
	}()
	work()
	close(stop)
	<-stopped
	return peak - before
}

func directory(t *testing.T) (string, *storage.Directory) {
	t.Helper()
	dir := t.TempDir()
	store, err := storage.NewDirectory(storage.DirectoryConfig{Path: dir, NoSync: true, Interval: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return dir, store
}

// filesIn counts what is in a directory store, but locks and descriptions.
func filesIn(t *testing.T, dir string) (n int) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && d.Name() != "lock" && !strings.HasSuffix(path, ".meta") {
			n++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func unraced(t *testing.T) {
	t.Helper()
	if racing.Enabled {
		t.Skip("the race detector's own memory would be measured")
	}
}

// TestHostileMemory: no bomb costs more than 32 MiB.
func TestHostileMemory(t *testing.T) {
	unraced(t)
	dir, store := directory(t)
	cfg := usual()
	cfg.Fields[0].Types = append(cfg.Fields[0].Types, content.ZIP)
	cfg.Fields[0].MaxBytes, cfg.Store = 16<<20, store
	cfg.Scanner = verdict(upload.Clean) // the guard alone must do
	b := newBench(t, cfg)
	for _, tc := range []struct {
		name string
		r    func() *http.Request
	}{
		{"pixels", func() *http.Request {
			return form(uploadtest.File("files", "a.png", uploadtest.Bomb(content.PNG, 12_000)))
		}},
		{"scans", func() *http.Request {
			return form(uploadtest.File("files", "a.jpg", uploadtest.Bomb(content.JPEG, 2000)))
		}},
		{"frames", func() *http.Request {
			return form(uploadtest.File("files", "a.gif", uploadtest.Bomb(content.GIF, 10_000)))
		}},
		{"archive", func() *http.Request {
			return form(uploadtest.File("files", "a.zip", uploadtest.Bomb(content.ZIP, 1<<30)))
		}},
		{"pages", func() *http.Request {
			return form(uploadtest.File("files", "a.pdf", uploadtest.Bomb(content.PDF, 1<<30)))
		}},
		{"header", func() *http.Request { return raw("--B\r\n" + named + "\r\nX: " + strings.Repeat("x", 9<<20)) }},
		{"headers", func() *http.Request { return raw("--B\r\n" + named + strings.Repeat("\r\nX: x", 1<<20)) }},
		{"parts", func() *http.Request {
			return raw(strings.Repeat(part(`Content-Disposition: form-data; name="files"; filename=""`, ""), 10_000) + end)
		}},
	} {
		r := tc.r()
		var a answer
		if peak := peakHeap(func() { a = b.send(r) }); peak > 32<<20 || a.status < 400 {
			t.Errorf("%s: got %d, %d bytes", tc.name, a.status, peak)
		}
	}
	if n := filesIn(t, dir); n != 0 {
		t.Errorf("%d files are left", n)
	}
}

// TestManyAtOnce: 200 forms of 5 MB take 256 KiB each, and leave nothing.
func TestManyAtOnce(t *testing.T) {
	unraced(t)
	const forms = 200
	dir, store := directory(t)
	cfg := usual()
	cfg.Fields[0].MaxBytes, cfg.Store, cfg.Limits.Concurrent = 5<<20, store, forms
	cfg.Scanner = verdict(upload.Clean)
	g, err := upload.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	arrived := make(chan struct{}, forms)
	release := make(chan struct{})
	h := g.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusCreated) }))
	form := uploadtest.Form{Parts: []uploadtest.Part{{
		Header: []string{`Content-Disposition: form-data; name="files"; filename="a.png"`},
		Body:   uploadtest.Stream(content.PNG, 5<<20),
	}}}
	peak := peakHeap(func() {
		var wg sync.WaitGroup
		for range forms {
			wg.Go(func() {
				r := form.Request("/")
				r.Body = &held{ReadCloser: r.Body, arrived: arrived, release: release}
				w := httptest.NewRecorder()
				if h.ServeHTTP(w, r); w.Code != http.StatusCreated {
					t.Errorf("got %d %s", w.Code, w.Body)
				}
			})
		}
		for range forms { // all of them are half read by now
			<-arrived
		}
		close(release)
		wg.Wait()
	})
	if each := peak / forms; each > 256<<10 {
		t.Errorf("got %d bytes for each form", each)
	}
	if n := filesIn(t, dir); n != 0 {
		t.Errorf("%d files are left", n)
	}
}

// held is a body that waits in its middle until all others are there.
type held struct {
	io.ReadCloser
	read             int
	arrived, release chan struct{}
}

func (h *held) Read(p []byte) (int, error) {
	n, err := h.ReadCloser.Read(p)
	if before := h.read; before < 1<<20 && before+n >= 1<<20 {
		h.arrived <- struct{}{}
		<-h.release
	}
	h.read += n
	return n, err
}
