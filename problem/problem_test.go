package problem_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gopalisade/palisade/problem"
)

type withStatus int

func (withStatus) Error() string     { return "dsn=secret" }
func (s withStatus) HTTPStatus() int { return int(s) }

type withCode struct{ withStatus }

func (withCode) Code() string { return "own_code" }

type describing struct{}

func (describing) Error() string { return "dsn=secret" }

func (describing) Problem() problem.Problem {
	return problem.Problem{Status: 401, Code: "described", Challenges: []string{"A", "B"}, RetryAfter: 1500 * time.Millisecond}
}

func TestOf(t *testing.T) {
	for _, tc := range []struct {
		name   string
		err    error
		status int
		code   string
	}{
		{"nil", nil, 500, "internal_server_error"},
		{"unknown", errors.New("dsn=secret"), 500, "internal_server_error"},
		{"status", withStatus(404), 404, "not_found"},
		{"status and code", withCode{withStatus(409)}, 409, "own_code"},
		{"wrapped", fmt.Errorf("x: %w", withCode{withStatus(409)}), 409, "own_code"},
		{"joined", errors.Join(errors.New("x"), describing{}), 401, "described"},
		{"problem", &problem.Problem{Status: 418}, 418, "im_a_teapot"},
		{"nil problem", (*problem.Problem)(nil), 500, "internal_server_error"},
		{"success is no refusal", withStatus(200), 500, "internal_server_error"},
		{"redirect is no refusal", &problem.Problem{Status: 302, Detail: "x"}, 500, "internal_server_error"},
		{"status out of range", withStatus(1000), 500, "internal_server_error"},
		{"unassigned 4xx", withStatus(499), 499, "client_error"},
		{"unassigned 5xx", withStatus(599), 599, "server_error"},
		{"body too big", &http.MaxBytesError{Limit: 1}, 413, "request_entity_too_large"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if p := problem.Of(tc.err); p.Status != tc.status || p.Code != tc.code || p.Title == "" {
				t.Errorf("got %+v, want %d %s", p, tc.status, tc.code)
			}
			w := httptest.NewRecorder()
			problem.Write(w, httptest.NewRequest("GET", "/", nil), tc.err)
			var body map[string]any
			if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || body["code"] != tc.code || w.Code != tc.status {
				t.Errorf("got %d %s, %v", w.Code, w.Body, err)
			}
			h := w.Header()
			if h.Get("Content-Type") != "application/problem+json" || h.Get("X-Content-Type-Options") != "nosniff" ||
				h.Get("Cache-Control") != "no-store" || h.Get("Content-Length") != strconv.Itoa(w.Body.Len()) {
				t.Errorf("got %v", h)
			}
			if strings.Contains(w.Body.String(), "secret") {
				t.Errorf("the body leaks: %s", w.Body)
			}
		})
	}
}

func TestHeaders(t *testing.T) {
	for _, tc := range []struct {
		name       string
		err        error
		challenges string
		retry      string
	}{
		{"401 without a challenge", withStatus(401), "Bearer", ""},
		{"challenges and retry, rounded up", describing{}, "A|B", "2"},
		{"429", withStatus(429), "", "1"},
		{"503", withStatus(503), "", "5"},
		{"503 with a time", &problem.Problem{Status: 503, RetryAfter: time.Minute}, "", "60"},
		{"404", withStatus(404), "", ""},
	} {
		w := httptest.NewRecorder()
		problem.Write(w, httptest.NewRequest("GET", "/", nil), tc.err)
		if got := strings.Join(w.Header().Values("WWW-Authenticate"), "|"); got != tc.challenges || w.Header().Get("Retry-After") != tc.retry {
			t.Errorf("%s: got %q, %q; want %q, %q", tc.name, got, w.Header().Get("Retry-After"), tc.challenges, tc.retry)
		}
	}
}

func TestAbandonedResponse(t *testing.T) {
	w := httptest.NewRecorder()
	for _, name := range []string{"Content-Encoding", "ETag", "Last-Modified", "Content-Disposition", "Content-Range", "Accept-Ranges"} {
		w.Header().Set(name, "x")
	}
	w.Header().Set("Vary", "Origin")
	w.Header().Set("Cache-Control", "private")
	w.Header().Set("Content-Length", "12345")
	problem.Write(w, httptest.NewRequest("HEAD", "/", nil), withStatus(404))
	h := w.Header()
	if len(h) != 5 || h.Get("Vary") != "Origin" || h.Get("Cache-Control") != "private" || h.Get("Content-Length") == "12345" {
		t.Errorf("got %v", h)
	}
	if w.Body.Len() != 0 {
		t.Errorf("HEAD got a body: %s", w.Body)
	}
}

func TestFields(t *testing.T) {
	p := &problem.Problem{Status: 422, Code: "c", Truncated: true, Errors: []problem.Field{
		{In: "body", Pointer: problem.Pointer("a", "0"), Code: "max", Params: map[string]any{"max": 3}},
		{In: "query", Name: "limit", Code: "odd", Params: map[string]any{"f": func() {}}}, // JSON cannot hold it
	}}
	w := httptest.NewRecorder()
	problem.Write(w, httptest.NewRequest("GET", "/", nil), p)
	if want := `"errors":[{"in":"body","pointer":"/a/0","code":"max"},{"in":"query","name":"limit","code":"odd"}],"truncated":true`; !strings.Contains(w.Body.String(), want) {
		t.Errorf("got %s, want %s", w.Body, want)
	}
	if p.Errors[0].Params == nil {
		t.Error("the caller's problem was changed")
	}
	if p.HTTPStatus() != 422 || p.Error() == "" {
		t.Errorf("got %v", p)
	}
}

func TestHeaderOfAProblem(t *testing.T) {
	nonce := []string{"n"}
	shared := http.Header{"dpop-nonce": nonce} // not canonical, as somebody may write it
	w := httptest.NewRecorder()
	w.Header().Set("DPoP-Nonce", "old")
	problem.Write(w, httptest.NewRequest("GET", "/", nil), &problem.Problem{Status: 401, Header: shared})
	if got := w.Header().Values("DPoP-Nonce"); len(got) != 1 || got[0] != "n" {
		t.Errorf("got %v, want [n]", got)
	}
	w.Header()["Dpop-Nonce"][0] = "changed"
	if nonce[0] != "n" {
		t.Error("the answer shares the problem's header")
	}
}
