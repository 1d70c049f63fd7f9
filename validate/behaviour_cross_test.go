package validate_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gopalisade/palisade/crypto/secret"
	"github.com/gopalisade/palisade/validate"
)

// TestCrossRules binds {"a":…,"b":…,"c":…} to a struct whose A has the rules, with each rule holding and not.
func TestCrossRules(t *testing.T) {
	text, number := reflect.TypeFor[string](), reflect.TypeFor[int]()
	for _, tc := range []struct {
		name  string
		typ   reflect.Type
		rules string
		body  string
		want  string
	}{
		{"eqfield", text, "eqfield=B", `{"a":"x","b":"x"}`, ""},
		{"eqfield not", text, "eqfield=B", `{"a":"x","b":"hunter2"}`, "eqfield"},
		{"eqfield of nothing", text, "eqfield=B", `{}`, ""},
		{"eqfield, one missing", text, "eqfield=B", `{"a":"x"}`, "eqfield"},
		{"nefield", text, "nefield=B", `{"a":"x","b":"y"}`, ""},
		{"nefield not", text, "nefield=B", `{"a":"x","b":"x"}`, "nefield"},
		{"gtfield", number, "gtfield=B", `{"a":2,"b":1}`, ""},
		{"gtfield not", number, "gtfield=B", `{"a":1,"b":1}`, "gtfield"},
		{"gtefield", number, "gtefield=B", `{"a":1,"b":1}`, ""},
		{"gtefield not", number, "gtefield=B", `{"a":0,"b":1}`, "gtefield"},
		{"ltfield", number, "ltfield=B", `{"a":0,"b":1}`, ""},
		{"ltfield not", number, "ltfield=B", `{"a":1,"b":1}`, "ltfield"},
		{"ltefield", number, "ltefield=B", `{"a":1,"b":1}`, ""},
		{"ltefield not", number, "ltefield=B", `{"a":2,"b":1}`, "ltefield"},
		{"gtfield of unsigned", reflect.TypeFor[uint](), "gtfield=B", `{"a":1,"b":2}`, "gtfield"},
		{"gtfield of floats", reflect.TypeFor[float64](), "gtfield=B", `{"a":1.5,"b":1.25}`, ""},
		{"eqfield of bools", reflect.TypeFor[bool](), "eqfield=B", `{"a":true,"b":false}`, "eqfield"},
		{
			"gtfield of times", reflect.TypeFor[time.Time](), "gtfield=B",
			`{"a":"2024-01-01T00:00:00Z","b":"2025-01-01T00:00:00Z"}`, "gtfield",
		},
		{"eqfield of secrets", reflect.TypeFor[secret.String](), "eqfield=B", `{"a":"hunter2","b":"hunter2"}`, ""},
		{"eqfield of secrets not", reflect.TypeFor[secret.String](), "eqfield=B", `{"a":"hunter2","b":"hunter3"}`, "eqfield"},
		{"eqfield of pointers", reflect.TypeFor[*int](), "eqfield=B", `{"a":1,"b":1}`, ""},
		{"eqfield of pointers not", reflect.TypeFor[*int](), "eqfield=B", `{"a":1,"b":2}`, "eqfield"},
		{"eqfield of a pointer to nothing", reflect.TypeFor[*int](), "eqfield=B", `{"a":1}`, "eqfield"},
		{"eqfield of no pointer", reflect.TypeFor[*int](), "eqfield=B", `{"b":1}`, ""},
		{"eqfield of Opts", reflect.TypeFor[validate.Opt[int]](), "eqfield=B", `{"a":1,"b":2}`, "eqfield"},
		{"eqfield of a null Opt", reflect.TypeFor[validate.Opt[int]](), "eqfield=B", `{"a":null,"b":2}`, ""},
		{"the other is wrong already", number, "gtfield=B", `{"a":1,"b":"hunter2"}`, "other"},
		{"required_if", text, "required_if=B x", `{"b":"x"}`, "required_if"},
		{"required_if, and there", text, "required_if=B x", `{"b":"x","a":"y"}`, ""},
		{"required_if, and empty", text, "required_if=B x", `{"b":"x","a":""}`, "required_if"},
		{"required_if another", text, "required_if=B x", `{"b":"y"}`, ""},
		{"required_if of two", text, "required_if=B x C y", `{"b":"x","c":"y"}`, "required_if"},
		{"required_if of two, one differs", text, "required_if=B x C y", `{"b":"x","c":"z"}`, ""},
		{"required_if of a text with spaces", text, "required_if=B 'x y'", `{"b":"x y"}`, "required_if"},
		{"required_if of a number", number, "required_if=B 5", `{"b":5}`, "required_if"},
		{"required_if, and zero is there", number, "required_if=B 5", `{"b":5,"a":0}`, ""},
		{"required_if of unsigned", reflect.TypeFor[uint8](), "required_if=B 5", `{"b":5}`, "required_if"},
		{"required_if of a bool", reflect.TypeFor[bool](), "required_if=B true", `{"b":true}`, "required_if"},
		{"required_if of a pointer", reflect.TypeFor[*int](), "required_if=B 5", `{"b":5,"a":null}`, "required_if"},
		{"required_if of a pointer to nothing", reflect.TypeFor[*int](), "required_if=B 5", `{}`, ""},
		{"required_unless", text, "required_unless=B x", `{"b":"y"}`, "required_unless"},
		{"required_unless, and it is", text, "required_unless=B x", `{"b":"x"}`, ""},
		{"required_with", text, "required_with=B C", `{"c":"x"}`, "required_with"},
		{"required_with nothing", text, "required_with=B C", `{"b":""}`, ""},
		{"required_with_all", text, "required_with_all=B C", `{"b":"x","c":"x"}`, "required_with_all"},
		{"required_with_all, one missing", text, "required_with_all=B C", `{"b":"x"}`, ""},
		{"required_without", text, "required_without=B C", `{"b":"x"}`, "required_without"},
		{"required_without, none missing", text, "required_without=B C", `{"b":"x","c":"x"}`, ""},
		{"required_without_all", text, "required_without_all=B C", `{}`, "required_without_all"},
		{"required_without_all, one there", text, "required_without_all=B C", `{"b":"x"}`, ""},
		{"excluded_if", text, "excluded_if=B x", `{"b":"x","a":"hunter2"}`, "excluded_if"},
		{"excluded_if, and absent", text, "excluded_if=B x", `{"b":"x"}`, ""},
		{"excluded_if another", text, "excluded_if=B x", `{"b":"y","a":"z"}`, ""},
		{"excluded_unless", text, "excluded_unless=B x", `{"b":"y","a":"hunter2"}`, "excluded_unless"},
		{"excluded_unless, and it is", text, "excluded_unless=B x", `{"b":"x","a":"z"}`, ""},
		{"excluded_with", text, "excluded_with=B", `{"b":"x","a":"hunter2"}`, "excluded_with"},
		{"excluded_with nothing", text, "excluded_with=B", `{"a":"z"}`, ""},
		{"excluded_with_all", text, "excluded_with_all=B C", `{"a":"z","b":"x","c":"x"}`, "excluded_with_all"},
		{"excluded_with_all, one missing", text, "excluded_with_all=B C", `{"a":"z","b":"x"}`, ""},
		{"excluded_without", text, "excluded_without=B C", `{"a":"z","b":"x"}`, "excluded_without"},
		{"excluded_without, none missing", text, "excluded_without=B C", `{"a":"z","b":"x","c":"x"}`, ""},
		{"excluded_without_all", text, "excluded_without_all=B C", `{"a":"z"}`, "excluded_without_all"},
		{"excluded_without_all, one there", text, "excluded_without_all=B C", `{"a":"z","b":"x"}`, ""},
		{"a zero is something", number, "excluded_with=B", `{"a":0,"b":0}`, "excluded_with"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s, err := validate.NewDynamic(reflect.StructOf([]reflect.StructField{
				{Name: "A", Type: tc.typ, Tag: reflect.StructTag(`json:"a" validate:"` + tc.rules + `"`)},
				{Name: "B", Type: tc.typ, Tag: `json:"b"`},
				{Name: "C", Type: tc.typ, Tag: `json:"c"`},
			}), validate.Config{})
			if err != nil {
				t.Fatal(err)
			}
			want := map[bool]string{true: "body /a " + tc.want}[tc.want != ""]
			if tc.want == "other" {
				want = "body /b type"
			}
			if _, err := s.Bind(postJSON(tc.body)); faultsOf(err) != want {
				t.Errorf("got %q, want %q", faultsOf(err), want)
			}
		})
	}
}

