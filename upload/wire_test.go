package upload_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gopalisade/palisade/upload"
	"github.com/gopalisade/palisade/upload/content"
	"github.com/gopalisade/palisade/upload/uploadtest"
)

// wire is a real server around a bench. It counts what handlers read, and says when one has begun to, and has returned.
type wire struct {
	*bench
	*httptest.Server
	read  atomic.Int64
	began chan struct{}
	done  chan struct{}
}

func newWire(t *testing.T, cfg upload.Config, change func(*http.Server)) *wire {
	t.Helper()
	w := &wire{bench: newBench(t, cfg), began: make(chan struct{}, 100), done: make(chan struct{}, 100)}
	w.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		defer func() { w.done <- struct{}{} }()
		r = r.WithContext(r.Context()) // the server looks at its own
		body, began := r.Body, sync.OnceFunc(func() { w.began <- struct{}{} })
		r.Body = &struct {
			io.Reader
			io.Closer
		}{readerFunc(func(p []byte) (int, error) {
			n, err := body.Read(p)
			w.read.Add(int64(n))
			began()
			return n, err
		}), body}
		w.bench.h.ServeHTTP(rw, r)
	}))
	if change != nil {
		change(w.Config)
	}
	w.Start()
	t.Cleanup(w.Close)
	return w
}

func (w *wire) addr() string { return w.Listener.Addr().String() }

// talk sends bytes over a connection of its own, and returns it with the reader of its answers.
func (w *wire) talk(head string) (net.Conn, *bufio.Reader) {
	w.t.Helper()
	conn, err := net.Dial("tcp", w.addr())
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.WriteString(conn, head); err != nil {
		w.t.Fatal(err)
	}
	return conn, bufio.NewReader(conn)
}

func head(length int, lines ...string) string {
	return fmt.Sprintf("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n%s\r\n\r\n", length, strings.Join(lines, "\r\n"))
}

const (
	formType = "Content-Type: multipart/form-data; boundary=B"
	expect   = "Expect: 100-continue"
)

// TestExpect: a client that asks first is told no before it sends anything.
func TestExpect(t *testing.T) {
	w := newWire(t, usual(), nil)
	body := filePart("a.txt", "text") + end
	for _, tc := range []struct {
		name string
		head string
		want int
	}{
		{"no form", head(len(body), "Content-Type: application/json", expect), 415},
		{"encoded", head(len(body), formType, "Content-Encoding: gzip", expect), 415},
		{"too long", head(1<<30, formType, expect), 413},
		{"welcome", head(len(body), formType, expect), 100},
	} {
		conn, answers := w.talk(tc.head)
		resp, err := http.ReadResponse(answers, nil)
		if err != nil || resp.StatusCode != tc.want {
			t.Fatalf("%s: got %v %v, want %d", tc.name, resp, err, tc.want)
		}
		if tc.want != 100 {
			if w.read.Load() != 0 {
				t.Errorf("%s: %d bytes were read", tc.name, w.read.Load())
			}
			continue
		}
		if _, err := io.WriteString(conn, body); err != nil {
			t.Fatal(err)
		}
		if resp, err := http.ReadResponse(answers, nil); err != nil || resp.StatusCode != 201 {
			t.Errorf("%s: got %v %v", tc.name, resp, err)
		}
	}
	if w.store.committed() != 1 {
		t.Errorf("got %d files", w.store.committed())
	}
}

// TestAborts: a client that leaves, wherever that is, leaves nothing behind.
func TestAborts(t *testing.T) {
	w := newWire(t, usual(), nil)
	f := uploadtest.Form{Parts: []uploadtest.Part{
		uploadtest.Value("title", "x"), uploadtest.File("files", "a.txt", bytes.Repeat([]byte("words "), 5000)), sample("b.png", content.PNG),
	}}
	length := int64(len(f.Bytes()))
	for _, at := range []int64{1, 100, 200, 400, length / 2, length - 200, length - 4} {
		r := f.Request("/")
		r.Body = uploadtest.Break(r.Body, at, nil)
		if _, err := uploadtest.Send(w.addr(), r, length); err == nil {
			t.Errorf("at %d: got an answer", at)
		}
		select {
		case <-w.done:
		case <-time.After(10 * time.Second):
			t.Fatalf("at %d: the handler waits for a client that has gone", at)
		}
	}
	if w.store.open() != 0 || w.store.committed() != 0 {
		t.Errorf("got %d open, %d committed", w.store.open(), w.store.committed())
	}
	resp, err := w.Client().Do(outgoing(f, w.URL))
	if err != nil || resp.StatusCode != 201 {
		t.Errorf("whole: got %v %v", resp, err)
	}
}

