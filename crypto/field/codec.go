package field

import (
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"time"

	"github.com/gopalisade/palisade/crypto/secret"
)

// codec makes a plaintext of a Go value, and back. Both are given addressable values.
type codec struct {
	write func(dst []byte, v reflect.Value) ([]byte, bool)
	read  func(plaintext []byte, v reflect.Value) bool
	raw   bool                         // a string, whose plaintext is itself
	exact bool                         // equal values have equal plaintexts, so that they can be indexed
	small bool                         // of so few values that an index would tell them
	text  func(v reflect.Value) string // of text, for the transforms of an index
}

var (
	typeTime   = reflect.TypeFor[time.Time]()
	typeString = reflect.TypeFor[secret.String]()
	typeBytes  = reflect.TypeFor[secret.Bytes]()
	typeSecret = reflect.TypeFor[secret.Any]()
)

// codecFor chooses by type, or says why there is none that gives back all that it was given. Numbers have a fixed size, so
// that their length tells nothing.
func codecFor(t reflect.Type) (codec, error) {
	switch { // types that were declared from these, too
	case t.ConvertibleTo(typeTime):
		return codec{write: writeTime, read: readTime, exact: true}, nil
	case t.ConvertibleTo(typeString):
		return codec{write: writeSecret[string], read: readSecretString, exact: true, text: revealed}, nil
	case t.ConvertibleTo(typeBytes):
		return codec{write: writeSecret[[]byte], read: readSecretBytes, exact: true}, nil
	case holdsSecret(t, map[reflect.Type]bool{}):
		return codec{}, fmt.Errorf("%v holds a Secret, which encoding/json redacts", t)
	}
	if c := codecOfKind(t); c.write != nil {
		return c, nil
	}
	return codecOfJSON(t)
}

// codecOfKind returns the codec of what has no inside: there nothing can be left out, whatever text form the type has.
func codecOfKind(t reflect.Type) codec {
	switch kind := t.Kind(); {
	case kind == reflect.String:
		return codec{write: writeString, read: readString, raw: true, exact: true, text: reflect.Value.String}
	case kind == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		// With a form of its own, such as that of net.IP, equal ones may have different bytes.
		return codec{write: writeBytes, read: readBytes, exact: encoderOf(t) == nil}
	case kind == reflect.Array && t.Elem().Kind() == reflect.Uint8:
		return codec{write: writeBytes, read: readArray, exact: true, small: t.Len() < 2}
	case kind == reflect.Bool:
		return codec{write: writeBool, read: readBool, exact: true, small: true}
	case kind >= reflect.Int && kind <= reflect.Int64:
		return codec{write: writeInt, read: readInt, exact: true, small: kind == reflect.Int8}
	case kind >= reflect.Uint && kind <= reflect.Uint64:
		return codec{write: writeUint, read: readUint, exact: true, small: kind == reflect.Uint8}
	case kind == reflect.Float32 || kind == reflect.Float64:
		return codec{write: writeFloat, read: readFloat}
	}
	return codec{}
}

// holdsSecret reports whether encoding/json would meet a Secret in a t.
func holdsSecret(t reflect.Type, seen map[reflect.Type]bool) bool {
	if t.Implements(typeSecret) {
		return true
	}
	if seen[t] {
		return false
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Map:
		return holdsSecret(t.Key(), seen) || holdsSecret(t.Elem(), seen)
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return holdsSecret(t.Elem(), seen)
	case reflect.Struct:
		for field := range t.Fields() {
			if holdsSecret(field.Type, seen) {
				return true
			}
		}
	}
	return false
}

func writeString(dst []byte, v reflect.Value) ([]byte, bool) { return append(dst, v.String()...), true }

func readString(b []byte, v reflect.Value) bool {
	v.SetString(string(b))
	return true
}

func writeBytes(dst []byte, v reflect.Value) ([]byte, bool) { return append(dst, v.Bytes()...), true }

func readBytes(b []byte, v reflect.Value) bool {
	v.SetBytes(append([]byte{}, b...)) // never nil, and never the buffer
	return true
}

func readArray(b []byte, v reflect.Value) bool {
	return len(b) == v.Len() && copy(v.Bytes(), b) == len(b)
}

func writeBool(dst []byte, v reflect.Value) ([]byte, bool) {
	if v.Bool() {
		return append(dst, 1), true
	}
	return append(dst, 0), true
}

func readBool(b []byte, v reflect.Value) bool {
	if len(b) != 1 || b[0] > 1 {
		return false
	}
	v.SetBool(b[0] == 1)
	return true
}

func writeInt(dst []byte, v reflect.Value) ([]byte, bool) {
	return binary.BigEndian.AppendUint64(dst, uint64(v.Int())), true
}

func readInt(b []byte, v reflect.Value) bool {
	if len(b) != 8 {
		return false
	}
	n := int64(binary.BigEndian.Uint64(b))
	if v.OverflowInt(n) { // the column had a larger type once
		return false
	}
	v.SetInt(n)
	return true
}

func writeUint(dst []byte, v reflect.Value) ([]byte, bool) {
	return binary.BigEndian.AppendUint64(dst, v.Uint()), true
}

func readUint(b []byte, v reflect.Value) bool {
	if len(b) != 8 || v.OverflowUint(binary.BigEndian.Uint64(b)) {
		return false
	}
	v.SetUint(binary.BigEndian.Uint64(b))
	return true
}

func writeFloat(dst []byte, v reflect.Value) ([]byte, bool) {
	return binary.BigEndian.AppendUint64(dst, math.Float64bits(v.Float())), true
}

func readFloat(b []byte, v reflect.Value) bool {
	if len(b) != 8 {
		return false
	}
	f := math.Float64frombits(binary.BigEndian.Uint64(b))
	if v.Kind() == reflect.Float32 && float64(float32(f)) != f && !math.IsNaN(f) { // a float32 would be another number
		return false
	}
	v.SetFloat(f)
	return true
}

// writeTime keeps the instant, to the nanosecond: neither the zone nor the monotonic clock.
func writeTime(dst []byte, v reflect.Value) ([]byte, bool) {
	at := pointer[time.Time](v)
	dst = binary.BigEndian.AppendUint64(dst, uint64(at.Unix()))
	return binary.BigEndian.AppendUint32(dst, uint32(at.Nanosecond())), true
}

func readTime(b []byte, v reflect.Value) bool {
	if len(b) != 12 {
		return false
	}
	nanos := binary.BigEndian.Uint32(b[8:])
	*pointer[time.Time](v) = time.Unix(int64(binary.BigEndian.Uint64(b)), int64(nanos)).UTC()
	return nanos < 1e9
}

func writeSecret[T string | []byte](dst []byte, v reflect.Value) ([]byte, bool) {
	return append(dst, pointer[secret.Secret[T]](v).Reveal()...), true
}

func revealed(v reflect.Value) string { return pointer[secret.String](v).Reveal() }

func readSecretString(b []byte, v reflect.Value) bool {
	*pointer[secret.String](v) = secret.New(string(b))
	return true
}

func readSecretBytes(b []byte, v reflect.Value) bool {
	*pointer[secret.Bytes](v) = secret.New(append([]byte{}, b...))
	return true
}

// pointer returns where v is, as a T or a type that was declared from it.
func pointer[T any](v reflect.Value) *T {
	if p, ok := v.Addr().Interface().(*T); ok {
		return p
	}
	return v.Addr().Convert(reflect.TypeFor[*T]()).Interface().(*T)
}
