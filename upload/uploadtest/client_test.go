package uploadtest_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/gopalisade/palisade/upload/content"
	"github.com/gopalisade/palisade/upload/uploadtest"
)

func TestDrip(t *testing.T) {
	for _, tc := range []struct {
		name string
		n    int
		want time.Duration
	}{
		{"one byte", 1, 11 * time.Second}, // the end takes a tick too
		{"none is one", 0, 11 * time.Second},
		{"four bytes", 4, 4 * time.Second},
		{"all at once", 100, 2 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			begin := time.Now()
			got, err := io.ReadAll(uploadtest.Drip(strings.NewReader("0123456789"), tc.n, time.Second))
			if took := time.Since(begin); string(got) != "0123456789" || err != nil || took != tc.want {
				t.Errorf("%s: got %q, %v in %v, want %v", tc.name, got, err, took, tc.want)
			}
		})
	}
}

func TestBreak(t *testing.T) {
	own := errors.New("own")
	for _, tc := range []struct {
		name    string
		n       int64
		err     error
		want    string
		wantErr error
	}{
		{"in the middle", 4, nil, "0123", io.ErrUnexpectedEOF},
		{"at once", 0, own, "", own},
		{"behind the end", 100, own, "0123456789", own},
		{"before the beginning", -1, own, "", own},
	} {
		got, err := io.ReadAll(uploadtest.Break(strings.NewReader("0123456789"), tc.n, tc.err))
		if string(got) != tc.want || err != tc.wantErr {
			t.Errorf("%s: got %q, %v; want %q, %v", tc.name, got, err, tc.want, tc.wantErr)
		}
	}
	failing := iotest.ErrReader(errors.New("other"))
	if _, err := io.ReadAll(uploadtest.Break(failing, 10, own)); err != own {
		t.Errorf("got %v, want the error that was asked for", err)
	}
}

type closer struct {
	io.Reader
	closed int
}

func (c *closer) Close() error {
	c.closed++
	return errors.New("closed")
}

func TestClientsCloseWhatTheyRead(t *testing.T) {
	c := &closer{Reader: strings.NewReader("")}
	for i, r := range []io.Closer{uploadtest.Drip(c, 1, 0), uploadtest.Break(c, 1, nil)} {
		if err := r.Close(); err == nil || c.closed != i+1 {
			t.Errorf("got %v, and %d times closed", err, c.closed)
		}
	}
	if err := uploadtest.Break(strings.NewReader(""), 1, nil).Close(); err != nil {
		t.Errorf("nothing to close: got %v", err)
	}
}

// server answers with what it saw of the body.
func server(t *testing.T) (addr string, errs chan error) {
	errs = make(chan error, 10)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/early" {
			w.WriteHeader(http.StatusUnsupportedMediaType)
			return
		}
		if r.URL.Path == "/hangup" {
			panic(http.ErrAbortHandler)
		}
		body, err := io.ReadAll(r.Body)
		errs <- err
		w.Header().Set("X-Own", r.Header.Get("X-Own"))
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
		}
		_, _ = w.Write(body)
	}))
	t.Cleanup(srv.Close)
	return srv.Listener.Addr().String(), errs
}

func post(target, body string) *http.Request {
	return httptest.NewRequest(http.MethodPost, target, strings.NewReader(body))
}

func TestSend(t *testing.T) {
	addr, errs := server(t)
	for _, tc := range []struct {
		name       string
		body       string
		length     int64
		wantStatus int
		wantBody   string
		wantErr    error
	}{
		{"the truth", "0123456789", 10, 200, "0123456789", nil},
		{"more than there is", "0123456789", 11, 400, "0123456789", io.ErrUnexpectedEOF},
		{"much more than there is", "0123456789", 1 << 40, 400, "0123456789", io.ErrUnexpectedEOF},
		{"less than there is", "0123456789", 4, 200, "0123", nil},
		{"nothing", "", 0, 200, "", nil},
	} {
		r := post("/x?y=1", tc.body)
		r.Header.Set("X-Own", "own")
		resp, err := uploadtest.Send(addr, r, tc.length)
		if err != nil {
			t.Errorf("%s: got %v", tc.name, err)
			continue
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != tc.wantStatus || string(body) != tc.wantBody || resp.Header.Get("X-Own") != "own" {
			t.Errorf("%s: got %d, %q, %v", tc.name, resp.StatusCode, body, err)
		}
		if err := <-errs; err != tc.wantErr {
			t.Errorf("%s: the handler got %v, want %v", tc.name, err, tc.wantErr)
		}
	}
	// Without a body: a server that leaves some unread may lose its answer with the connection.
	if resp, err := uploadtest.Send(addr, post("/x", ""), -1); err != nil || resp.StatusCode != http.StatusBadRequest {
		t.Errorf("no length at all: got %v, %v, want 400 of the server", resp, err)
	}
}

func TestSendIsAnsweredEarly(t *testing.T) {
	addr, _ := server(t)
	endless := httptest.NewRequest(http.MethodPost, "/early", io.MultiReader(strings.NewReader(strings.Repeat("x", 64<<20))))
	resp, err := uploadtest.Send(addr, endless, 64<<20)
	if err != nil || resp.StatusCode != http.StatusUnsupportedMediaType {
		t.Errorf("got %v, %v; want the answer before the end of the body", resp, err)
	}
}

func TestSendWithoutAnAnswer(t *testing.T) {
	addr, errs := server(t)
	own := errors.New("own")
	r := post("/x", "0123456789")
	r.Body = uploadtest.Break(r.Body, 4, own)
	if resp, err := uploadtest.Send(addr, r, 10); err != own || resp != nil {
		t.Errorf("a client that leaves: got %v, %v; want its own error", resp, err)
	}
	if err := <-errs; err == nil {
		t.Error("the handler did not see the client leave")
	}
	if _, err := uploadtest.Send(addr, post("/hangup", "x"), 1); err == nil || !strings.Contains(err.Error(), "no answer") {
		t.Errorf("a server that hangs up: got %v", err)
	}
	if _, err := uploadtest.Send("127.0.0.1:0", post("/", "x"), 1); err == nil {
		t.Error("no server: got an answer")
	}
}

// TestDripIsTooSlow is the example of Drip, run.
func TestDripIsTooSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, stored := photos(&uploadtest.FakeScanner{})
		photo := uploadtest.File("photo", "a.png", uploadtest.Sample(content.PNG))
		r := uploadtest.Form{Parts: []uploadtest.Part{photo}}.Request("/photos")
		r.Body = uploadtest.Drip(r.Body, 1, time.Second)
		begin := time.Now()
		status, _ := send(h, r)
		if took := time.Since(begin); status != http.StatusRequestTimeout || stored.Load() != 0 || took > 20*time.Second {
			t.Errorf("got %d after %v with %d files stored", status, took, stored.Load())
		}
	})
}

// TestExampleAttack is the example of Attack, run.
func TestExampleAttack(t *testing.T) {
	h, stored := photos(&uploadtest.FakeScanner{})
	uploadtest.Attack(t, h, uploadtest.Target{
		Field: "photo", Types: []content.Type{content.PNG, content.JPEG}, MaxBytes: 1 << 20,
		Stored: func() int { return int(stored.Load()) },
	})
}
