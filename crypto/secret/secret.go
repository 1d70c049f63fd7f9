package secret

import (
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
	"reflect"
)

const redacted = "[redacted]"

// String is the secret of most programs: a password or a key as text.
type String = Secret[string]

// Bytes is a secret that its owner may overwrite.
type Bytes = Secret[[]byte]

// Secret holds a value that only [Secret.Reveal] shows; its zero value holds T's. It cannot be compared with == or be the
// key of a map, which would print it or compare in variable time: see [Secret.Equal].
type Secret[T any] struct {
	// A closure, since fmt and reflection walk through fields and pointers, exported or not, and print what they find.
	// Of a function they can print an address only.
	reveal func() T
}

// New returns a Secret of value. Bytes are not copied, so that their owner may overwrite them.
func New[T any](value T) Secret[T] {
	return Secret[T]{func() T { return value }}
}

// Reveal returns the value.
func (s Secret[T]) Reveal() T {
	if s.reveal == nil {
		var zero T
		return zero
	}
	return s.reveal()
}

// RevealText returns the value as text when T is a string or bytes of some name, and otherwise false.
func (s Secret[T]) RevealText() (text string, ok bool) {
	if !isText(reflect.TypeFor[T]()) {
		return "", false
	}
	value := reflect.ValueOf(s.Reveal())
	if value.Kind() == reflect.String {
		return value.String(), true
	}
	return string(value.Bytes()), true
}

// IsZero reports whether there is nothing to hide: T's zero value, an empty text, slice or map, or a pointer to one or
// an interface around one.
func (s Secret[T]) IsZero() bool {
	value := s.Reveal()
	v := reflect.ValueOf(&value).Elem()
	for range maxPointers {
		if v.Kind() != reflect.Pointer && v.Kind() != reflect.Interface || v.IsNil() {
			break
		}
		v = v.Elem()
	}
	if v.Kind() == reflect.Slice || v.Kind() == reflect.Map {
		return v.Len() == 0
	}
	return v.IsZero()
}

// maxPointers is where to end with a pointer that points to itself.
const maxPointers = 8

// Equal reports whether both hold the same value. For strings, bytes and arrays of bytes the time it takes tells their
// lengths at most; for other types it is [reflect.DeepEqual], which tells more. A zero secret equals nothing, not even
// another one: a token that was never configured must not admit the request that sends none.
func (s Secret[T]) Equal(other Secret[T]) bool {
	if s.IsZero() || other.IsZero() {
		return false
	}
	mine, theirs := s.Reveal(), other.Reveal()
	if a, ok := raw(reflect.ValueOf(&mine).Elem()); ok {
		b, _ := raw(reflect.ValueOf(&theirs).Elem())
		return subtle.ConstantTimeCompare(a, b) == 1
	}
	return reflect.DeepEqual(mine, theirs)
}

// raw returns the bytes that a variable is made of.
func raw(v reflect.Value) ([]byte, bool) {
	switch {
	case v.Kind() == reflect.String:
		return []byte(v.String()), true
	case isText(v.Type()), v.Kind() == reflect.Array && v.Type().Elem().Kind() == reflect.Uint8:
		return v.Bytes(), true
	}
	return nil, false
}

// String returns [redacted].
func (s Secret[T]) String() string { return redacted }

// Format prints [redacted] for every verb of fmt.
func (s Secret[T]) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// LogValue implements [slog.LogValuer].
func (s Secret[T]) LogValue() slog.Value { return slog.StringValue(redacted) }

func (s Secret[T]) sealed() {}

// Any is every Secret, and no other type: a pointer to one is an [encoding.TextUnmarshaler] beside. It serves packages
// that meet secrets by reflection.
type Any interface {
	RevealText() (text string, ok bool)
	IsZero() bool
	sealed()
}

var _ Any = Secret[int]{}

func isText(t reflect.Type) bool {
	return t.Kind() == reflect.String || t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8
}
