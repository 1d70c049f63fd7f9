package validate_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gopalisade/palisade/problem"
	"github.com/gopalisade/palisade/validate"
)

// What reads itself, beside a plain type with the same rules.
type readsItself struct {
	Role string `json:"role" validate:"oneof=user" access:"write=-"`
}

func (r *readsItself) UnmarshalJSON(b []byte) error {
	type plain readsItself
	return json.Unmarshal(b, (*plain)(r))
}

type writesItself struct {
	Salary int `json:"salary" access:"read=-"`
}

func (w writesItself) MarshalJSON() ([]byte, error) { return []byte("7"), nil }

type (
	tree    map[string]tree
	endless []endless
	pages   struct {
		Inner []pages `json:"inner"`
		Page  int     `query:"page"`
	}
	later struct {
		Page  int     `query:"page"`
		Inner []later `json:"inner"`
	}
)

func TestTagsThatWouldDoNothing(t *testing.T) {
	for _, tc := range []struct {
		name string
		new  func() error
		want string
	}{
		{"reads itself", compiles[struct {
			O readsItself `json:"o"`
		}](validate.Config{}), "reads itself"},
		{"embeds what reads itself", compiles[struct {
			O struct {
				readsItself
				Qty int `json:"qty" validate:"min=1"`
			} `json:"o"`
		}](validate.Config{}), "reads itself"},
		{"writes itself", views[writesItself](), "writes itself"},
		{"binding", compiles[struct {
			A string `json:"a" binding:"required"`
		}](validate.Config{}), "nobody reads here"},
		{"capital", compiles[struct {
			A string `json:"a" Validate:"required"`
		}](validate.Config{}), "misspelt"},
		{"letter missing", compiles[struct {
			A string `json:"a" acess:"write=-"`
		}](validate.Config{}), "misspelt"},
		{"letters swapped", compiles[struct {
			A string `json:"a" vaildate:"required"`
		}](validate.Config{}), "misspelt"},
		{"map that holds itself", compiles[struct {
			A tree `json:"a"`
		}](validate.Config{}), "holds itself"},
		{"slice that holds itself", compiles[struct {
			A endless `json:"a"`
		}](validate.Config{}), "holds itself"},
		{"view of a map that holds itself", views[tree](), "holds itself"},
		{"query inside, in front", compiles[later](validate.Config{}), "only the outermost"},
		{"query inside, behind", compiles[pages](validate.Config{}), "only the outermost"},
		{"opens files", compiles[struct {
			A string `json:"a" validate:"timezone"`
		}](validate.Config{}), "opens files"},
		{"never refuses", compiles[struct {
			A string `json:"a" validate:"excludesrune"`
		}](validate.Config{}), "takes a parameter"},
		{"unique by pointers", compiles[struct {
			A []struct {
				P *struct{} `json:"p"`
			} `json:"a" validate:"unique"`
		}](validate.Config{}), "cannot compare"},
		{"order of texts", compiles[struct {
			A string `json:"a"`
			B string `json:"b" validate:"gtfield=A"`
		}](validate.Config{}), "cannot compare"},
		{"keys that write themselves", views[map[addrKey]int](), "plain strings"},
	} {
		t.Run(tc.name, func(t *testing.T) { wantFault(t, tc.new(), tc.want) })
	}
	for _, tag := range []string{"json:\"a\" validate: \"required\"", "json:\"a\",validate:\"required\"", "json:\"a\" validate:\"min=3\" validate:\"email\""} {
		wantFault(t, tagged(reflect.TypeFor[string](), tag, validate.Config{}), "tag")
	}
}

type addrKey string

func (addrKey) MarshalText() ([]byte, error) { return []byte("masked"), nil }

