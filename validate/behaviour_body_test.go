package validate_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/gopalisade/palisade/validate"
)

// TestBodies is about how a body arrives.
func TestBodies(t *testing.T) {
	good := `{"sku":"a","qty":1}`
	large := validate.Config{Limits: validate.Limits{Body: 10}}
	for _, tc := range []struct {
		name   string
		cfg    validate.Config
		body   io.Reader
		length int64
		want   string
	}{
		{"known length", validate.Config{}, strings.NewReader(good), int64(len(good)), ""},
		{"chunked", validate.Config{}, strings.NewReader(good), -1, ""},
		{"byte by byte", validate.Config{}, iotest.OneByteReader(strings.NewReader(good)), -1, ""},
		{"end beside the last bytes", validate.Config{}, iotest.DataErrReader(strings.NewReader(good)), -1, ""},
		{"chunked and long", validate.Config{}, strings.NewReader(good + strings.Repeat(" ", 300<<10)), -1, ""},
		{"chunked and empty", validate.Config{}, strings.NewReader(""), -1, "body_required"},
		{
			"chunked, empty and optional",
			validate.Config{OptionalBody: true},
			strings.NewReader(""), -1,
			"body /sku required; body /qty required",
		},
		{"claims to be too long", large, failing{}, 11, "body_too_large"},
		{"is too long", large, strings.NewReader(good), -1, "body_too_large"},
		{"claims to be short", validate.Config{}, strings.NewReader(good), 1, ""},
		{"claims to be long", validate.Config{}, strings.NewReader(good), 1 << 20, ""},
		{
			"ends early",
			validate.Config{},
			iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader(good))), -1,
			"body_incomplete",
		},
		{
			"breaks",
			validate.Config{},
			io.MultiReader(strings.NewReader(`{"sku":`), iotest.ErrReader(io.ErrUnexpectedEOF)),
			-1, "body_incomplete",
		},
		{
			"another limit",
			validate.Config{},
			http.MaxBytesReader(nil, io.NopCloser(strings.NewReader(good)), 5), -1,
			"body_too_large",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodPost, "/", tc.body)
			r.ContentLength = tc.length
			r.Header.Set("Content-Type", "application/json")
			if err := mustNew[line](t, tc.cfg).Check(r); faultsOf(err) != tc.want {
				t.Errorf("got %q (%v), want %q", faultsOf(err), err, tc.want)
			}
		})
	}
	for name, body := range map[string]io.ReadCloser{"nil": nil, "none": http.NoBody} {
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r.Body, r.ContentLength = body, -1
		if err := mustNew[line](t, validate.Config{}).Check(r); faultsOf(err) != "body_required" {
			t.Errorf("%s: got %v, want body_required", name, err)
		}
		if err := mustNew[empty](t, validate.Config{}).Check(r); err != nil {
			t.Errorf("%s: got %v, want nil", name, err)
		}
	}
	r := httptest.NewRequest(http.MethodPost, "/", io.MultiReader())
	r.ContentLength = -1
	if err := mustNew[empty](t, validate.Config{}).Check(r); err != nil {
		t.Errorf("a chunked body of nothing: got %v, want nil", err)
	}
}

// failing is a body that must not be read.
type failing struct{}

func (failing) Read([]byte) (int, error) { panic("the body was read") }

// drip sends a request whose body never ends, byte by byte, and returns the status of the answer.
func drip(t *testing.T, addr, body string) (status int, code string) {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	stop := make(chan struct{})
	done := make(chan struct{})
	_,
		_ = fmt.Fprintf(conn,
		"POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n%s", body)
	go func() {
		defer close(done)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				if _, err := conn.Write([]byte(" ")); err != nil {
					return
				}
			}
		}
	}()
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	close(stop)
	<-done
	if err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if strings.Contains(string(text), "body_incomplete") {
		code = "body_incomplete"
	}
	return res.StatusCode, code
}

func TestBodyTimeout(t *testing.T) {
	quick := validate.Config{BodyTimeout: 40 * time.Millisecond}
	wrapped := mustNew[line](t, quick).Wrap(http.NotFoundHandler())
	handled := validate.MustHandle(mustNew[line](t, quick), func(context.Context, line) (empty, error) { return empty{}, nil })
	for name, h := range map[string]http.Handler{"Wrap": wrapped, "Handle": handled} {
		server := httptest.NewServer(h)
		if status,
			code := drip(t, server.Listener.Addr().String(), `{"sku":"hunter2`); status != http.StatusRequestTimeout ||
			code != "body_incomplete" {
			t.Errorf("%s: got %d %s, want 408 body_incomplete", name, status, code)
		}
		server.Close()
	}
}

// The deadline is the body's: a handler that takes longer than it still answers, and the connection serves on.
func TestBodyTimeoutIsLifted(t *testing.T) {
	h := mustNew[line](t,
		validate.Config{BodyTimeout: 30 * time.Millisecond}).Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
			t.Error("the request ended before its handler")
		case <-time.After(60 * time.Millisecond):
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	server := httptest.NewServer(h)
	defer server.Close()
	for range 2 {
		res, err := server.Client().Post(server.URL, "application/json", strings.NewReader(`{"sku":"a","qty":1}`))
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusNoContent {
			t.Errorf("got %d, want 204", res.StatusCode)
		}
	}
}

// A negative timeout, and Bind, leave the deadline to the server.
func TestBodyTimeoutOff(t *testing.T) {
	for _, tc := range []struct {
		name    string
		timeout time.Duration
		sets    int
	}{{"usual", 0, 2}, {"off", -1, 0}} {
		t.Run(tc.name, func(t *testing.T) {
			w := &deadlines{ResponseWriter: httptest.NewRecorder()}
			s := mustNew[line](t, validate.Config{BodyTimeout: tc.timeout})
			s.Wrap(http.NotFoundHandler()).ServeHTTP(w, postJSON(`{"sku":"a","qty":1}`))
			if len(w.set) != tc.sets {
				t.Fatalf("got %d deadlines, want %d", len(w.set), tc.sets)
			}
			if tc.sets > 0 && (time.Until(w.set[0]) < 9*time.Second || !w.set[1].IsZero()) {
				t.Errorf("got %v, want ten seconds from now, then none", w.set)
			}
		})
	}
}

// deadlines records the read deadlines that are asked for.
type deadlines struct {
	http.ResponseWriter
	set []time.Time
}

func (d *deadlines) SetReadDeadline(at time.Time) error {
	d.set = append(d.set, at)
	return nil
}

func TestUnreadIsTold(t *testing.T) {
	cause := errors.New("malformed trailer: hunter2") // net/http quotes what was sent
	r := httptest.NewRequest(http.MethodPost, "/", iotest.ErrReader(cause))
	r.Header.Set("Content-Type", "application/json")
	err := mustNew[line](t, validate.Config{}).Check(r)
	if !errors.Is(err, cause) || !errors.Is(err, validate.ErrMalformed) || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v, want the cause in it, and not its text", err)
	}
}
