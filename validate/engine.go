package validate

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	playground "github.com/go-playground/validator/v10"
)

// engine runs the rules of the dialect that we have none of our own for: checksums of books and banks, colours, hashes.
type engine struct{ v *playground.Validate }

func newEngine() *engine { return &engine{playground.New(playground.WithRequiredStructEnabled())} }

// refused are names of the dialect that have no place here, and why.
var refused = map[string]string{
	"uri":           "accepts //host and relative text: use url, or RelPath for a redirect",
	"structonly":    "leaves the inside of a struct unchecked",
	"nostructlevel": "leaves the inside of a struct unchecked",
	"isdefault":     "accepts only nothing: leave the field out, or say access:\"write=-\"",
	"validateFn":    "calls a method by name: give the type a Validate method",
	"datetime":      "takes Go's layouts, whose names no client knows: use date, time, timestamp, or time.Time",
}

// asksOutside are names whose check opens files or asks name servers for what a client sent.
var asksOutside = []string{
	"file", "filepath", "dir", "dirpath", "image", "uds_exists", "mimetype", "unix_addr", "ip_addr", "ip4_addr", "ip6_addr", "tcp_addr",
	"tcp4_addr", "tcp6_addr", "udp_addr", "udp4_addr", "udp6_addr",
}

// needsParent are names that look at other fields in a way that we do not offer.
var needsParent = []string{
	"eqcsfield", "necsfield", "gtcsfield", "gtecsfield", "ltcsfield", "ltecsfield", "fieldcontains", "fieldexcludes",
	"postcode_iso3166_alpha2_field", "skip_unless",
}

// has reports whether the dialect knows the name.
func (e *engine) has(name string) bool {
	_, err := e.try(ruleWord{name: name}, "")
	return err == nil || !strings.Contains(err.Error(), "Undefined validation function")
}

// compile tries the rule on an empty value, so that what would panic on a request does so here.
func (e *engine) compile(n *node, w ruleWord) (func(reflect.Value) bool, error) {
	switch reason, ok := refused[w.name]; {
	case ok:
		return nil, errors.New(reason)
	case slices.Contains(asksOutside, w.name):
		return nil, errors.New("asks the file system or a name server for what a client sent")
	case slices.Contains(needsParent, w.name):
		return nil, errors.New("compares with a field elsewhere: give the type a Validate method")
	case !e.has(w.name):
		return nil, errors.New("is no rule")
	}
	collection := n.kind == kindSlice || n.kind == kindArray || n.kind == kindMap
	if unique := w.name == "unique"; unique != collection || !unique && !n.isText() {
		return nil, fmt.Errorf("does not fit %v", n.typ)
	}
	sample := reflect.Zero(n.subject())
	if n.kind == kindSlice { // an empty one would not show that its elements cannot be compared
		sample = reflect.MakeSlice(n.typ, 2, 2)
	}
	run, err := e.try(w, sample.Interface())
	if err != nil {
		return nil, errors.New("the parameter does not fit")
	}
	return run, nil
}

// try returns the check for one word, or the panic that it ends in for the value.
func (e *engine) try(w ruleWord, value any) (run func(reflect.Value) bool, err error) {
	tag := w.name
	if w.hasParam {
		tag += "=" + strings.NewReplacer(",", "0x2C", "|", "0x7C").Replace(w.param)
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
	}()
	_ = e.v.Var(value, tag)
	return func(v reflect.Value) (ok bool) {
		defer func() {
			if recover() != nil {
				ok = false // what cannot be judged does not pass
			}
		}()
		return e.v.Var(v.Interface(), tag) == nil
	}, nil
}
