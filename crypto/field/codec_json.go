package field

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"
)

// jsonType is a type that encoding/json gives back as it was.
type jsonType struct {
	known map[jsonPlace]bool
	own   map[reflect.Type]bool // with a form of their own, which is not looked into
}

// jsonPlace is a type where its address is known or not: inside of a map, methods of a pointer are not called.
type jsonPlace struct {
	t       reflect.Type
	noPlace bool
}

// codecOfJSON refuses what encoding/json leaves out, replaces, or writes without being able to read it back.
func codecOfJSON(t reflect.Type) (codec, error) {
	j := jsonType{known: map[jsonPlace]bool{}, own: map[reflect.Type]bool{}}
	if fault := j.check(t, t.String(), false); fault != "" {
		return codec{}, fmt.Errorf("cannot be stored whole: %s", fault)
	}
	return codec{write: j.write, read: readJSON}, nil
}

// write refuses text that is no UTF-8, which encoding/json would replace, and what is nested too deeply to be read. The
// errors of encoding/json repeat what they have met, so they go no further.
func (j *jsonType) write(dst []byte, v reflect.Value) ([]byte, bool) {
	b, err := json.Marshal(v.Addr().Interface())
	ok := err == nil && json.Valid(b) && j.isText(v)
	dst = append(dst, b...)
	clear(b)
	return dst, ok
}

// readJSON starts from nothing: encoding/json would add to what a map, a slice or a struct holds.
func readJSON(b []byte, v reflect.Value) bool {
	v.SetZero()
	return json.Unmarshal(b, v.Addr().Interface()) == nil
}

// check returns what is wrong with t, and where, or nothing.
func (j *jsonType) check(t reflect.Type, path string, noPlace bool) string {
	if j.known[jsonPlace{t, noPlace}] {
		return ""
	}
	j.known[jsonPlace{t, noPlace}] = true
	if pair := encoderOf(t); pair != nil {
		j.own[t] = true
		return j.checkEncoder(t, pair, path, noPlace)
	}
	switch t.Kind() {
	case reflect.Interface:
		return path + " is an interface, whose type would be lost"
	case reflect.Chan, reflect.Func, reflect.Complex64, reflect.Complex128, reflect.UnsafePointer, reflect.Uintptr:
		return path + " has no form in JSON"
	case reflect.String:
		if t == reflect.TypeFor[json.Number]() {
			return path + " is a json.Number, whose empty text would become 0"
		}
	case reflect.Pointer:
		if k := t.Elem().Kind(); encoderOf(t.Elem()) == nil && (k == reflect.Pointer || k == reflect.Slice || k == reflect.Map) {
			return path + " is a pointer to what may be nil itself: one null cannot be both"
		}
		return j.check(t.Elem(), path, false)
	case reflect.Slice:
		return j.check(t.Elem(), path+"[]", false)
	case reflect.Array:
		return j.check(t.Elem(), path+"[]", noPlace)
	case reflect.Map:
		if !isKey(t.Key()) {
			return path + " has keys that are neither text, nor numbers, nor both a TextMarshaler and a TextUnmarshaler"
		}
		j.own[t.Key()] = encoderOf(t.Key()) != nil
		return j.check(t.Elem(), path+"[]", true)
	case reflect.Struct:
		return j.checkFields(t, path, noPlace, map[string]bool{})
	}
	return ""
}

func (j *jsonType) checkFields(t reflect.Type, path string, noPlace bool, names map[string]bool) string {
	for sf := range t.Fields() {
		tag, name := sf.Tag.Get("json"), jsonName(sf)
		flat := sf.Anonymous && name == "" && sf.Type.Kind() == reflect.Struct
		at := path + "." + sf.Name
		switch {
		case sf.Name == "_":
			continue // nobody can set it
		case tag == "-":
			return at + ` is left out by its tag json:"-"`
		case sf.Anonymous && encoderOf(sf.Type) != nil:
			return at + embeddedForm
		case sf.Anonymous && sf.Type.Kind() == reflect.Pointer:
			return at + " is an embedded pointer: give it a name"
		case !sf.IsExported() && !flat:
			return at + " is not exported, and would be left out"
		}
		if flat { // its fields are the outer one's
			if fault := j.checkFields(sf.Type, at, noPlace, names); fault != "" {
				return fault
			}
			continue
		}
		if name == "" {
			name = sf.Name
		}
		if names[name] {
			return at + " has the JSON name of another field"
		}
		names[name] = true
		if fault := j.check(sf.Type, at, noPlace); fault != "" {
			return fault
		}
	}
	return ""
}

