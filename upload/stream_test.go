package upload_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/gopalisade/palisade/upload"
	"github.com/gopalisade/palisade/upload/content"
	"github.com/gopalisade/palisade/upload/uploadtest"
)

// watchOracle says the same of the whole body at once.
func watchOracle(body []byte, boundary string) (closed, tail bool) {
	body = append([]byte{'\n'}, body...)
	i := bytes.Index(body, []byte("\n--"+boundary+"--"))
	if i < 0 {
		return false, false
	}
	return true, len(bytes.Trim(body[i+len(boundary)+5:], " \t\r\n")) > 0
}

func checkWatch(t *testing.T, body []byte, boundary string, r io.Reader) {
	t.Helper()
	closed, tail := watchOracle(body, boundary)
	if gotClosed, gotTail := upload.Watch(r, boundary); gotClosed != closed || gotTail != tail {
		t.Fatalf("%q with %q: got %v %v, want %v %v", body, boundary, gotClosed, gotTail, closed, tail)
	}
}

// TestWatch finds the end wherever reads are cut.
func TestWatch(t *testing.T) {
	for _, body := range []string{
		"--B--", "x--B--", "\n--B--", "--B-\n--B--", "--B--x", "--B--\r\n \t", "\n--B\n--B-\n-B--\n--B--\nx", "----B--", "\n\n--B----", "",
	} {
		for i := range len(body) + 1 {
			cut := io.MultiReader(strings.NewReader(body[:i]), strings.NewReader(body[i:]))
			checkWatch(t, []byte(body), "B", cut)
		}
		checkWatch(t, []byte(body), "B", iotest.OneByteReader(strings.NewReader(body)))
	}
}

func FuzzWatch(f *testing.F) {
	f.Add([]byte("x\n--BB--\r\n"), "BB", uint64(1))
	f.Add([]byte("\n----\n--B--x"), "B", uint64(2))
	f.Fuzz(func(t *testing.T, body []byte, boundary string, seed uint64) {
		if boundary == "" || len(boundary) > 70 || strings.ContainsAny(boundary, "\n") {
			t.Skip()
		}
		rnd := rand.New(rand.NewPCG(seed, 0))
		checkWatch(t, body, boundary, readerFunc(func(p []byte) (int, error) {
			n := min(len(p), len(body), rnd.IntN(8)+1)
			if n == 0 {
				return 0, io.EOF
			}
			copy(p, body[:n])
			body = body[n:]
			return n, nil
		}))
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestLimits(t *testing.T) {
	cfg := usual()
	cfg.Limits.Body = 1000
	b := newBench(t, cfg)
	r := raw(filePart("a.txt", strings.Repeat("x", 2000)) + end)
	r.ContentLength = -1
	b.want("body", r, 413, "upload_too_large")
	r = raw(filePart("a.txt", strings.Repeat("x", 2000)) + end)
	r.ContentLength = 900
	b.want("untrue length", r, 413, "upload_too_large")
}

// TestSlow gives up on a form that comes too slowly, or takes too long.
func TestSlow(t *testing.T) {
	big := uploadtest.Form{Parts: []uploadtest.Part{uploadtest.File("files", "a.txt", bytes.Repeat([]byte("x"), 60<<10))}}
	for _, tc := range []struct {
		name   string
		n      int
		status int
		within time.Duration
	}{
		{"a byte a second", 1, 408, 12 * time.Second},
		{"beneath the rate", 1 << 10, 408, 15 * time.Second},
		{"slowly", 3 << 10, 201, 30 * time.Second},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, begin := newBench(t, usual()), time.Now()
				r := big.Request("/")
				r.Body = uploadtest.Drip(r.Body, tc.n, time.Second)
				if a := b.send(r); a.status != tc.status || time.Since(begin) > tc.within {
					t.Errorf("got %d %s after %v, want %d", a.status, a.code, time.Since(begin), tc.status)
				}
			})
		})
	}
	t.Run("as a whole", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			cfg := usual()
			cfg.Limits.Timeout = 3 * time.Second
			b := newBench(t, cfg)
			r := big.Request("/")
			r.Body = uploadtest.Drip(r.Body, 10<<10, time.Second)
			b.want("timeout", r, 408, "upload_too_slow")
		})
	})
}

