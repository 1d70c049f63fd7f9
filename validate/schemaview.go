package validate

import (
	"encoding/json"
	"reflect"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
)

// JSONSchema returns the JSON Schema (2020-12) of what the View writes, for all callers together: a member that only some
// may read is described and not required, and one that nobody may read is not there. Further members are not ruled out, so
// that an answer may grow.
func (v *View[R]) JSONSchema() json.RawMessage {
	count := typeCount{}
	count.shape(reflect.TypeFor[R](), v.view.root)
	w := viewWriter{&definitions{refs: "#/$defs/", only: count}}
	return w.defs.document(w.shape(reflect.TypeFor[R](), v.view.root))
}

// viewWriter writes shapes as JSON Schema.
type viewWriter struct{ defs *definitions }

func (w *viewWriter) shape(t reflect.Type, s *shape) keywords {
	switch s.kind {
	case reflect.Interface, reflect.Pointer:
		return orNull(w.shape(inside(t, s), s.elem))
	case reflect.Invalid:
		return selfWritten(t)
	case reflect.Struct:
		return w.defs.refer(definition{typ: t, output: true}, func() keywords { return w.members(t, s) })
	case reflect.Map:
		return keywords{{"type", "object"}, {"additionalProperties", w.shape(t.Elem(), s.elem)}}
	case reflect.Slice, reflect.Array:
		if t.Elem() == reflect.TypeFor[byte]() {
			return keywords{{"type", "string"}, {"contentEncoding", "base64"}}
		}
		list := keywords{{"type", "array"}, {"items", w.shape(t.Elem(), s.elem)}}
		if s.kind == reflect.Array {
			list = append(list, keyword{"minItems", t.Len()}, keyword{"maxItems", t.Len()})
		}
		return list
	case reflect.Bool:
		return keywords{{"type", "boolean"}}
	case reflect.String:
		return keywords{{"type", "string"}}
	case reflect.Float32, reflect.Float64:
		return keywords{{"type", "number"}}
	}
	return keywords{{"type", "integer"}}
}

func (w *viewWriter) members(t reflect.Type, s *shape) keywords {
	var properties keywords
	var required []string
	for i := range s.members {
		m := &s.members[i]
		if m.never || m.read.limited && m.read.mask == 0 {
			continue
		}
		properties.set(m.name, w.shape(t.FieldByIndex(m.index).Type, m.shape))
		if !m.read.limited && !m.options.omitZero && !m.options.omitEmpty {
			required = append(required, m.name)
		}
	}
	object := keywords{{"type", "object"}}
	if len(properties) > 0 {
		object.set("properties", properties)
	}
	if len(required) > 0 {
		object.set("required", required)
	}
	return object
}

// selfWritten is a type with a marshal method: a text is a text, and JSON may be anything.
func selfWritten(t reflect.Type) keywords {
	p := reflect.PointerTo(t)
	switch {
	case t == reflect.TypeFor[time.Time]():
		return keywords{{"type", "string"}, {"format", "date-time"}}
	case p.Implements(reflect.TypeFor[json.Marshaler]()), p.Implements(reflect.TypeFor[jsonv2.MarshalerTo]()):
		return nil
	}
	return keywords{{"type", "string"}}
}

// inside is the type that a pointer or an Opt of type t holds.
func inside(t reflect.Type, s *shape) reflect.Type {
	if s.kind == reflect.Interface {
		return reflect.New(t).Interface().(optional).inner()
	}
	return t.Elem()
}

func (c typeCount) shape(t reflect.Type, s *shape) {
	switch s.kind {
	case reflect.Interface, reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		c.shape(inside(t, s), s.elem)
	case reflect.Struct:
		if c[t]++; c[t] > 1 {
			return
		}
		for i := range s.members {
			c.shape(t.FieldByIndex(s.members[i].index).Type, s.members[i].shape)
		}
	}
}
