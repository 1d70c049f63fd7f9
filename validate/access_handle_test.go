package validate_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/problem"
	"github.com/gopalisade/palisade/validate"
)

func TestHandle(t *testing.T) {
	s := mustNew[line](t, validate.Config{Can: can(t)})
	plain := func(_ context.Context, in line) (noteView, error) {
		switch in.Qty {
		case 2:
			return noteView{}, errors.New("dial db: hunter2")
		case 3:
			return noteView{Text: "hunter2"}, &problem.Problem{Status: http.StatusConflict, Code: "taken"}
		}
		return noteView{in.SKU, "hunter2"}, nil
	}
	response := func(_ context.Context, in line) (validate.Response[*noteView], error) {
		out := validate.Response[*noteView]{Header: http.Header{
			"location":     {"/lines/1"},
			"Content-Type": {"application/vnd.line+json"},
		}}
		if in.Qty > 1 {
			out.Status, out.Body = http.StatusCreated, &noteView{in.SKU, "hunter2"}
		}
		return out, nil
	}
	nothing := func(context.Context, line) (struct{}, error) { return struct{}{}, nil }
	moved := func(context.Context, line) (validate.Response[struct{}], error) {
		return validate.Response[struct{}]{Status: http.StatusSeeOther, Header: http.Header{"Location": {"/"}}}, nil
	}
	done := func(context.Context, line) (validate.Response[struct{}], error) {
		return validate.Response[struct{}]{}, nil
	}
	broken := func(context.Context, line) (grumpyOut, error) { return grumpyOut{}, nil }
	for _, tc := range []struct {
		name    string
		handler http.Handler
		role    string
		qty     string
		status  int
		body    string // or a part of it, where it is a problem
	}{
		{"plain", validate.MustHandle(s, plain), "", "1", 200, `{"text":"a"}`},
		{"plain, to an admin", validate.MustHandle(s, plain), "admin", "1", 200, `{"text":"a","mark":"hunter2"}`},
		{"unknown error", validate.MustHandle(s, plain), "", "2", 500, `"internal_server_error"`},
		{"known error", validate.MustHandle(s, plain), "", "3", 409, `"taken"`},
		{"refused", validate.MustHandle(s, plain), "", "0", 422, `"/qty"`},
		{"response", validate.MustHandle(s, response), "", "2", 201, `{"text":"a"}`},
		{"response of nil", validate.MustHandle(s, response), "", "1", 200, `null`},
		{"nothing", validate.MustHandle(s, nothing), "", "1", 204, ``},
		{"moved", validate.MustHandle(s, moved), "", "1", 303, ``},
		{"done", validate.MustHandle(s, done), "", "1", 204, ``},
		{"cannot be written", validate.MustHandle(s, broken), "", "1", 500, `"internal_server_error"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			r := postJSON(`{"sku":"a","qty":` + tc.qty + `}`)
			tc.handler.ServeHTTP(w, r.WithContext(roleContext(r.Context(), tc.role)))
			got := strings.TrimSpace(w.Body.String())
			if w.Code != tc.status || tc.status < 400 && got != tc.body || !strings.Contains(got, tc.body) {
				t.Errorf("got %d %s, want %d %s", w.Code, got, tc.status, tc.body)
			}
			if tc.role == "" && strings.Contains(got, marker) {
				t.Errorf("the answer tells too much: %s", got)
			}
			switch tc.status {
			case 201:
				if h := w.Header(); h.Get("Location") != "/lines/1" || h.Get("Content-Type") != "application/vnd.line+json" {
					t.Errorf("got the header %v", h)
				}
			case 303:
				if w.Header().Get("Location") != "/" {
					t.Errorf("got the header %v", w.Header())
				}
			}
		})
	}
}

// A handler's error goes through Deny, as a refusal does.
func TestHandleDeny(t *testing.T) {
	cause := errors.New("dial db")
	var seen []error
	s := mustNew[line](t, validate.Config{Deny: func(w http.ResponseWriter, r *http.Request, err error) {
		seen = append(seen, err)
		problem.Write(w, r, err)
	}})
	h := validate.MustHandle(s, func(context.Context, line) (struct{}, error) { return struct{}{}, cause })
	h.ServeHTTP(httptest.NewRecorder(), postJSON(`{"sku":"a","qty":1}`))
	h.ServeHTTP(httptest.NewRecorder(), postJSON(`{}`))
	if len(seen) != 2 || !errors.Is(seen[0], cause) || !errors.Is(seen[1], validate.ErrInvalid) {
		t.Errorf("got %v, want the cause and a refusal", seen)
	}
}
