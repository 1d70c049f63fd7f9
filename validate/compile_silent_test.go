package validate_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/crypto/secret"
	"github.com/gopalisade/palisade/validate"
)

type fAdmin struct {
	Role string `json:"role"`
}
type fNone struct {
	A string `json:"a"`
}
type FExp struct {
	Role string `json:"role" access:"read=admin"`
}
type fHidden struct {
	Role string `json:"role" access:"read=admin"`
}
type tagList []string

func (tagList) Validate(context.Context) error { return validate.Invalid("", "bad") }

type twoA struct {
	A string `json:"a"`
}

func (twoA) Validate(context.Context) error { return validate.Invalid("a", "bad_a") }

type twoB struct {
	B string `json:"b"`
}

func (twoB) Validate(context.Context) error { return validate.Invalid("b", "bad_b") }

type old struct {
	A string `json:"a"`
}

func (old) Validate() error { return errors.New("x") }

// What a tag says must hold or be a fault: nothing is left out in silence.
func TestSilentTags(t *testing.T) {
	rule := map[string]validate.Rule{
		"nonzero": validate.RuleFor(func(string) bool { return false }),
		"present": validate.RuleFor(func(string) bool { return false }),
	}
	adm := validate.Config{Can: nobody}
	for _, tc := range []struct {
		name string
		f    func() error
	}{
		{"access on an embedded struct is dropped", compiles[struct {
			fAdmin `access:"write=admin"`
		}](adm)},
		{"validate on an embedded struct is dropped", compiles[struct {
			FExp `validate:"required"`
		}](adm)},
		{"view: access on an embedded struct is dropped", views[struct {
			FExp `access:"read=admin"`
		}]()},
		{"view: unexported embedded pointer", views[struct {
			*fHidden
			B string `json:"b"`
		}]()},
		{"cross rule behind dive", compiles[struct {
			A string   `json:"a"`
			B []string `json:"b" validate:"dive,eqfield=A"`
		}](adm)},
		{"cross rule of keys", compiles[struct {
			A string            `json:"a"`
			B map[string]string `json:"b" validate:"dive,keys,eqfield=A,endkeys"`
		}](adm)},
		{"cross rule as alternative", compiles[struct {
			A string `json:"a"`
			B string `json:"b" validate:"email|required_without=A"`
		}](adm)},
		{"omitempty as alternative", compiles[struct {
			A string `json:"a" validate:"email|omitempty"`
		}](adm)},
		{"omitempty as first alternative", compiles[struct {
			A string `json:"a" validate:"omitempty|email"`
		}](adm)},
		{"dive with alternative", compiles[struct {
			A []string `json:"a" validate:"dive|max=3"`
		}](adm)},
		{"dive with param", compiles[struct {
			A []string `json:"a" validate:"dive=3"`
		}](adm)},
		{"own rule nonzero", compiles[struct {
			A string `json:"a" validate:"nonzero"`
		}](validate.Config{Rules: rule})},
		{"own rule present", compiles[struct {
			A string `json:"a" validate:"present"`
		}](validate.Config{Rules: rule})},
		{"Validate of a slice type", compiles[struct {
			A tagList `json:"a"`
		}](adm)},
		{"Validate of two embedded", compiles[struct {
			twoA
			twoB
		}](adm)},
		{"Validate with other signature", compiles[old](adm)},
		{"access on path", compiles[struct {
			A string `path:"a" access:"write=admin"`
		}](adm)},
		{"access on whole body", compiles[struct {
			A fNone `body:"json" access:"write=admin"`
		}](adm)},
		{"eq without parameter", compiles[struct {
			A string `json:"a" validate:"eq"`
		}](adm)},
		{"secret of int", compiles[struct {
			A secret.Secret[int] `json:"a"`
		}](adm)},
		{"view chan", views[struct {
			A chan int `json:"a"`
		}]()},
		{"view func", views[struct {
			A func() `json:"a"`
		}]()},
		{"view quoted name", views[struct {
			A string `json:"'a'"`
		}]()},
		{"name with quote", func() error { return tagged(reflect.TypeFor[string](), `json:"a'b"`, adm) }},
		{"name with backslash", func() error { return tagged(reflect.TypeFor[string](), `json:"a\\b"`, adm) }},
		{"eqfield itself", compiles[struct {
			A string `json:"a" validate:"eqfield=A"`
		}](adm)},
		{"required_if twice the same", compiles[struct {
			A string `json:"a" validate:"required_with=A"`
		}](adm)},
		{"dive on a struct is dropped with its rules", compiles[struct {
			A fNone `json:"a" validate:"dive,required"`
		}](adm)},
		{"anonymous type: fault names no place", func() error {
			_, err := validate.New[struct {
				A fNone  `body:"json"`
				B string `json:"b"`
			}](adm)
			if err != nil && strings.Contains(err.Error(), "validate:  ") {
				return nil
			}
			return err
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if err := tc.f(); err == nil {
				t.Error("compiles, want a fault")
			}
		})
	}
}

type fMany []error

func (f fMany) Error() string   { return "many" }
func (f fMany) Unwrap() []error { return f }

type openHook struct {
	A string `json:"a"`
}

func (openHook) Validate(context.Context) error { return fMany{} }

type inner struct {
	A string `json:"a"`
}

func (i inner) Validate(context.Context) error { return validate.Invalid("a", "bad") }

type fBag struct{ m map[string]bool }

func (b *fBag) UnmarshalText(t []byte) error {
	b.m = map[string]bool{string(t): true}
	return nil
}
