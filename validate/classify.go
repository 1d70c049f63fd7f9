package validate

import (
	"context"
	"encoding"
	"encoding/json"
	"reflect"
	"time"

	jsonv2 "github.com/go-json-experiment/json"

	"github.com/gopalisade/palisade/crypto/secret"
)

var kinds = map[reflect.Kind]kind{
	reflect.Bool: kindBool, reflect.String: kindString, reflect.Float32: kindFloat, reflect.Float64: kindFloat,
	reflect.Int: kindInt, reflect.Int8: kindInt, reflect.Int16: kindInt, reflect.Int32: kindInt, reflect.Int64: kindInt,
	reflect.Uint: kindUint, reflect.Uint8: kindUint, reflect.Uint16: kindUint, reflect.Uint32: kindUint, reflect.Uint64: kindUint,
	reflect.Struct: kindStruct, reflect.Slice: kindSlice, reflect.Array: kindArray, reflect.Map: kindMap,
}

// classify finds how n is decoded.
func (c *compiler) classify(n *node, where string) bool {
	t := n.typ
	p := reflect.PointerTo(t)
	k, known := kinds[t.Kind()]
	n.kind = k
	switch {
	case t.Implements(reflect.TypeFor[secret.Any]()):
		n.kind = kindSecret
		if _, text := reflect.Zero(t).Interface().(secret.Any).RevealText(); !text {
			c.fault(where, "must be a secret of text")
			return false
		}
	case t == reflect.TypeFor[json.Number]():
		c.fault(where, "must not be json.Number, whose text may be anything: use a number type or json.RawMessage")
		return false
	case t == reflect.TypeFor[time.Duration]():
		c.fault(where, "must not be time.Duration, which has no form in JSON: use an int whose name tells the unit")
		return false
	case p.Implements(reflect.TypeFor[encoding.TextUnmarshaler]()):
		n.kind = kindText
	case foreign(p):
		n.kind = kindForeign
	case !known:
		c.fault(where, "must not be %v: input is typed. json.RawMessage takes any JSON, strictly checked", t)
		return false
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8 && t.Elem().PkgPath() == "":
		n.kind = kindBytes
	case k == kindMap && (t.Key().Kind() != reflect.String || opaque(t.Key())):
		c.fault(where, "must have keys that are strings")
		return false
	}
	if name := taggedInside(t, "validate", "access", "norm", "default"); name != "" && n.kind != kindStruct {
		c.fault(where, "is of a type that reads itself, so that the tags of its field %s do nothing", name)
	}
	if n.kind != kindStruct && hookOf(t) != nil {
		c.fault(where, "has a Validate method and is no struct, so nobody would call it: make it a rule")
	}
	if k <= kindFloat && n.kind == k && k != kindBool {
		n.bits = t.Bits()
	}
	return true
}

func foreign(p reflect.Type) bool {
	return p.Implements(reflect.TypeFor[jsonv2.Unmarshaler]()) || p.Implements(reflect.TypeFor[jsonv2.UnmarshalerFrom]())
}

// opaque reports that a type decodes itself, so that its fields are its own affair.
func opaque(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) || foreign(p) || p.Implements(reflect.TypeFor[optional]())
}

// hookOf returns a call of t's Validate method, which may be the pointer's.
func hookOf(t reflect.Type) func(reflect.Value, context.Context) error {
	if !reflect.PointerTo(t).Implements(reflect.TypeFor[validator]()) {
		return nil
	}
	return func(v reflect.Value, ctx context.Context) error {
		return v.Addr().Interface().(validator).Validate(ctx)
	}
}

// validator is a type with rules that no tag can say.
type validator interface {
	Validate(ctx context.Context) error
}
