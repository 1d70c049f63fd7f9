package validate

import (
	"cmp"
	"reflect"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// encoder writes one answer for a caller with certain permissions.
type encoder struct {
	enc  *jsontext.Encoder
	held uint64
}

func (e *encoder) value(s *shape, v reflect.Value) error {
	switch {
	case !s.limited:
		return json.MarshalEncode(e.enc, v.Addr().Interface())
	case s.kind == reflect.Interface: // an Opt
		o := v.Addr().Interface().(optional)
		if o.absent() {
			return e.enc.WriteToken(jsontext.Null)
		}
		return e.value(s.elem, reflect.ValueOf(o.target()).Elem())
	case s.kind == reflect.Pointer:
		if v.IsNil() {
			return e.enc.WriteToken(jsontext.Null)
		}
		return e.value(s.elem, v.Elem())
	case s.kind == reflect.Struct:
		return e.object(s, v)
	case s.kind == reflect.Map:
		return e.mapping(s, v)
	}
	if err := e.enc.WriteToken(jsontext.BeginArray); err != nil {
		return err
	}
	for i := range v.Len() {
		if err := e.value(s.elem, v.Index(i)); err != nil {
			return err
		}
	}
	return e.enc.WriteToken(jsontext.EndArray)
}

func (e *encoder) object(s *shape, v reflect.Value) error {
	if err := e.enc.WriteToken(jsontext.BeginObject); err != nil {
		return err
	}
	for i := range s.members {
		m := &s.members[i]
		field := v.FieldByIndex(m.index)
		if m.never || !m.read.allows(e.held) || m.options.omits(field) {
			continue
		}
		if err := e.enc.WriteValue(m.quoted); err != nil {
			return err
		}
		if err := e.value(m.shape, field); err != nil {
			return err
		}
	}
	return e.enc.WriteToken(jsontext.EndObject)
}

// mapping writes a map with sorted keys, so that equal values give equal bytes.
func (e *encoder) mapping(s *shape, v reflect.Value) error {
	if err := e.enc.WriteToken(jsontext.BeginObject); err != nil {
		return err
	}
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return cmp.Compare(a.String(), b.String()) })
	for _, key := range keys {
		elem := reflect.New(v.Type().Elem()).Elem() // a map's elements have no address
		elem.Set(v.MapIndex(key))
		if err := e.enc.WriteToken(jsontext.String(key.String())); err != nil {
			return err
		}
		if err := e.value(s.elem, elem); err != nil {
			return err
		}
	}
	return e.enc.WriteToken(jsontext.EndObject)
}

// omits follows the options of the JSON package.
func (o jsonOptions) omits(v reflect.Value) bool {
	if o.omitZero {
		if z, ok := v.Addr().Interface().(interface{ IsZero() bool }); ok && (v.Kind() != reflect.Pointer || !v.IsNil()) {
			return z.IsZero()
		}
		return v.IsZero()
	}
	if !o.omitEmpty {
		return false
	}
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return true
		}
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.String, reflect.Slice, reflect.Map, reflect.Array:
		return v.Len() == 0
	}
	return false
}
