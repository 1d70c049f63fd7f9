// Package conf collects the faults of a configuration, so that one restart mends them all.
//
// Every room's New fills a [Faults] and returns its Err. It knows no room and imports the standard library only.
package conf

import (
	"errors"
	"fmt"
)

// Fault is one wrong field of one room's Config.
type Fault struct {
	Room   string // the package, as imported: "cors"
	Field  string // the Config field, with index or key where it has one: "Origins[2]"
	Value  any    // what was given; nil where it was missing or must not be printed
	Reason string // what would be right
}

// Error names room, field, value and reason in one line.
func (f *Fault) Error() string {
	if f.Value == nil {
		return fmt.Sprintf("%s: %s %s", f.Room, f.Field, f.Reason)
	}
	if s, ok := f.Value.(string); ok {
		return fmt.Sprintf("%s: %s %q %s", f.Room, f.Field, s, f.Reason)
	}
	return fmt.Sprintf("%s: %s %v %s", f.Room, f.Field, f.Value, f.Reason)
}

// Faults gathers what is wrong with one room's Config. The zero value with a Room is ready to use; it is not safe for
// concurrent use, as no configuration is.
type Faults struct {
	Room string
	all  []error
}

// Check records a fault unless ok. The reason completes the sentence "Field value …", as in "must be positive".
func (f *Faults) Check(ok bool, field string, value any, reason string) {
	if !ok {
		f.all = append(f.all, &Fault{Room: f.Room, Field: field, Value: value, Reason: reason})
	}
}

// Add records err, which may already be joined, under no field of its own; nil is ignored.
func (f *Faults) Add(err error) {
	if err != nil {
		f.all = append(f.all, err)
	}
}

// Err returns every recorded fault joined, or nil.
func (f *Faults) Err() error { return errors.Join(f.all...) }

// All returns the faults inside err, however deeply they are joined or wrapped.
func All(err error) []*Fault {
	switch e := err.(type) {
	case nil:
		return nil
	case *Fault:
		return []*Fault{e}
	case interface{ Unwrap() []error }:
		var all []*Fault
		for _, sub := range e.Unwrap() {
			all = append(all, All(sub)...)
		}
		return all
	case interface{ Unwrap() error }:
		return All(e.Unwrap())
	}
	return nil
}

// Default sets a field that was left zero.
func Default[T comparable](field *T, usual T) {
	var zero T
	if *field == zero {
		*field = usual
	}
}