// An array that was not sent is judged to its last element.
func TestAbsentArrays(t *testing.T) {
	type item struct {
		A string `json:"a" validate:"required"`
	}
	for name, err := range map[string]error{
		"texts": emptyOf[struct {
			A [2][2]string `json:"a" validate:"dive,dive,email"`
		}](t),
		"numbers": emptyOf[struct {
			A [2][2]int `json:"a" validate:"dive,dive,min=1"`
		}](t),
		"structs": emptyOf[struct {
			A [2][2]item `json:"a"`
		}](t),
		"pointers": emptyOf[struct {
			A [2]*string `json:"a" validate:"dive,required"`
		}](t),
		"optional": emptyOf[struct {
			A [2]validate.Opt[string] `json:"a" validate:"dive,required"`
		}](t),
		"one level": emptyOf[struct {
			A [2]string `json:"a" validate:"dive,email"`
		}](t),
		"with a rest": emptyOf[struct {
			A [2]struct {
				B int `json:"b" default:"1" validate:"min=1"`
			} `json:"a"`
		}](t),
	} {
		if got := faultsOf(err); got != "body /a required" {
			t.Errorf("%s: got %q, want body /a required", name, got)
		}
	}
	if err := emptyOf[struct {
		A [2][2]int `json:"a"`
		B [2]string `json:"b" validate:"omitempty,dive,max=3"`
	}](t); err != nil {
		t.Errorf("got %v, want nil: zeros break no rule", err)
	}
}

func emptyOf[T any](t *testing.T) error {
	t.Helper()
	_, err := bind[T](t, validate.Config{}, `{}`)
	return err
}

// What norm makes of a path value may stand in a path, too.
func TestNormOfAPath(t *testing.T) {
	s := mustNew[struct {
		Name string `path:"name" norm:"trim,nfkc"`
	}](t, validate.Config{})
	for value, want := range map[string]int{" ..": 400, "\u2025": 400, "a\uff0f..\uff0fb": 400, " a": 200} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.SetPathValue("name", value)
		err := s.Check(r)
		if got := problem.Of(err).Status; err != nil && got != want || err == nil && want != 200 {
			t.Errorf("%q: got %v, want %d", value, err, want)
		}
	}
}

// An empty value where the pattern has a name is the client's doing, and a name that it does not have is not.
func TestEmptyPathValue(t *testing.T) {
	s := mustNew[itemPath](t, validate.Config{})
	for pattern, want := range map[string]int{"/u/{id}/x": 400, "/{a}-{id:[a-z]*}": 400, "/u/{user}": 500} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Pattern = pattern
		if got := problem.Of(s.Check(r)).Status; got != want {
			t.Errorf("%s: got %d, want %d", pattern, got, want)
		}
	}
}

// A rule of one's own sees only what the others let through.
func TestOwnRulesComeLast(t *testing.T) {
	longest := 0
	rules := map[string]validate.Rule{"mine": validate.RuleFor(func(s string) bool {
		longest = max(longest, len(s))
		return true
	})}
	_, err := bind[struct {
		A string `json:"a" validate:"mine,max=5"`
	}](t, validate.Config{Rules: rules}, `{"a":"`+strings.Repeat("x", 1000)+`"}`)
	same(t, faultsOf(err), "body /a max")
	if longest != 0 {
		t.Errorf("the rule saw %d bytes, want none", longest)
	}
}

// Whoever changes the params of one answer changes no other.
func TestParamsAreCopies(t *testing.T) {
	s := mustNew[struct {
		A string `json:"a" validate:"max=3"`
	}](t, validate.Config{})
	for range 2 {
		e, _ := errors.AsType[*validate.Error](s.Check(postJSON(`{"a":"long"}`)))
		if e.Fields[0].Params["max"] != uint64(3) {
			t.Errorf("got %v, want 3", e.Fields[0].Params)
		}
		e.Fields[0].Params["max"] = "changed"
	}
}

// A default that the caller may not replace is compared with what he sent all the same.
func TestDefaultsAreCompared(t *testing.T) {
	type span struct {
		Min int `json:"min" access:"write=admin" default:"10" validate:"ltfield=Max"`
		Max int `json:"max"`
	}
	_, err := bind[span](t, validate.Config{Can: nobody}, `{"max":5}`)
	same(t, faultsOf(err), "body /min ltfield")
	_, err = bind[span](t, validate.Config{Can: nobody}, `{"max":50}`)
	same(t, faultsOf(err), "")
}

// A server's own ReadTimeout is never made longer.
func TestStricterTimeoutOfTheServer(t *testing.T) {
	h := mustNew[line](t, validate.Config{}).Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	w := &deadlines{ResponseWriter: httptest.NewRecorder()}
	r := postJSON(`{"sku":"a","qty":1}`)
	begin := time.Now()
	h.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), http.ServerContextKey, &http.Server{ReadTimeout: time.Second})))
	if len(w.set) == 0 || w.set[0].After(begin.Add(5*time.Second)) {
		t.Errorf("got %v, want a deadline within the server's second, give or take a slow machine", w.set)
	}
}
