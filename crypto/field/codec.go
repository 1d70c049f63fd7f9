package field

import (
	"encoding"
	"encoding/binary"
	"encoding/json"
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
	typeTime     = reflect.TypeFor[time.Time]()
	typeString   = reflect.TypeFor[secret.String]()
	typeBytes    = reflect.TypeFor[secret.Bytes]()
	typeSecret   = reflect.TypeFor[secret.Any]()
	typeJSON     = reflect.TypeFor[json.Marshaler]()
	typeText     = reflect.TypeFor[encoding.TextMarshaler]()
	typeEncoders = []reflect.Type{typeJSON, typeText}
)

// codecFor chooses by type. Numbers have a fixed size, so that their length tells nothing.
func codecFor(t reflect.Type) (codec, error) {
	switch t {
	case typeTime:
		return codec{write: writeTime, read: readTime, exact: true}, nil
	case typeString:
		return codec{write: writeSecret, read: readSecretString, exact: true, text: revealed}, nil
	case typeBytes:
		return codec{write: writeSecret, read: readSecretBytes, exact: true}, nil
	}
	if holdsSecret(t, map[reflect.Type]bool{}) {
		return codec{}, fmt.Errorf("%v holds a Secret, which encoding/json redacts", t)
	}
	for _, encoder := range typeEncoders {
		if t.Implements(encoder) || reflect.PointerTo(t).Implements(encoder) {
			return jsonCodec, nil // its plain form may not be all of it
		}
	}
	return codecOfKind(t)
}

func codecOfKind(t reflect.Type) (codec, error) {
	switch kind := t.Kind(); {
	case kind == reflect.String:
		return codec{write: writeString, read: readString, raw: true, exact: true, text: reflect.Value.String}, nil
	case kind == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		return codec{write: writeBytes, read: readBytes, exact: true}, nil
	case kind == reflect.Array && t.Elem().Kind() == reflect.Uint8:
		return codec{write: writeBytes, read: readArray, exact: true, small: t.Len() < 2}, nil
	case kind == reflect.Bool:
		return codec{write: writeBool, read: readBool, exact: true, small: true}, nil
	case kind >= reflect.Int && kind <= reflect.Int64:
		return codec{write: writeInt, read: readInt, exact: true, small: kind == reflect.Int8}, nil
	case kind >= reflect.Uint && kind <= reflect.Uint64:
		return codec{write: writeUint, read: readUint, exact: true, small: kind == reflect.Uint8}, nil
	case kind == reflect.Float32 || kind == reflect.Float64:
		return codec{write: writeFloat, read: readFloat}, nil
	case kind == reflect.Chan || kind == reflect.Func || kind == reflect.Complex64 || kind == reflect.Complex128,
		kind == reflect.UnsafePointer || kind == reflect.Uintptr:
		return codec{}, fmt.Errorf("%v cannot be encoded", t)
	}
	return jsonCodec, nil
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

var jsonCodec = codec{write: writeJSON, read: readJSON}

// The errors of encoding/json repeat what they have met, so they go no further.
func writeJSON(dst []byte, v reflect.Value) ([]byte, bool) {
	b, err := json.Marshal(v.Addr().Interface())
	return append(dst, b...), err == nil
}

func readJSON(b []byte, v reflect.Value) bool { return json.Unmarshal(b, v.Addr().Interface()) == nil }

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
	if v.OverflowFloat(f) {
		return false
	}
	v.SetFloat(f)
	return true
}

// writeTime keeps the instant, to the nanosecond: neither the zone nor the monotonic clock.
func writeTime(dst []byte, v reflect.Value) ([]byte, bool) {
	at := v.Addr().Interface().(*time.Time)
	dst = binary.BigEndian.AppendUint64(dst, uint64(at.Unix()))
	return binary.BigEndian.AppendUint32(dst, uint32(at.Nanosecond())), true
}

func readTime(b []byte, v reflect.Value) bool {
	if len(b) != 12 {
		return false
	}
	nanos := binary.BigEndian.Uint32(b[8:])
	*v.Addr().Interface().(*time.Time) = time.Unix(int64(binary.BigEndian.Uint64(b)), int64(nanos)).UTC()
	return nanos < 1e9
}

func writeSecret(dst []byte, v reflect.Value) ([]byte, bool) {
	return append(dst, revealed(v)...), true
}

func revealed(v reflect.Value) string {
	text, _ := v.Addr().Interface().(secret.Any).RevealText()
	return text
}

func readSecretString(b []byte, v reflect.Value) bool {
	*v.Addr().Interface().(*secret.String) = secret.New(string(b))
	return true
}

func readSecretBytes(b []byte, v reflect.Value) bool {
	*v.Addr().Interface().(*secret.Bytes) = secret.New(append([]byte{}, b...))
	return true
}
