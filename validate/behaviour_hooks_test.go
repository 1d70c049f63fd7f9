package validate_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/validate"
)

type span struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// Validate refuses a span that ends before it begins, and misbehaves where a test asks for it.
func (s span) Validate(ctx context.Context) error {
	switch s.From {
	case -1:
		return errors.New("dial db: hunter2")
	case -2:
		panic("hunter2")
	case -3:
		return errors.Join(validate.Invalid("from", "odd"), validate.Invalid("", "whole"), validate.Invalid("nope", "elsewhere"))
	case -4:
		return errors.Join(validate.Invalid("from", "odd"), errors.New("dial db: hunter2"))
	case -5:
		return fmt.Errorf("wrapped: %w", validate.Invalid("to", "wrapped"))
	case -6:
		return ctx.Err()
	}
	if s.To < s.From {
		return validate.Invalid("to", "before_from")
	}
	return nil
}

type strictName struct {
	Name string `json:"name"`
	Seen int    `json:"-"`
}

// Validate has a pointer receiver, and may mend what it checks.
func (s *strictName) Validate(context.Context) error {
	s.Seen++
	if s.Name == "root" {
		return validate.Invalid("name", "reserved")
	}
	return nil
}

type hooked struct {
	Own   span                     `json:"own"`
	Ptr   *span                    `json:"ptr"`
	List  []span                   `json:"list"`
	Map   map[string]span          `json:"map"`
	Lists map[string][]*strictName `json:"lists"`
	Opt   validate.Opt[span]       `json:"opt"`
	Pair  [2]span                  `json:"pair" validate:"omitempty"`
	Names map[string]strictName    `json:"names"`
	Texts map[string]string        `json:"texts"`
	Limit int                      `query:"limit"`
}

func (h hooked) Validate(context.Context) error {
	if h.Limit == 13 {
		return validate.Invalid("limit", "unlucky")
	}
	return nil
}

func TestValidateMethods(t *testing.T) {
	bad := `{"from":2,"to":1}`
	for _, tc := range []struct{ name, query, body, want string }{
		{"well", "", `{"own":{"from":1,"to":2},"texts":{"a":"b"}}`, ""},
		{"nested", "", `{"own":` + bad + `}`, "body /own/to before_from"},
		{"pointer", "", `{"ptr":` + bad + `}`, "body /ptr/to before_from"},
		{"slice", "", `{"list":[{"from":1,"to":2},` + bad + `]}`, "body /list/1/to before_from"},
		{"array", "", `{"pair":[{"from":1,"to":2},` + bad + `]}`, "body /pair/1/to before_from"},
		{"map", "", `{"map":{"k":` + bad + `}}`, "body /map/k/to before_from"},
		{"map below a name that is not repeated", "", `{"map":{"hunter2 !":` + bad + `}}`, "body /map before_from"},
		{"lists in a map", "", `{"lists":{"k":[null,{"name":"root"}]}}`, "body /lists/k/1/name reserved"},
		{"Opt", "", `{"opt":` + bad + `}`, "body /opt/to before_from"},
		{"null Opt", "", `{"opt":null,"ptr":null}`, ""},
		{"outermost, at a query parameter", "limit=13", `{}`, "query limit unlucky"},
		{
			"from the inside out", "limit=13", `{"own":` + bad + `,"list":[` + bad + `]}`,
			"body /own/to before_from; body /list/0/to before_from; query limit unlucky",
		},
		{"joined", "", `{"own":{"from":-3}}`, "body /own/from odd; body /own whole; body /own elsewhere"},
		{"wrapped", "", `{"own":{"from":-5}}`, "body /own/to wrapped"},
		{"not before the tags hold", "", `{"own":{"from":"x"},"list":[` + bad + `]}`, "body /own/from type"},
		{"another error", "", `{"own":{"from":-1}}`, "500"},
		{"another error in a map", "", `{"map":{"k":{"from":-1}}}`, "500"},
		{"another error, joined", "", `{"own":{"from":-4}}`, "500"},
		{"panic", "", `{"own":{"from":-2}}`, "500"},
		{"panic in a list", "", `{"list":[{"from":-2}]}`, "500"},
		{"the context of the request", "", `{"own":{"from":-6}}`, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := mustNew[hooked](t, validate.Config{})
			r := postJSON(tc.body)
			r.URL.RawQuery = tc.query
			if _, err := s.Bind(r); faultsOf(err) != tc.want {
				t.Errorf("got %q, want %q", faultsOf(err), tc.want)
			}
			r = postJSON(tc.body)
			r.URL.RawQuery = tc.query
			if a := serve(t, s, r); tc.want == "500" && (a.status != 500 || strings.Contains(a.body, marker) || len(a.events) != 0) {
				t.Errorf("got %s, %s and %d events; want a plain 500 and none", a, a.body, len(a.events))
			}
		})
	}
}

// What a method changes is what the handler gets, in maps too.
func TestValidateMends(t *testing.T) {
	v, err := bind[hooked](t, validate.Config{}, `{"names":{"k":{"name":"ann"}},"lists":{"k":[{"name":"lee"}]}}`)
	if err != nil || v.Names["k"].Seen != 1 || v.Lists["k"][0].Seen != 1 {
		t.Errorf("got %+v and %v, want each seen once", v, err)
	}
}

func TestValidateCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := mustNew[span](t, validate.Config{}).Bind(postJSON(`{"from":-6}`).WithContext(ctx))
	if faultsOf(err) != "500" || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
}

func TestValidateErrorsCap(t *testing.T) {
	_,
		err := bind[hooked](t, validate.Config{Limits: validate.Limits{Errors: 2}}, `{"list":[`+
		strings.Repeat(`{"from":2,"to":1},`, 9)+`{}]}`)
	e, ok := errors.AsType[*validate.Error](err)
	if !ok || len(e.Fields) != 2 || !e.Truncated {
		t.Errorf("got %v, want two faults and the word that there are more", err)
	}
}

// grumpy types panic while they read.
type grumpyText struct{}

func (*grumpyText) UnmarshalText(b []byte) error {
	if len(b) > 0 {
		panic(string(b))
	}
	return nil
}

type grumpyJSON struct{ n int }

func (g *grumpyJSON) UnmarshalJSON(b []byte) error {
	switch string(b) {
	case `"panic"`:
		panic(string(b))
	case `"error"`:
		return errors.New("hunter2")
	}
	g.n = len(b)
	return nil
}

func TestGrumpyTypes(t *testing.T) {
	type input struct {
		Text grumpyText `json:"text"`
		JSON grumpyJSON `json:"json"`
		Age  int        `json:"age"`
	}
	for _, tc := range []struct{ name, body, want string }{
		{"well", `{"text":"","json":[1]}`, ""},
		{"text panics", `{"text":"hunter2"}`, "500"},
		{"text panics, and there are faults", `{"text":"hunter2","age":"x"}`, "500"},
		{"JSON panics", `{"json":"panic"}`, "500"},
		{"JSON refuses", `{"json":"error"}`, "body /json format"},
		{"JSON is cut", `{"json":[1`, "body /json syntax"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := bind[input](t, validate.Config{}, tc.body)
			if got := faultsOf(err); got != tc.want || err != nil && strings.Contains(err.Error(), marker) {
				t.Errorf("got %q (%v), want %q", got, err, tc.want)
			}
		})
	}
}
