package clamav_test

import (
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/iotest"

	"github.com/gopalisade/palisade/internal/servertest"
	"github.com/gopalisade/palisade/upload"
	"github.com/gopalisade/palisade/upload/clamav"
	"github.com/gopalisade/palisade/upload/content"
	"github.com/gopalisade/palisade/upload/storage"
	"github.com/gopalisade/palisade/upload/uploadtest"
)

// chain is the whole of it: a guard, a real clamd and a real directory.
type chain struct {
	h     http.Handler
	clamd *servertest.Server
	dir   string
}

const chainMax = 256 << 10

func newChain(t *testing.T, options ...string) *chain {
	t.Helper()
	c := &chain{clamd: servertest.Clamd(t, options...), dir: t.TempDir()}
	client := newClient(t, clamav.Config{Addr: c.clamd.URL, MaxBytes: chainMax})
	store, err := storage.NewDirectory(storage.DirectoryConfig{Path: c.dir, Interval: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	g, err := upload.New(upload.Config{
		Fields: []upload.Field{{Name: "files", Types: []content.Type{content.Text, content.PNG, content.ZIP}, Max: 5, MaxBytes: chainMax}},
		Store:  store, Scanner: client,
	})
	if err != nil {
		t.Fatal(err)
	}
	c.h = g.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		batch, _ := upload.From(r.Context())
		if _, err := batch.Commit(r.Context()); err != nil {
			t.Errorf("commit: %v", err)
		}
	}))
	return c
}

func (c *chain) send(r *http.Request) int {
	w := httptest.NewRecorder()
	c.h.ServeHTTP(w, r)
	return w.Code
}

// files counts what is kept, and what is in quarantine.
func (c *chain) files(t *testing.T) (kept, quarantine int) {
	t.Helper()
	err := filepath.WalkDir(c.dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || d.IsDir() || d.Name() == "lock" || strings.HasSuffix(path, ".meta"):
		case strings.Contains(path, "/objects/"):
			kept++
		default:
			quarantine++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return kept, quarantine
}

func formOf(parts ...uploadtest.Part) *http.Request {
	return uploadtest.Form{Parts: parts}.Request("/")
}

// TestChain has the guard, a real clamd and the disk refuse malware however it comes, and keep the rest.
func TestChain(t *testing.T) {
	c := newChain(t)
	eicar, text := uploadtest.EICAR(), strings.Repeat("a", chainMax)
	full := uploadtest.File("files", "full.txt", []byte(text))
	if status := c.send(formOf(full, uploadtest.File("files", "a.png", uploadtest.Sample(content.PNG)))); status != 200 {
		t.Fatalf("clean: got %d", status)
	}
	bytewise := formOf(uploadtest.File("files", "a.txt", eicar))
	bytewise.Body = io.NopCloser(iotest.OneByteReader(bytewise.Body))
	halves := formOf(uploadtest.File("files", "1.txt", eicar[:30]), uploadtest.File("files", "2.txt", eicar[30:]))
	for _, tc := range []struct {
		name string
		r    *http.Request
		want int
	}{
		{"eicar", formOf(uploadtest.File("files", "a.txt", eicar)), 422},
		{"byte by byte", bytewise, 422},
		{"as an image", formOf(uploadtest.File("files", "a.png", eicar)), 415},
		{"in a zip", formOf(uploadtest.File("files", "a.zip", uploadtest.Zip("a.txt", eicar))), 422},
		{"in two zips", formOf(uploadtest.File("files", "a.zip", uploadtest.Zip("b.zip", uploadtest.Zip("a.txt", eicar)))), 422},
		{"at the limit", formOf(uploadtest.File("files", "a.txt", append([]byte(text[:chainMax-len(eicar)]), eicar...))), 422},
		{"above the limit", formOf(uploadtest.File("files", "a.txt", append([]byte(text), eicar...))), 413},
		{"beside four others", formOf(full, full, full, full, uploadtest.File("files", "a.txt", eicar)), 422},
		{"two halves, each of them nothing", halves, 200},
	} {
		t.Run(tc.name, func(t *testing.T) {
			before, _ := c.files(t)
			status := c.send(tc.r)
			kept, quarantine := c.files(t)
			if status != tc.want || quarantine != 0 || (kept > before) != (tc.want == 200) {
				t.Errorf("got %d, %d new files, %d in quarantine, want %d", status, kept-before, quarantine, tc.want)
			}
		})
	}
}

// TestChainGone kills clamd while files are being scanned.
func TestChainGone(t *testing.T) {
	c := newChain(t)
	clean := func() *http.Request {
		return formOf(uploadtest.File("files", "a.txt", []byte(strings.Repeat("a", chainMax))))
	}
	c.clamd.Kill(syscall.SIGSTOP) // takes what is sent, and says nothing
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if status := c.send(clean()); status != 503 {
				t.Errorf("got %d, want 503", status)
			}
		})
	}
	for { // until something lies there to be scanned
		if _, quarantine := c.files(t); quarantine > 0 {
			break
		}
	}
	c.clamd.Kill(syscall.SIGKILL)
	all.Wait()
	if status := c.send(clean()); status != 503 {
		t.Errorf("afterwards: got %d, want 503", status)
	}
	if kept, quarantine := c.files(t); kept != 0 || quarantine != 0 {
		t.Errorf("got %d files, %d in quarantine", kept, quarantine)
	}
	c.clamd.Start()
	if status := c.send(clean()); status != 200 {
		t.Errorf("with clamd again: got %d", status)
	}
}
