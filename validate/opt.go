package validate

import (
	"reflect"

	"github.com/go-json-experiment/json"
)

// Opt is a member that tells absent, null and a value apart, as a PATCH needs (RFC 7396): absent leaves alone, null clears.
//
// The zero Opt is absent. Rules concern its value only; required demands a value. With the json option omitzero it is
// written as it was read.
type Opt[T any] struct {
	value T
	state optState
}

type optState uint8

const (
	optAbsent optState = iota
	optNull
	optValue
)

// Some returns an Opt that has the value v.
func Some[T any](v T) Opt[T] { return Opt[T]{v, optValue} }

// Null returns an Opt that was set to null.
func Null[T any]() Opt[T] { return Opt[T]{state: optNull} }

// Get returns the value, and whether there is one.
func (o Opt[T]) Get() (T, bool) { return o.value, o.state == optValue }

// IsZero reports whether the member was absent.
func (o Opt[T]) IsZero() bool { return o.state == optAbsent }

// IsNull reports whether the member was null.
func (o Opt[T]) IsNull() bool { return o.state == optNull }

// MarshalJSON writes the value, or null without one.
func (o Opt[T]) MarshalJSON() ([]byte, error) {
	if o.state != optValue {
		return []byte("null"), nil
	}
	return json.Marshal(o.value)
}

// UnmarshalJSON reads a value or null, outside of a Schema too.
func (o *Opt[T]) UnmarshalJSON(b []byte) error {
	*o = Null[T]()
	if string(b) == "null" {
		return nil
	}
	o.state = optValue
	return json.Unmarshal(b, &o.value)
}

// optional is an *Opt, whatever is in it.
type optional interface {
	inner() reflect.Type
	target() any
	mark(null bool)
	absent() bool // or null
}

func (o *Opt[T]) inner() reflect.Type { return reflect.TypeFor[T]() }
func (o *Opt[T]) target() any         { return &o.value }
func (o *Opt[T]) absent() bool        { return o.state != optValue }

func (o *Opt[T]) mark(null bool) {
	o.state = optValue
	if null {
		o.state = optNull
	}
}
