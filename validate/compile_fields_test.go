package validate_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/gopalisade/palisade/crypto/secret"
	"github.com/gopalisade/palisade/validate"
)

func fieldFaults() []faultRow {
	none := validate.Config{}
	return []faultRow{
		{"untagged", compiles[struct{ Admin bool }](none), ".Admin needs a source"},
		{"two sources", compiles[struct {
			A string `json:"a" query:"a"`
		}](none), ".A must have one source, not json and query"},
		{"out and a source", compiles[struct {
			A string `json:"-" query:"a"`
		}](none), "must have one source"},
		{"tags of a field that is left out", compiles[struct {
			A string `json:"-" validate:"required"`
		}](none), `left out by "-"`},
		{"no name", compiles[struct {
			A string `json:",omitempty"`
		}](none), "needs a name in its json tag"},
		{"no name in a query", compiles[struct {
			A string `query:""`
		}](none), "needs a name in its query tag"},
		{"control character in a name", compiles[struct {
			A string `query:"a\n"`
		}](none), "printable name"},
		{"header that is no token", compiles[struct {
			A string `header:"X Y"`
		}](none), "name of a header field"},
		{"unknown option", compiles[struct {
			A string `json:"a,string"`
		}](none), `unknown option "string"`},
		{"comma in a path", compiles[struct {
			A string `path:"a,comma"`
		}](none), `unknown option "comma"`},
		{"slash in a query", compiles[struct {
			A string `query:"a,slash"`
		}](none), `unknown option "slash"`},
		{"comma for one value", compiles[struct {
			A string `query:"a,comma"`
		}](none), "must be a slice"},
		{"slice in a path", compiles[struct {
			A []string `path:"a"`
		}](none), "a path has each name once"},
		{"struct in a query", compiles[struct {
			A Base `query:"a"`
		}](none), "to be in the query"},
		{"map in a query", compiles[struct {
			A map[string]string `query:"a"`
		}](none), "to be in the query"},
		{"bytes in a header", compiles[struct {
			A []byte `header:"a"`
		}](none), "to be in the header"},
		{"raw JSON in a form", compiles[struct {
			A json.RawMessage `form:"a"`
		}](none), "to be in the form"},
		{"secret in a query", compiles[struct {
			A secret.String `query:"a"`
		}](none), "must not be secret"},
		{"secrets in a query", compiles[struct {
			A []secret.String `query:"a"`
		}](none), "must not be secret"},
		{"secret in a path", compiles[struct {
			A *secret.String `path:"a"`
		}](none), "must not be secret"},
		{"cookie header", compiles[struct {
			A string `header:"cookie"`
		}](none), "must not be Cookie"},
		{"host header", compiles[struct {
			A string `header:"host"`
		}](none), "must not be Host"},
		{"other body", compiles[struct {
			A Base `body:"xml"`
		}](none), `body must be "json"`},
		{"whole and member", compiles[struct {
			A Base   `body:"json"`
			B string `json:"b"`
		}](none), "whole body"},
		{"json and form", compiles[struct {
			A string `json:"a"`
			B string `form:"b"`
		}](none), "choose one"},
		{"same name but for case", compiles[struct {
			A string `json:"role"`
			B string `json:"ROLE"`
		}](none), "same body name"},
		{"same name but for a long s", compiles[struct {
			A string `query:"tags"`
			B string `query:"tagſ"`
		}](none), "same query name"},
		{"same name embedded", compiles[struct {
			Base
			B string `json:"a"`
		}](none), "same body name"},
		{"embedded pointer", compiles[struct{ *Base }](none), "is embedded and no plain struct"},
		{"embedded pointer that is not exported", compiles[struct{ *hiddenP }](none), "is embedded and no plain struct"},
		{"embedded text", compiles[struct{ naked }](none), "is embedded and no plain struct"},
		{"tags of a field that is not exported", compiles[struct {
			a string `query:"a"`
		}](none), "not exported"},
		{"query below", compiles[struct {
			A struct {
				B string `query:"b"`
			} `json:"a"`
		}](none), "only the outermost struct"},
		{"whole body below", compiles[struct {
			A struct {
				B Base `body:"json"`
			} `json:"a"`
		}](none), "only the outermost struct"},
		{"outermost in itself", compiles[selfish](none), "only the outermost struct may have"},
		{"any", compiles[struct {
			A any `json:"a"`
		}](none), "must not be interface {}"},
		{"map of any", compiles[struct {
			A map[string]any `json:"a"`
		}](none), "must not be interface {}"},
		{"interface", compiles[struct {
			A fmt.Stringer `json:"a"`
		}](none), "must not be fmt.Stringer"},
		{"channel", compiles[struct {
			A chan int `json:"a"`
		}](none), "must not be chan int"},
		{"func", compiles[struct {
			A func() `json:"a"`
		}](none), "must not be func()"},
		{"complex", compiles[struct {
			A complex128 `json:"a"`
		}](none), "must not be complex128"},
		{"address", compiles[struct {
			A uintptr `json:"a"`
		}](none), "must not be uintptr"},
		{"duration", compiles[struct {
			A time.Duration `json:"a"`
		}](none), "must not be time.Duration"},
		{"json.Number", compiles[struct {
			A json.Number `json:"a"`
		}](none), "must not be json.Number"},
		{"keys that are numbers", compiles[struct {
			A map[int]string `json:"a"`
		}](none), "keys that are strings"},
	}
}

func TestFieldFaults(t *testing.T) { checkFaults(t, fieldFaults()) }

// The one name that encoding/json reads in two ways.
func TestDashFault(t *testing.T) {
	field := reflect.StructField{Name: "A", Type: reflect.TypeFor[string](), Tag: `json:"-,"`}
	_, err := validate.NewDynamic(reflect.StructOf([]reflect.StructField{field}), validate.Config{})
	wantFault(t, err, `has the name "-"`)
}