// jsonName is the name in the tag. Others than these characters encoding/json ignores.
func jsonName(sf reflect.StructField) string {
	name, _, _ := strings.Cut(sf.Tag.Get("json"), ",")
	odd := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", r)
	}
	if strings.ContainsFunc(name, odd) {
		return ""
	}
	return name
}

// encoderPair is how a type writes itself, and how it reads that.
type encoderPair struct{ write, read reflect.Type }

// encoderOf returns the form of its own that t has, in which half may be missing, or nil. JSON goes before text.
func encoderOf(t reflect.Type) *encoderPair {
	for _, pair := range []encoderPair{
		{reflect.TypeFor[json.Marshaler](), reflect.TypeFor[json.Unmarshaler]()},
		{reflect.TypeFor[encoding.TextMarshaler](), reflect.TypeFor[encoding.TextUnmarshaler]()},
	} {
		for _, half := range []reflect.Type{pair.write, pair.read} {
			if t.Kind() != reflect.Pointer && (t.Implements(half) || reflect.PointerTo(t).Implements(half)) {
				return &pair
			}
		}
	}
	return nil
}

func (j *jsonType) checkEncoder(t reflect.Type, pair *encoderPair, path string, noPlace bool) string {
	if t.Kind() == reflect.Struct {
		if fault := j.checkPromoted(t, path, noPlace); fault != "" {
			return fault
		}
	}
	write, read := pair.write.Name(), pair.read.Name()
	switch p := reflect.PointerTo(t); {
	case t.Kind() == reflect.Interface:
		return path + " is an interface, whose type would be lost"
	case !p.Implements(pair.write) || !p.Implements(pair.read):
		return fmt.Sprintf("%s has not both of %s and %s", path, write, read)
	case t.Implements(pair.read):
		return fmt.Sprintf("%s is a %s by value, which cannot change it", path, read)
	case noPlace && !t.Implements(pair.write):
		return fmt.Sprintf("%s is a %s by its pointer only, which is not called inside of a map", path, write)
	}
	return ""
}

// checkPromoted refuses a form that may be that of an embedded field, unless there is no other field.
func (j *jsonType) checkPromoted(t reflect.Type, path string, noPlace bool) string {
	for sf := range t.Fields() {
		inner := sf.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		switch alone := t.NumField() == 1 && inner == sf.Type; {
		case !sf.Anonymous || encoderOf(inner) == nil:
		case alone:
			return j.check(inner, path+"."+sf.Name, noPlace)
		default:
			return path + "." + sf.Name + embeddedForm
		}
	}
	return ""
}

const embeddedForm = " is embedded with a form of its own, which may stand for the whole: give it a name"

// isKey reports whether all keys of a map can be read back. Text with a form of its own is written without it.
func isKey(t reflect.Type) bool {
	if encoderOf(t) != nil {
		write, read := reflect.TypeFor[encoding.TextMarshaler](), reflect.TypeFor[encoding.TextUnmarshaler]()
		return t.Kind() != reflect.String && t.Implements(write) && reflect.PointerTo(t).Implements(read)
	}
	k := t.Kind()
	return k == reflect.String || k >= reflect.Int && k <= reflect.Uint64
}

// isText reports whether all text is UTF-8, which is not looked for in types with a form of their own.
func (j *jsonType) isText(v reflect.Value) bool {
	if j.own[v.Type()] {
		return true
	}
	switch v.Kind() {
	case reflect.String:
		return utf8.ValidString(v.String())
	case reflect.Pointer:
		return v.IsNil() || j.isText(v.Elem())
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() < reflect.Array {
			return true // there is no text in numbers
		}
		for _, inner := range v.Seq2() {
			if !j.isText(inner) {
				return false
			}
		}
	case reflect.Map:
		for key, value := range v.Seq2() {
			if !j.isText(key) || !j.isText(value) {
				return false
			}
		}
	case reflect.Struct:
		for _, inner := range v.Fields() {
			if !j.isText(inner) {
				return false
			}
		}
	}
	return true
}
