package validate_test

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gopalisade/palisade/internal/conf"
	"github.com/gopalisade/palisade/validate"
)

func compiles[T any](cfg validate.Config) func() error {
	return func() error { _, err := validate.New[T](cfg); return err }
}

func views[T any]() func() error {
	return func() error {
		_, err := validate.NewView[T](validate.ViewConfig{Can: nobody})
		return err
	}
}

func handles[T, R any](cfg validate.Config) func() error {
	return func() error {
		s, err := validate.New[T](cfg)
		if err != nil {
			return fmt.Errorf("the schema itself: %w", err)
		}
		_, err = validate.Handle(s, func(context.Context, T) (r R, err error) { return r, nil })
		return err
	}
}

func nobody(context.Context, string) bool { return false }

type (
	empty struct{}
	naked string
	Base  struct {
		A string `json:"a"`
	}
	hiddenP struct {
		A string `json:"a"`
	}
	selfish struct {
		Page  int       `query:"page"`
		Inner []selfish `json:"inner"`
	}
	many [257]int
)

func limited(change func(*validate.Limits)) validate.Config {
	var cfg validate.Config
	change(&cfg.Limits)
	return cfg
}

func ruleNamed(name string) validate.Config {
	return validate.Config{Rules: map[string]validate.Rule{name: validate.RuleFor(func(string) bool { return true })}}
}

type faultRow struct {
	name string
	new  func() error
	want string // a stable part of the fault
}

func configFaults() []faultRow {
	none := validate.Config{}
	return []faultRow{
		{"no struct", compiles[string](none), "string must be a struct"},
		{"pointer", compiles[*empty](none), "must be a struct"},
		{"struct that reads itself", compiles[time.Time](none), "must be a struct"},
		{"negative limit", compiles[empty](limited(func(l *validate.Limits) { l.Body = -1 })), "Limits.Body -1 must be between"},
		{
			"huge limit", compiles[empty](limited(func(l *validate.Limits) { l.Errors = 1<<30 + 1 })),
			"Limits.Errors 1073741825 must be between",
		},
		{
			"deep limit", compiles[empty](limited(func(l *validate.Limits) { l.Depth = 1001 })),
			"Limits.Depth 1001 must be at most 1000",
		},
		{
			"media type in upper case", compiles[empty](validate.Config{MediaTypes: []string{"application/JSON"}}),
			"MediaTypes \"application/JSON\" must be",
		},
		{"media type with a parameter", compiles[empty](validate.Config{MediaTypes: []string{"a/b; c=d"}}), "MediaTypes"},
		{"media type without a slash", compiles[empty](validate.Config{MediaTypes: []string{"json"}}), "MediaTypes"},
		{
			"media type that a browser sends across origins unasked",
			compiles[empty](validate.Config{MediaTypes: []string{"text/plain"}}), "MediaTypes",
		},
		{"foreign body and json", compiles[Base](validate.Config{ForeignBody: true}), "ForeignBody must be false"},
		{"foreign body and form", compiles[struct {
			A string `form:"a"`
		}](validate.Config{ForeignBody: true}), "ForeignBody must be false"},
		{"rule with a bad name", compiles[empty](ruleNamed("1x")), "Rules \"1x\" must be letters"},
		{"rule without a name", compiles[empty](ruleNamed("")), "Rules \"\" must be letters"},
		{"rule of our name", compiles[empty](ruleNamed("email")), "is the name of a built-in rule"},
		{"rule of the dialect's name", compiles[empty](ruleNamed("isbn")), "is the name of a built-in rule"},
		{"rule of a word of the language", compiles[empty](ruleNamed("dive")), "is the name of a built-in rule"},
		{"zero rule", compiles[empty](validate.Config{Rules: map[string]validate.Rule{"x": {}}}), "must be made by RuleFor"},
		{"access without Can", compiles[struct {
			A string `json:"a" access:"write=b"`
		}](none), "Can is required"},
		{"too many fields", func() error {
			fields := make([]reflect.StructField, len(many{}))
			for i := range fields {
				fields[i] = reflect.StructField{
					Name: fmt.Sprintf("F%d", i), Type: reflect.TypeFor[int](), Tag: reflect.StructTag(fmt.Sprintf(`json:"f%d"`, i)),
				}
			}
			_, err := validate.NewDynamic(reflect.StructOf(fields), none)
			return err
		}, "at most 256 fields"},
		{"answer: interface", handles[empty, any](none), "must not be an interface"},
		{"answer: untagged", handles[empty, struct{ A int }](none), ".A needs a json tag"},
		{"answer: untagged in a Response", handles[empty, validate.Response[[]struct{ A int }]](none), ".A needs a json tag"},
		{"answer: access without Can", handles[empty, struct {
			A int `json:"a" access:"read=b"`
		}](none), "Can is required"},
		{"view: interface below", views[map[string][]struct {
			A []any `json:"a"`
		}](), "must not be an interface"},
		{"view: two sources", views[struct {
			A int `json:"a" query:"a"`
		}](), "must have one source"},
		{"view: same name", views[struct {
			A int `json:"a"`
			B int `json:"A"`
		}](), "same json name"},
		{"view: same name embedded", views[struct {
			Base
			B int `json:"a"`
		}](), "same json name"},
		{"view: embedded pointer", views[struct{ *Base }](), "is embedded and no plain struct"},
		{"view: omitempty of a struct", func() error {
			return validate.NewDynamicView(reflect.StructOf([]reflect.StructField{
				{Name: "A", Type: reflect.TypeFor[Base](), Tag: `json:"a,omitempty"`},
			}))
		}, "leave it out by omitzero"},
		{"view: bad access", views[struct {
			A int `json:"a" access:"readable"`
		}](), "access: must be"},
		{"view: unknown option", views[struct {
			A int `json:"a,string"`
		}](), "unknown option"},
	}
}

func checkFaults(t *testing.T, rows []faultRow) {
	for _, tc := range rows {
		t.Run(tc.name, func(t *testing.T) {
			err := tc.new()
			if err == nil {
				t.Fatalf("compiles, want a fault with %q", tc.want)
			}
			if !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v\nwant it to say %q", err, tc.want)
			}
			for _, f := range conf.All(err) {
				if f.Room != "validate" {
					t.Errorf("got a fault of room %q, want validate", f.Room)
				}
			}
		})
	}
}

func TestConfigFaults(t *testing.T) { checkFaults(t, configFaults()) }

// All faults come at once.
func TestFaultsTogether(t *testing.T) {
	_, err := validate.New[struct {
		A int    `validate:"min=1"`
		B string `json:"b" validate:"nope"`
		C string `json:"c" norm:"nope" access:"nope"`
	}](validate.Config{Limits: validate.Limits{Params: -1}, MediaTypes: []string{"x"}})
	if got := len(conf.All(err)); got != 6 {
		t.Errorf("got %d faults, want 6: %v", got, err)
	}
}

func TestMustHandle(t *testing.T) {
	s := mustNew[empty](t, validate.Config{})
	var _ http.Handler = validate.MustHandle(s, func(context.Context, empty) (empty, error) { return empty{}, nil })
	defer func() {
		if recover() == nil {
			t.Error("MustHandle returned for a faulty type, want a panic")
		}
	}()
	validate.MustHandle(s, func(context.Context, empty) (any, error) { return nil, nil })
}
