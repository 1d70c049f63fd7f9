package validate_test

import (
	stdjson "encoding/json"
	"errors"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/crypto/secret"
	"github.com/gopalisade/palisade/validate"
)

func same(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Small inputs at the edges of what the tables cover.
func TestEdges(t *testing.T) {
	t.Run("Wrap leaves a foreign body", func(t *testing.T) {
		s := mustNew[itemPath](t, validate.Config{ForeignBody: true})
		r := postJSON("upload")
		r.SetPathValue("id", "x")
		got := ""
		s.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			b, _ := io.ReadAll(r.Body)
			got = string(b)
		})).ServeHTTP(httptest.NewRecorder(), r)
		same(t, got, "upload")
	})
	t.Run("an error that joins none is one", func(t *testing.T) {
		_, err := bind[openHook](t, validate.Config{}, `{"a":"x"}`)
		same(t, faultsOf(err), "500")
	})
	t.Run("hook in array in map", func(t *testing.T) {
		_, err := bind[struct {
			M map[string][1]inner `json:"m"`
		}](t, validate.Config{}, `{"m":{"k":[{"a":"x"}]}}`)
		same(t, faultsOf(err), "body /m/k/0/a bad")
	})
	t.Run("omitempty skips gtfield", func(t *testing.T) {
		_, err := bind[struct {
			A int `json:"a"`
			B int `json:"b" validate:"omitempty,gtfield=A"`
		}](t, validate.Config{}, `{"a":5}`)
		same(t, faultsOf(err), "")
	})
	t.Run("defaults are not shared", func(t *testing.T) {
		s := mustNew[struct {
			N big.Int `json:"n" default:"5"`
			B fBag    `json:"b" default:"x"`
		}](t, validate.Config{})
		a, _ := s.Bind(postJSON(`{}`))
		a.N.Add(&a.N, big.NewInt(1))
		a.B.m["y"] = true
		b, _ := s.Bind(postJSON(`{}`))
		same(t, b.N.String(), "5")
		if len(b.B.m) != 1 {
			t.Error("map shared")
		}
	})
	t.Run("float32 precision", func(t *testing.T) {
		_, err := bind[struct {
			A float32 `json:"a"`
		}](t, validate.Config{}, `{"a":16777217}`)
		same(t, faultsOf(err), "body /a precision")
	})
	t.Run("float precision at the edge", func(t *testing.T) {
		_, err := bind[struct {
			A float64 `json:"a"`
		}](t, validate.Config{}, `{"a":9007199254740993}`)
		same(t, faultsOf(err), "body /a precision")
	})
	t.Run("required raw null", func(t *testing.T) {
		_, err := bind[struct {
			A stdjson.RawMessage `json:"a" validate:"required"`
		}](t, validate.Config{}, `{"a":null}`)
		same(t, faultsOf(err), "body /a required")
	})
	t.Run("raw string limit", func(t *testing.T) {
		_, err := bind[struct {
			A stdjson.RawMessage `json:"a"`
		}](t, validate.Config{Limits: validate.Limits{String: 10}}, `{"a":["`+strings.Repeat("x", 11)+`"]}`)
		same(t, faultsOf(err), "body /a limit")
	})
	t.Run("raw number limit", func(t *testing.T) {
		_, err := bind[struct {
			A stdjson.RawMessage `json:"a"`
		}](t, validate.Config{}, `{"a":`+strings.Repeat("1", 100)+`}`)
		same(t, faultsOf(err), "body /a limit")
	})
	t.Run("raw dup", func(t *testing.T) {
		_, err := bind[struct {
			A stdjson.RawMessage `json:"a"`
		}](t, validate.Config{}, `{"a":{"b":1,"b":2}}`)
		same(t, faultsOf(err), "body /a duplicate")
	})
	t.Run("a rule that panics", func(t *testing.T) {
		defer func() {
			if p := recover(); p != nil {
				t.Errorf("panics: %v", p)
			}
		}()
		_, err := bind[struct {
			A string `json:"a" validate:"boom"`
		}](t, validate.Config{Rules: map[string]validate.Rule{"boom": validate.RuleFor(func(s string) bool {
			if s == "" {
				return true
			}
			panic("x")
		})}}, `{"a":"b"}`)
		same(t, faultsOf(err), "500")
	})
	t.Run("form elements word", func(t *testing.T) {
		s := mustNew[struct {
			A []string `form:"a,comma"`
		}](t, validate.Config{Limits: validate.Limits{Elements: 2}})
		r := httptest.NewRequest("POST", "/", strings.NewReader("a=1,2,3"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		_, err := s.Bind(r)
		e, _ := errors.AsType[*validate.Error](err)
		same(t, e.Word, "invalid_form")
	})
	t.Run("an empty secret is not there", func(t *testing.T) {
		_, err := bind[struct {
			A string        `json:"a"`
			B secret.String `json:"b" validate:"required_with=A"`
		}](t, validate.Config{}, `{"a":"x","b":""}`)
		same(t, faultsOf(err), "body /b required_with")
	})
	t.Run("nonzero", func(t *testing.T) {
		_, err := bind[struct {
			A int `json:"a" validate:"nonzero"`
		}](t, validate.Config{}, `{"a":0}`)
		same(t, faultsOf(err), "body /a required")
	})
	t.Run("-0 for uint", func(t *testing.T) {
		_, err := bind[struct {
			A uint `json:"a"`
		}](t, validate.Config{}, `{"a":-0}`)
		same(t, faultsOf(err), "body /a range")
	})
	t.Run("catalog of a region", func(t *testing.T) {
		_, err := validate.NewCatalog("de-AT", nil)
		if err != nil {
			t.Error(err)
		}
	})
	t.Run("routers agree on a raw bar beside an escaped percent", func(t *testing.T) {
		std, raw := routed(t, "/i/%25|", pathHandler(t))
		same(t, raw.Body.String(), std.Body.String())
	})
	t.Run("order of faults in a map", func(t *testing.T) {
		first := ""
		for range 20 {
			_, err := bind[struct {
				M map[string]inner `json:"m"`
			}](t, validate.Config{}, `{"m":{"a":{},"b":{},"c":{},"d":{}}}`)
			if first == "" {
				first = faultsOf(err)
			}
			if faultsOf(err) != first {
				t.Fatal("the order changes from request to request")
			}
		}
	})
	t.Run("empty bytes are not nil", func(t *testing.T) {
		v, err := bind[struct {
			A []byte `json:"a"`
		}](t, validate.Config{}, `{"a":""}`)
		if err != nil || v.A == nil {
			t.Errorf("got nil, want empty: sent is not absent")
		}
	})
	t.Run("a whole number with a point is rounded no more than one without", func(t *testing.T) {
		for number, want := range map[string]string{
			"9007199254740993.0": "body /a precision", "9007199254740992.00": "", "1.5e300": "", "0.1": "", "1e2": "",
		} {
			_, err := bind[struct {
				A float64 `json:"a"`
			}](t, validate.Config{}, `{"a":`+number+`}`)
			same(t, faultsOf(err), want)
		}
	})
	t.Run("a list that was sent is there, even empty", func(t *testing.T) {
		_, err := bind[struct {
			A string   `json:"a"`
			B []string `json:"b" validate:"required_with=A"`
		}](t, validate.Config{}, `{"a":"x","b":[]}`)
		same(t, faultsOf(err), "")
	})
}
