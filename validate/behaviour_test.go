package validate_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gopalisade/palisade/validate"
)

// TestPresence is the matrix of what was sent and what a field demands, for each kind of type.
func TestPresence(t *testing.T) {
	zero := map[string]string{
		"string": `""`, "int": `0`, "float64": `0`, "bool": `false`, "[]string": `[]`, "map[string]int": `{}`,
		"time.Time": `"0001-01-01T00:00:00Z"`,
		"*string":   `""`, "*int": `0`, "Opt[int]": `0`, "Opt[string]": `""`,
	}
	types := map[string]reflect.Type{
		"string": reflect.TypeFor[string](), "int": reflect.TypeFor[int](), "float64": reflect.TypeFor[float64](),
		"bool":     reflect.TypeFor[bool](),
		"[]string": reflect.TypeFor[[]string](), "map[string]int": reflect.TypeFor[map[string]int](),
		"time.Time": reflect.TypeFor[time.Time](),
		"*string":   reflect.TypeFor[*string](), "*int": reflect.TypeFor[*int](),
		"Opt[int]": reflect.TypeFor[validate.Opt[int]](), "Opt[string]": reflect.TypeFor[validate.Opt[string]](),
	}
	for _, tc := range []struct{ typ, rules, absent, null, zero string }{
		{"string", "", "", "null", ""},
		{"string", "required", "required", "null", "required"},
		{"string", "present", "required", "null", ""},
		{"string", "min=1", "required", "null", "min"},
		{"string", "omitempty,min=1", "", "null", ""},
		{"string", "max=1", "", "null", ""},
		{"int", "", "", "null", ""},
		{"int", "required", "required", "null", ""},
		{"int", "present", "required", "null", ""},
		{"int", "min=1", "required", "null", "min"},
		{"int", "omitempty,min=1", "", "null", "min"},
		{"int", "required,min=1", "required", "null", "min"},
		{"float64", "required", "required", "null", ""},
		{"float64", "gt=0", "required", "null", "gt"},
		{"bool", "", "", "null", ""},
		{"bool", "required", "required", "null", ""},
		{"bool", "eq=true", "required", "null", "eq"},
		{"[]string", "", "", "null", ""},
		{"[]string", "required", "required", "null", ""},
		{"[]string", "required,min=1", "required", "null", "min"},
		{"[]string", "omitempty,min=1", "", "null", "min"},
		{"map[string]int", "required", "required", "null", ""},
		{"map[string]int", "min=1", "required", "null", "min"},
		{"time.Time", "", "", "null", ""},
		{"time.Time", "required", "required", "null", "required"},
		{"time.Time", "omitempty,gt", "", "null", ""},
		{"time.Time", "lt", "", "null", ""},
		{"*string", "", "", "", ""},
		{"*string", "required", "required", "required", "required"},
		{"*string", "present", "required", "", ""},
		{"*string", "min=1", "", "", "min"},
		{"*string", "omitempty,min=1", "", "", "min"},
		{"*int", "required", "required", "required", ""},
		{"*int", "min=1", "", "", "min"},
		{"*int", "omitempty,min=1", "", "", "min"},
		{"Opt[int]", "", "", "", ""},
		{"Opt[int]", "required", "required", "required", ""},
		{"Opt[int]", "present", "required", "", ""},
		{"Opt[int]", "min=1", "", "", "min"},
		{"Opt[string]", "required,min=1", "required", "required", "required"},
		{"Opt[string]", "omitempty,min=1", "", "", "min"},
	} {
		t.Run(tc.typ+" "+tc.rules, func(t *testing.T) {
			s, err := validate.NewDynamic(reflect.StructOf([]reflect.StructField{
				{Name: "A", Type: types[tc.typ], Tag: reflect.StructTag(`json:"a" validate:"` + tc.rules + `"`)},
			}), validate.Config{})
			if err != nil {
				t.Fatal(err)
			}
			for _, sent := range []struct{ name, body, want string }{
				{"absent", `{}`, tc.absent}, {"null", `{"a":null}`, tc.null}, {"zero", `{"a":` + zero[tc.typ] + `}`, tc.zero},
			} {
				want := sent.want
				if want != "" {
					want = "body /a " + want
				}
				if _, err := s.Bind(postJSON(sent.body)); faultsOf(err) != want {
					t.Errorf("%s: got %q, want %q", sent.name, faultsOf(err), want)
				}
			}
		})
	}
}

