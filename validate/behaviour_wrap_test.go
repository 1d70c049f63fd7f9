package validate_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/gopalisade/palisade/monitor/event"
	"github.com/gopalisade/palisade/problem"
	"github.com/gopalisade/palisade/validate"
)

func TestFrom(t *testing.T) {
	if v, ok := validate.From[span](t.Context()); ok || v != (span{}) {
		t.Errorf("got %v without a middleware, want nothing", v)
	}
	inner, outer := mustNew[itemPath](t, validate.Config{ForeignBody: true}), mustNew[span](t, validate.Config{})
	type key struct{}
	ran := false
	h := outer.Wrap(inner.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		ran = true
		s, ok := validate.From[span](r.Context())
		p, okP := validate.From[itemPath](r.Context())
		if !ok || !okP || s.To != 3 || p.ID != "x" {
			t.Errorf("got %v and %v, want both values", s, p)
		}
		if _, ok := validate.From[line](r.Context()); ok {
			t.Error("got a value that nobody bound")
		}
		if r.Context().Value(key{}) != "kept" {
			t.Error("the context lost what was in it")
		}
		if rest, err := io.ReadAll(r.Body); len(rest) != 0 || err != nil {
			t.Errorf("got the body %q and %v, want it empty", rest, err)
		}
	})))
	r := postJSON(`{"to":3}`)
	r.SetPathValue("id", "x")
	h.ServeHTTP(httptest.NewRecorder(), r.WithContext(context.WithValue(r.Context(), key{}, "kept")))
	if !ran {
		t.Error("the handler did not run")
	}
}

func TestForeignBodyIsLeftAlone(t *testing.T) {
	s := mustNew[listing](t, validate.Config{ForeignBody: true})
	r := postJSON(`not json`)
	if _, err := s.Bind(r); err != nil {
		t.Fatal(err)
	}
	if rest, _ := io.ReadAll(r.Body); string(rest) != `not json` {
		t.Errorf("got the body %q, want it unread", rest)
	}
}

func TestCheck(t *testing.T) {
	s := mustNew[line](t, validate.Config{})
	if err := s.Check(postJSON(`{"sku":"a","qty":1}`)); err != nil {
		t.Errorf("got %v, want nil", err)
	}
	err := s.Check(postJSON(`{"sku":"a"}`))
	if !errors.Is(err, validate.ErrInvalid) || faultsOf(err) != "body /qty required" {
		t.Errorf("got %v, want a missing qty", err)
	}
}

// A refused request leaves no half of its input behind.
func TestRefusedIsZero(t *testing.T) {
	if v, err := bind[line](t, validate.Config{}, `{"sku":"a","qty":0}`); err == nil || v != (line{}) {
		t.Errorf("got %+v and %v, want nothing and an error", v, err)
	}
}

func TestKinds(t *testing.T) {
	for _, tc := range []struct {
		name   string
		kind   error
		status int
		do     func() error
	}{
		{"malformed", validate.ErrMalformed, 400, func() error { _, err := bind[line](t, validate.Config{}, `{`); return err }},
		{"large", validate.ErrTooLarge, 413, func() error {
			_, err := bind[line](t, validate.Config{Limits: validate.Limits{Body: 1}}, `{}`)
			return err
		}},
		{"type", validate.ErrMediaType, 415, func() error {
			r := postJSON(`{}`)
			r.Header.Set("Content-Type", "text/plain")
			return mustNew[line](t, validate.Config{}).Check(r)
		}},
		{"invalid", validate.ErrInvalid, 422, func() error { _, err := bind[line](t, validate.Config{}, `{}`); return err }},
		{"route", validate.ErrRoute, 500, func() error { return mustNew[itemPath](t, validate.Config{}).Check(getRequest("/")) }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			err := tc.do()
			e, ok := errors.AsType[*validate.Error](err)
			if !ok || !errors.Is(err, tc.kind) || e.HTTPStatus() != tc.status {
				t.Fatalf("got %v, want %v and %d", err, tc.kind, tc.status)
			}
			if p := e.Problem(); p.Status != tc.status || tc.status < 500 && p.Code != e.Code() {
				t.Errorf("got the problem %d %s, want %d %s", p.Status, p.Code, tc.status, e.Code())
			}
		})
	}
}