// TestReadBeforeRefusal: of a long file of a wrong type the guard reads its header and little more.
func TestReadBeforeRefusal(t *testing.T) {
	cfg := usual()
	cfg.Fields[0].MaxBytes = 16 << 20
	long := bytes.Repeat([]byte("MZ and so on. "), 1<<20)
	for _, tc := range []struct{ name, claim string }{
		{"a.exe", "application/octet-stream"}, {"a.png", "text/html"}, {"a.png", "image/png"}, {"a.svg", "image/svg+xml"},
	} {
		w := newWire(t, cfg, nil)
		f := uploadtest.Form{Parts: []uploadtest.Part{{
			Header: []string{`Content-Disposition: form-data; name="files"; filename="` + tc.name + `"`, "Content-Type: " + tc.claim},
			Body:   bytes.NewReader(long),
		}}}
		length := f.Request("/").ContentLength
		resp, err := uploadtest.Send(w.addr(), f.Request("/"), length)
		if err == nil && resp.StatusCode != 415 {
			t.Errorf("%s as %s: got %v %v", tc.name, tc.claim, resp, err)
		}
		<-w.done
		if n := w.read.Load(); n > 64<<10 || n == 0 {
			t.Errorf("%s as %s: %d bytes of %d were read", tc.name, tc.claim, n, length)
		}
	}
}

// TestBusyServer: what is beyond Limits.Concurrent is refused before its body, and told when to come back.
func TestBusyServer(t *testing.T) {
	cfg := usual()
	cfg.Limits.Concurrent = 2
	w := newWire(t, cfg, nil)
	body := filePart("a.txt", "text") + end
	half := len(body) / 2
	var waiting []net.Conn
	var answers []*bufio.Reader
	for range 2 {
		conn, answer := w.talk(head(len(body), formType) + body[:half])
		waiting, answers = append(waiting, conn), append(answers, answer)
		<-w.began
	}
	_, answer := w.talk(head(len(body), formType, expect))
	resp, err := http.ReadResponse(answer, nil)
	if err != nil || resp.StatusCode != 503 || resp.Header.Get("Retry-After") == "" {
		t.Fatalf("got %v %v, want 503 and when to come back", resp, err)
	}
	for i, conn := range waiting {
		if _, err := io.WriteString(conn, body[half:]); err != nil {
			t.Fatal(err)
		}
		if resp, err := http.ReadResponse(answers[i], nil); err != nil || resp.StatusCode != 201 {
			t.Errorf("got %v %v, want 201", resp, err)
		}
	}
	if resp, err := w.Client().Do(outgoing(uploadtest.Form{Parts: []uploadtest.Part{sample("a.png", content.PNG)}}, w.URL)); err != nil ||
		resp.StatusCode != 201 {
		t.Errorf("later: got %v %v", resp, err)
	}
}

// TestReadTimeout: what the server allows for a request holds, where it is stricter.
func TestReadTimeout(t *testing.T) {
	w := newWire(t, usual(), func(s *http.Server) { s.ReadTimeout = 300 * time.Millisecond })
	body := filePart("a.txt", "text") + end
	begin := time.Now()
	_, answer := w.talk(head(len(body), formType) + body[:len(body)/2])
	resp, err := http.ReadResponse(answer, nil)
	if err != nil || resp.StatusCode != 408 || time.Since(begin) > 5*time.Second {
		t.Errorf("got %v %v after %v, want 408 at once", resp, err, time.Since(begin))
	}
	<-w.done
	if w.store.open() != 0 || w.store.committed() != 0 {
		t.Error("something is left")
	}
}

// TestConnectionGoesOn: after a form, kept or refused, the next comes over the same connection.
func TestConnectionGoesOn(t *testing.T) {
	w := newWire(t, usual(), nil)
	for i, name := range []string{"a.png", "b.exe", "c.png", "d.png"} {
		r := outgoing(uploadtest.Form{Parts: []uploadtest.Part{sample(name, content.PNG)}}, w.URL)
		reused := false
		trace := &httptrace.ClientTrace{GotConn: func(c httptrace.GotConnInfo) { reused = c.Reused }}
		resp, err := w.Client().Do(r.WithContext(httptrace.WithClientTrace(r.Context(), trace)))
		if err != nil || (resp.StatusCode == 201) != strings.HasSuffix(name, ".png") || reused != (i > 0) {
			t.Fatalf("%s: got %v, %v, reused %v", name, resp, err, reused)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
	}
	if w.store.committed() != 3 {
		t.Errorf("got %d files, want 3", w.store.committed())
	}
}

// TestHandlerOutlivesTimeout: the limit is the form's, and the handler behind it takes its time.
func TestHandlerOutlivesTimeout(t *testing.T) {
	cfg := usual()
	cfg.Limits.Timeout = 200 * time.Millisecond
	w := newWire(t, cfg, nil)
	w.handled = func(b *upload.Batch, r *http.Request) error {
		select {
		case <-r.Context().Done():
		case <-time.After(400 * time.Millisecond):
		}
		_, err := b.Commit(r.Context())
		return err
	}
	resp, err := w.Client().Do(outgoing(uploadtest.Form{Parts: []uploadtest.Part{sample("a.png", content.PNG)}}, w.URL))
	if err != nil || resp.StatusCode != 201 || w.store.committed() != 1 {
		t.Errorf("got %v %v", resp, err)
	}
}