type patched struct {
	Name validate.Opt[string]   `json:"name" validate:"max=5"`
	Age  validate.Opt[int]      `json:"age"`
	Home validate.Opt[place]    `json:"home"`
	Tags validate.Opt[[]string] `json:"tags" validate:"max=2,dive,max=3"`
}

func TestOptStates(t *testing.T) {
	for _, tc := range []struct{ name, body, want string }{
		{"absent", `{}`, "absent absent absent absent"},
		{"null", `{"name":null,"age":null,"home":null,"tags":null}`, "null null null null"},
		{"zero", `{"name":"","age":0,"home":{"street":"x"},"tags":[]}`, ` 0 {x } []`},
		{"value", `{"name":"ann","age":-3,"home":{"street":"x","zip":"12345"},"tags":["a"]}`, `ann -3 {x 12345} [a]`},
		{"too long", `{"name":"hunter2"}`, "body /name max"},
		{"below", `{"home":{},"tags":["hunter2"]}`, "body /home/street required; body /tags/0 max"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			v, err := bind[patched](t, validate.Config{}, tc.body)
			got := faultsOf(err)
			if err == nil {
				got = state(v.Name) + " " + state(v.Age) + " " + state(v.Home) + " " + state(v.Tags)
			}
			if got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func state[T any](o validate.Opt[T]) string {
	v, ok := o.Get()
	switch {
	case ok && !o.IsZero() && !o.IsNull():
		return fmt.Sprint(v)
	case o.IsNull() && !o.IsZero():
		return "null"
	case o.IsZero():
		return "absent"
	}
	return "?"
}

// Outside of a Schema an Opt is JSON like any other.
func TestOptJSON(t *testing.T) {
	for _, tc := range []struct{ in, state, out string }{
		{`null`, "null", `null`}, {`"a"`, "a", `"a"`}, {`""`, "", `""`},
	} {
		var o validate.Opt[string]
		if err := o.UnmarshalJSON([]byte(tc.in)); err != nil || state(o) != tc.state {
			t.Errorf("%s: got %q and %v, want %q", tc.in, state(o), err, tc.state)
		}
		if out, err := o.MarshalJSON(); err != nil || string(out) != tc.out {
			t.Errorf("%s: wrote %s and %v, want %s", tc.in, out, err, tc.out)
		}
	}
	var o validate.Opt[int]
	if err := o.UnmarshalJSON([]byte(`"x"`)); err == nil {
		t.Error("a text became an int, want an error")
	}
	if state(validate.Some(3)) != "3" || state(validate.Null[int]()) != "null" {
		t.Error("Some and Null made something else")
	}
}

type defaults struct {
	Page   int       `query:"page" default:"1" validate:"min=1"`
	Mode   string    `json:"mode"  default:"fast"`
	Ratio  float32   `json:"ratio" default:"0.5"`
	On     bool      `json:"on"    default:"true"`
	At     time.Time `json:"at"    default:"2024-01-01T00:00:00Z"`
	Head   string    `header:"X-Head" default:"h"`
	Inside struct {
		Deep uint8 `json:"deep" default:"7"`
	} `json:"inside"`
	List []struct {
		N int `json:"n" default:"3"`
	} `json:"list"`
}

func TestDefaults(t *testing.T) {
	s := mustNew[defaults](t, validate.Config{})
	for _, tc := range []struct{ name, target, body, want string }{
		{"none sent", "/", `{}`, "1 fast 0.5 true 2024 h {7} []"},
		{
			"zero is sent", "/?page=5", `{"mode":"","ratio":0,"on":false,"inside":{"deep":0}}`,
			"5  0 false 2024 h {0} []",
		},
		{"in elements", "/", `{"inside":{},"list":[{},{"n":0}]}`, "1 fast 0.5 true 2024 h {7} [{3} {0}]"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodPost, tc.target, strings.NewReader(tc.body))
			r.Header.Set("Content-Type", "application/json")
			v, err := s.Bind(r)
			got := fmt.Sprint(v.Page, " ", v.Mode, " ", v.Ratio, " ", v.On, " ", v.At.Year(), " ", v.Head, " ",
				v.Inside, " ", v.List)
			if err != nil || got != tc.want {
				t.Errorf("got %q and %v, want %q", got, err, tc.want)
			}
		})
	}
}

type normed struct {
	Trim  string            `json:"trim"  norm:"trim" validate:"max=3"`
	Coll  string            `json:"coll"  norm:"collapse"`
	NFC   string            `json:"nfc"   norm:"nfc" validate:"max=1"`
	NFKC  string            `json:"nfkc"  norm:"nfkc,lower"`
	Upper *string           `json:"upper" norm:"trim,upper" validate:"oneof=A B"`
	Text  string            `json:"text"  norm:"text"`
	HTML  string            `json:"html"  norm:"html=ugc"`
	Name  string            `json:"name"  norm:"name"`
	File  string            `json:"file"  norm:"filename"`
	Mail  string            `json:"mail"  norm:"trim,email" validate:"omitempty,email"`
	User  string            `json:"user"  norm:"username"`
	List  []string          `json:"list"  norm:"trim" validate:"max=2,dive,max=2"`
	Map   map[string]string `json:"map"   norm:"lower"`
	Query string            `query:"q"    norm:"trim,lower"`
}

// Rules see what norm made of a text.
func TestNorm(t *testing.T) {
	for _, tc := range []struct {
		name, body string
		got        func(normed) any
		want       string
	}{
		{"trim", `{"trim":" \tabc\n "}`, func(v normed) any { return v.Trim }, "abc"},
		{"trim is not enough", `{"trim":" hunter2 "}`, nil, "body /trim max"},
		{"collapse", `{"coll":"  a \t b\u00a0c "}`, func(v normed) any { return v.Coll }, "a b c"},
		{"collapse nothing", `{"coll":"a b"}`, func(v normed) any { return v.Coll }, "a b"},
		{"nfc", `{"nfc":"e\u0301"}`, func(v normed) any { return v.NFC }, "é"},
		{"nfkc", `{"nfkc":"\uff21\ufb01"}`, func(v normed) any { return v.NFKC }, "afi"},
		{"upper behind a pointer", `{"upper":" b"}`, func(v normed) any { return *v.Upper }, "B"},
		{"upper, and not allowed", `{"upper":"hunter2"}`, nil, "body /upper oneof"},
		{"text", `{"text":"<b>a</b> &amp; b"}`, func(v normed) any { return v.Text }, "a & b"},
		{"html", `{"html":"<b>a</b><script>hunter2</script>"}`, func(v normed) any { return v.HTML }, "<b>a</b>"},
		{"name", `{"name":" Ann\n  Lee "}`, func(v normed) any { return v.Name }, "Ann Lee"},
		{"filename", `{"file":"../../etc/passwd"}`, func(v normed) any { return strings.Contains(v.File, "/") }, "false"},
		{"email", `{"mail":" Ann@EXAMPLE.com"}`, func(v normed) any { return v.Mail }, "Ann@example.com"},
		{"no email", `{"mail":"hunter2"}`, nil, "body /mail email"},
		{"empty email", `{"mail":"  "}`, func(v normed) any { return v.Mail }, ""},
		{"username", `{"user":"ANN"}`, func(v normed) any { return v.User }, "ann"},
		{"no username", `{"user":"hunter2 hunter2"}`, nil, "body /user username"},
		{"elements", `{"list":[" a ","b"]}`, func(v normed) any { return v.List }, "[a b]"},
		{"values of a map", `{"map":{"A":"B"}}`, func(v normed) any { return v.Map }, "map[A:b]"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			v, err := bind[normed](t, validate.Config{}, tc.body)
			got := faultsOf(err)
			if err == nil && tc.got != nil {
				got = fmt.Sprint(tc.got(v))
			}
			if got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
	r := postJSON(`{}`)
	r.URL.RawQuery = "q=+AbC+"
	if v, err := mustNew[normed](t, validate.Config{}).Bind(r); err != nil || v.Query != "abc" {
		t.Errorf("got %q and %v, want abc", v.Query, err)
	}
}