// A rule may look across sources.
func TestCrossSources(t *testing.T) {
	type input struct {
		From int    `query:"from"`
		To   int    `json:"to" validate:"gtefield=From"`
		Mode string `header:"X-Mode" validate:"required_with=From"`
	}
	r := postJSON(`{"to":1}`)
	r.URL.RawQuery = "from=2"
	_, err := mustNew[input](t, validate.Config{}).Bind(r)
	if got, want := faultsOf(err), "body /to gtefield; header X-Mode required_with"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	e, _ := errors.AsType[*validate.Error](err)
	if got := e.Fields[0].Params["field"]; got != "from" {
		t.Errorf("got the sibling %v, want its name on the wire", got)
	}
}

type dived struct {
	Rows  [][]string          `json:"rows"  validate:"max=2,dive,max=3,dive,max=2"`
	Marks map[string][]int    `json:"marks" validate:"max=2,dive,keys,alpha,max=3,endkeys,min=1,dive,gt=0"`
	Opts  []validate.Opt[int] `json:"opts"  validate:"dive,required,max=5"`
	Ptrs  []*string           `json:"ptrs"  validate:"dive,required,email"`
	Maybe []*string           `json:"maybe" validate:"dive,max=3"`
	Days  map[string]*place   `json:"days"`
	Named map[slug]slug       `json:"named" validate:"dive,keys,slug,endkeys,slug"`
	Need  map[string]*int     `json:"need"  validate:"dive,required"`
	Set   []place             `json:"set"   validate:"unique=Street"`
	Three [3]string           `json:"three" validate:"omitempty,dive,max=1"`
}