// The text of an error is for the log: places and codes, in the order of the request.
func TestErrorText(t *testing.T) {
	r := postJSON(`{"items":[{"sku":"hunter2hunter2"}],"x":1}`)
	r.URL.RawQuery = "y=hunter2"
	err := mustNew[account](t, validate.Config{Limits: validate.Limits{Errors: 3}}).Check(r)
	want := "validate: invalid_input: query y unknown; body /items/0/sku max; body /items/0/qty required; …"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestDeny(t *testing.T) {
	var seen error
	s := mustNew[line](t, validate.Config{Deny: func(w http.ResponseWriter, r *http.Request, err error) {
		seen = err
		problem.Write(w, r, &problem.Problem{Status: http.StatusTeapot})
	}})
	a := serve(t, s, postJSON(`{}`))
	if a.status != http.StatusTeapot || !errors.Is(seen, validate.ErrInvalid) {
		t.Errorf("got %d and %v, want 418 and the refusal", a.status, seen)
	}
	if got := a.header.Get("Vary"); got != "" {
		t.Errorf("got Vary %q, want none where there is one language", got)
	}
}

// TestConcurrent keeps what many requests were given, and looks at it again when all are done.
func TestConcurrent(t *testing.T) {
	type input struct {
		Name  string            `json:"name" validate:"max=100"`
		Esc   string            `json:"esc"`
		List  []string          `json:"list"`
		Map   map[string]string `json:"map"`
		Raw   rawText           `json:"raw"`
		Blob  []byte            `json:"blob"`
		Query string            `query:"q"`
		Head  string            `header:"X-H"`
		Inner *branch           `json:"inner"`
	}
	s := mustNew[input](t, validate.Config{})
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			kept := make([]input, 0, 100)
			for i := range 100 {
				id := fmt.Sprintf("%d-%04d", worker, i)
				r := postJSON(fmt.Sprintf(`{"name":"%[1]s","esc":"\u0061%[1]s","list":["%[1]s","\u0062"],"map":{"%[1]s":"%[1]s"},`+
					`"raw":{"v":"%[1]s"},"blob":"QUJD","inner":{"left":{"label":"x"}}}`, id))
				r.URL.RawQuery = "q=%61" + id
				r.Header.Set("X-H", id)
				v, err := s.Bind(r)
				if err != nil {
					t.Errorf("%s: %v", id, err)
					return
				}
				kept = append(kept, v)
				if i%3 == 0 { // and refusals between them
					if err := s.Check(postJSON(`{"name":"` + strings.Repeat("x",
						200) + `","raw":{"v":"y"}}`)); faultsOf(err) != "body /name max" {
						t.Errorf("got %v, want a long name", err)
					}
				}
			}
			for i, v := range kept {
				id := fmt.Sprintf("%d-%04d", worker, i)
				got := fmt.Sprint(v.Name, v.Esc, v.List, v.Map, string(v.Raw), string(v.Blob), v.Query, v.Head, v.Inner.Left.Label)
				want := fmt.Sprint(id, "a"+id, []string{id, "b"}, map[string]string{id: id}, `{"v":"`+id+`"}`, "ABC", "a"+id, id, "x")
				if got != want {
					t.Errorf("got  %s\nwant %s", got, want)
				}
			}
		})
	}
	wg.Wait()
}

// rawText keeps the very bytes that it is given, which it may not do under encoding/json.
type rawText []byte

func (r *rawText) UnmarshalJSON(b []byte) error {
	*r = b
	return nil
}

func TestDecode(t *testing.T) {
	languages, err := validate.NewCatalog("en", map[string]validate.Messages{"de": nil})
	if err != nil {
		t.Fatal(err)
	}
	s := mustNew[hooked](t, validate.Config{Limits: validate.Limits{Body: 100, Depth: 4}, Messages: languages})
	for _, tc := range []struct{ name, body, want string }{
		{"well", `{"own":{"from":1,"to":2}}`, ""},
		{"nothing", ``, "body  syntax"},
		{"trailing", `{} {}`, "body  syntax"},
		{"unknown", `{"x":"hunter2"}`, "body /x unknown"},
		{"a parameter is no member", `{"limit":13}`, "body /limit unknown"},
		{"method", `{"own":{"from":2,"to":1}}`, "body /own/to before_from"},
		{"method fails", `{"own":{"from":-1}}`, "500"},
		{"deep", `{"x":[[[[]]]]}`, "body  limit"},
		{"large", `{}` + strings.Repeat(" ", 100), "body_too_large"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var events int
			ctx := event.WithRecorder(t.Context(), event.RecorderFunc(func(context.Context, event.Event) { events++ }))
			body := []byte(tc.body)
			v, err := s.Decode(ctx, body)
			if faultsOf(err) != tc.want {
				t.Errorf("got %q, want %q", faultsOf(err), tc.want)
			}
			if want := map[bool]int{true: 1}[err != nil && tc.want != "500"]; events != want {
				t.Errorf("got %d events, want %d", events, want)
			}
			if string(body) != tc.body {
				t.Error("the caller's bytes were changed")
			}
			if err == nil && v.Own.To != 2 {
				t.Errorf("got %+v", v)
			}
		})
	}
}
