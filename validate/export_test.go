package validate

import (
	"net/http"
	"reflect"

	"github.com/gopalisade/palisade/internal/conf"
)

// Dynamic is a Schema of a type that a test makes up while it runs, such as one for each of many tags.
type Dynamic struct{ plan *plan }

// NewDynamic is New for such a type.
func NewDynamic(t reflect.Type, cfg Config) (*Dynamic, error) {
	f := conf.Faults{Room: "validate"}
	cfg.Limits.complete(&f)
	cfg.Messages = english
	c := newCompiler(&cfg, &f)
	root := c.root(t)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return &Dynamic{c.finish(root)}, nil
}

// Bind is Schema.Bind.
func (d *Dynamic) Bind(r *http.Request) (any, error) {
	value := reflect.New(d.plan.root.typ).Elem()
	st := d.plan.begin(r, r.Context())
	defer st.end()
	st.bind(value)
	return value.Interface(), st.err()
}

// NewDynamicView is NewView for such a type, without anybody to ask.
func NewDynamicView(t reflect.Type) error {
	f := conf.Faults{Room: "validate"}
	newView(t, nil, &f)
	return f.Err()
}