type slug string

func TestDive(t *testing.T) {
	base := `"marks":{"a":[1]}`
	for _, tc := range []struct{ name, body, want string }{
		{"rows", `{"rows":[["a"],["b","c"]]}`, ""},
		{
			"rows, each level", `{"rows":[["hunter2","a","b","c"],["hunter2"],["x"]]}`,
			"body /rows/0/0 max; body /rows/0 max; body /rows/1/0 max; body /rows max",
		},
		{"marks", `{` + base + `}`, ""},
		{"key", `{"marks":{"a1":[1],"abcd":[1]}}`, "body /marks/a1 alpha; body /marks/abcd max"},
		{"value", `{"marks":{"a":[],"b":[0]}}`, "body /marks/a min; body /marks/b/0 gt"},
		{"Opt in a list", `{"opts":[1,null,6]}`, "body /opts/1 required; body /opts/2 max"},
		{"pointer in a list", `{"ptrs":["ann@example.com",null,"hunter2"]}`, "body /ptrs/1 required; body /ptrs/2 email"},
		{"pointer in a list, optional", `{"maybe":[null,"abc"]}`, ""},
		{
			"structs without a word", `{"days":{"mon":{"zip":"1"},"tue":null}}`,
			"body /days/mon/zip len; body /days/mon/street required",
		},
		{"named texts", `{"named":{"a-b":"c"}}`, ""},
		{"named texts, wrong", `{"named":{"A":"hunter2 "}}`, "body /named/A slug; body /named/A slug"},
		{"null in a map", `{"need":{"a":null,"b":0}}`, "body /need/a required"},
		{"unique by a field", `{"set":[{"street":"a"},{"street":"a"}]}`, "body /set unique"},
		{"array", `{"three":["a","bb","c"]}`, "body /three/1 max"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if _, err := bind[dived](t, validate.Config{}, tc.body); faultsOf(err) != tc.want {
				t.Errorf("got %q, want %q", faultsOf(err), tc.want)
			}
		})
	}
}

type own struct {
	Even   int           `json:"even"   validate:"even"`
	Code   string        `json:"code"   validate:"omitempty,code"`
	Secret secret.String `json:"secret" validate:"omitempty,above=m"`
	Slug   slug          `json:"slug"   validate:"omitempty,above=m|code"`
	List   []int         `json:"list"   validate:"short=2,dive,even"`
}

func TestOwnRules(t *testing.T) {
	code, err := validate.Pattern("a|[0-9]{3}")
	if err != nil {
		t.Fatal(err)
	}
	cfg := validate.Config{Rules: map[string]validate.Rule{
		"even": validate.RuleFor(func(n int) bool { return n%2 == 0 }),
		"code": code,
		"above": validate.RuleWith(func(param string) (func(string) bool, error) {
			return func(s string) bool { return s > param }, nil
		}),
		"short": validate.RuleWith(func(param string) (func([]int) bool, error) {
			return func(list []int) bool { return len(list) <= int(param[0]-'0') }, nil
		}),
	}}
	for _, tc := range []struct{ name, body, want string }{
		{"all well", `{"even":2,"code":"123","secret":"n","slug":"z","list":[2,4]}`, ""},
		{"the pattern is anchored", `{"code":"hunter2 a"}`, "body /code code"},
		{"the pattern is anchored behind a bar", `{"code":"1234"}`, "body /code code"},
		{"the pattern is anchored before a line end", `{"code":"123\n"}`, "body /code code"},
		{
			"none well", `{"even":1,"secret":"hunter2","slug":"hunter2","list":[1,2,4]}`,
			"body /even even; body /secret above; body /slug above|code; body /list/0 even; body /list short",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := bind[own](t, cfg, tc.body)
			if faultsOf(err) != tc.want {
				t.Errorf("got %q, want %q", faultsOf(err), tc.want)
			}
			if e, ok := errors.AsType[*validate.Error](err); ok && strings.HasPrefix(tc.name, "none") &&
				e.Fields[1].Params["above"] != "m" {
				t.Errorf("got params %v, want those of the rule", e.Fields[1].Params)
			}
		})
	}
}
