package validate_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/monitor/event"
	"github.com/gopalisade/palisade/problem"
	"github.com/gopalisade/palisade/validate"
)

// marker begins every value that a test would hate to see again.
const marker = "hunter2"

// maxAnswer bounds every refusal, whatever was sent.
const maxAnswer = 16 << 10

func mustNew[T any](t testing.TB, cfg validate.Config) *validate.Schema[T] {
	t.Helper()
	s, err := validate.New[T](cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// postJSON returns a JSON request; one with an empty body has none at all.
func postJSON(body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	return r
}

// getRequest returns a request without a body.
func getRequest(target string) *http.Request { return httptest.NewRequest(http.MethodGet, target, nil) }

// bind compiles T and binds a JSON body to it.
func bind[T any](t testing.TB, cfg validate.Config, body string) (T, error) {
	t.Helper()
	return mustNew[T](t, cfg).Bind(postJSON(body))
}

// faultsOf renders what is wrong as "in place code", joined by "; ": "body /a required; query page type". What is no
// refusal of the input is the word of the error, or its status.
func faultsOf(err error) string {
	if err == nil {
		return ""
	}
	e, ok := errors.AsType[*validate.Error](err)
	if !ok {
		return "no *Error"
	}
	if e.HTTPStatus() >= http.StatusInternalServerError {
		return "500"
	}
	parts := make([]string, 0, len(e.Fields))
	for _, f := range e.Fields {
		parts = append(parts, f.In+" "+f.Pointer+f.Name+" "+f.Code)
	}
	if len(parts) == 0 {
		return e.Word
	}
	return strings.Join(parts, "; ")
}

// answer is what a client, the log and the monitor get to see of one request.
type answer struct {
	status  int
	header  http.Header
	body    string
	problem problem.Problem
	events  []event.Event
}

// serve sends r through s.Wrap and keeps everything that comes out.
func serve[T any](t testing.TB, s *validate.Schema[T], r *http.Request) answer {
	t.Helper()
	var a answer
	rec := event.RecorderFunc(func(_ context.Context, e event.Event) { a.events = append(a.events, e) })
	r = r.WithContext(event.WithRecorder(r.Context(), rec))
	w := httptest.NewRecorder()
	s.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, ok := validate.From[T](r.Context()); !ok {
			t.Error("the handler ran without a value")
		}
		w.WriteHeader(http.StatusNoContent)
	})).ServeHTTP(w, r)
	a.status, a.header, a.body = w.Code, w.Header(), w.Body.String()
	if a.status == http.StatusNoContent {
		return a
	}
	if err := json.Unmarshal(w.Body.Bytes(), &a.problem); err != nil {
		t.Errorf("the answer is no JSON: %v", err)
	}
	return a
}

// refused asserts what is true of every refusal.
func refused(t testing.TB, a answer) {
	t.Helper()
	if got := a.header.Get("Content-Type"); got != problem.ContentType {
		t.Errorf("got Content-Type %q, want %q", got, problem.ContentType)
	}
	if len(a.body) >= maxAnswer {
		t.Errorf("the answer has %d bytes, want less than %d", len(a.body), maxAnswer)
	}
	if strings.Contains(a.body, marker) {
		t.Errorf("the answer repeats what was sent: %s", a.body)
	}
	for _, e := range a.events {
		if text := e.Reason + e.Object + e.LogValue().String() + e.Err.Error(); strings.Contains(text, marker) {
			t.Errorf("the event repeats what was sent: %s", text)
		}
		if e.Code != event.InputValidationFail || e.Reason != a.problem.Code || e.Count != int64(max(1, len(a.problem.Errors))) {
			t.Errorf("got event %s %s %d, want %s %s %d", e.Code, e.Reason, e.Count, event.InputValidationFail, a.problem.Code,
				len(a.problem.Errors))
		}
	}
	if want := map[bool]int{true: 1}[a.status < http.StatusInternalServerError]; len(a.events) != want {
		t.Errorf("got %d events, want %d", len(a.events), want)
	}
}

// places renders the errors of an answer as faultsOf does.
func places(p problem.Problem) string {
	parts := make([]string, 0, len(p.Errors))
	for _, f := range p.Errors {
		parts = append(parts, f.In+" "+f.Pointer+f.Name+" "+f.Code)
	}
	return strings.Join(parts, "; ")
}