// TestConnection speaks to a real server, whose connections take deadlines.
func TestConnection(t *testing.T) {
	cfg := usual()
	cfg.Limits.Timeout = 300 * time.Millisecond
	b := newBench(t, cfg)
	server := httptest.NewServer(b.h)
	defer server.Close()
	addr := server.Listener.Addr().String()
	good := uploadtest.Form{Parts: []uploadtest.Part{sample("a.png", content.PNG)}}

	t.Run("stalls", func(t *testing.T) {
		r := good.Request("/")
		r.Body = uploadtest.Drip(r.Body, 1, 50*time.Millisecond)
		resp, err := uploadtest.Send(addr, r, int64(len(good.Bytes())))
		if err != nil || resp.StatusCode != 408 {
			t.Errorf("got %v, %v", resp, err)
		}
	})
	t.Run("says less than it sends", func(t *testing.T) {
		resp, err := uploadtest.Send(addr, good.Request("/"), 50)
		if err != nil || resp.StatusCode != 400 {
			t.Errorf("got %v, %v", resp, err)
		}
	})
	t.Run("says more", func(t *testing.T) {
		resp, err := uploadtest.Send(addr, good.Request("/"), int64(len(good.Bytes()))+10)
		if err != nil || resp.StatusCode != 400 {
			t.Errorf("got %v, %v", resp, err)
		}
	})
	t.Run("the next request", func(t *testing.T) {
		for range 3 { // on one connection, later than the deadline of the one before
			resp, err := server.Client().Do(outgoing(good, server.URL))
			if err != nil || resp.StatusCode != 201 {
				t.Fatalf("got %v, %v", resp, err)
			}
			_ = resp.Body.Close()
			time.Sleep(150 * time.Millisecond)
		}
	})
	if b.store.open() != 0 || b.store.committed() != 3 {
		t.Errorf("got %d open, %d committed", b.store.open(), b.store.committed())
	}
}

func outgoing(f uploadtest.Form, url string) *http.Request {
	r, err := http.NewRequest("POST", url, f.Reader())
	if err != nil {
		panic(err)
	}
	r.Header.Set("Content-Type", f.ContentType())
	return r
}

// TestBusy refuses forms beyond the limit before it reads them, and takes the next when one is done.
func TestBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := usual()
		cfg.Limits.Concurrent = 2
		b := newBench(t, cfg)
		for range 2 {
			go func() {
				r := form(sample("a.png", content.PNG))
				r.Body = uploadtest.Drip(r.Body, 100, time.Second)
				w := httptest.NewRecorder()
				b.h.ServeHTTP(w, r)
				if w.Code != 201 {
					t.Errorf("got %d", w.Code)
				}
			}()
		}
		time.Sleep(time.Second / 2)
		w := httptest.NewRecorder()
		b.h.ServeHTTP(w, form(sample("a.png", content.PNG)))
		if w.Code != 503 || w.Header().Get("Retry-After") == "" {
			t.Errorf("got %d %v", w.Code, w.Header())
		}
		time.Sleep(time.Minute)
		b.want("later", form(sample("a.png", content.PNG)), 201, "")
	})
}

// TestDue: what came has paid for time, up to the limit of the whole, however much it was.
func TestDue(t *testing.T) {
	for _, tc := range []struct {
		name          string
		sent, minRate int64
		want          time.Duration
	}{
		{"nothing", 0, 100, 10 * time.Second},
		{"a second's", 100, 100, 11 * time.Second},
		{"more than the whole has", 1 << 30, 100, time.Hour},
		{"more than a Duration holds", 1 << 40, 1, time.Hour},
	} {
		if got := upload.Due(tc.sent, upload.Limits{MinRate: tc.minRate, Timeout: time.Hour}); got != tc.want {
			t.Errorf("%s: got %v, want %v", tc.name, got, tc.want)
		}
	}
}
