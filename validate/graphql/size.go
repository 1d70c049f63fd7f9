package graphql

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// sizes are what values say of the list that they are for.
type sizes struct {
	said    bool
	wanted  int64 // where said; the largest
	longest int64 // list among the values: ids of what is asked for, perhaps
}

func (s *sizes) say(n int64) { s.said, s.wanted = true, max(s.wanted, n) }

// read is say for the text of a number; other texts say nothing.
func (s *sizes) read(text string) {
	if n, ok := number(text); ok {
		s.say(n)
	}
}

func (s *sizes) or(o sizes) {
	s.longest = max(s.longest, o.longest)
	if o.said {
		s.say(o.wanted)
	}
}

// and is or for the elements of a list: each may get what it asks for.
func (s *sizes) and(o sizes) {
	s.longest = max(s.longest, o.longest)
	if o.said {
		s.say(add(s.wanted, o.wanted))
	}
}

// sizes finds what the arguments of a field say.
func (w *walker) sizes(f *fieldCost, args ast.ArgumentList) (s sizes) {
	for _, a := range args {
		if arg := f.args[a.Name]; arg != nil {
			s.or(w.literal(a.Value, arg))
		}
	}
	for _, arg := range f.telling {
		if args.ForName(arg.name) == nil {
			s.or(arg.unsaid)
		}
	}
	if !f.ruled {
		return s
	}
	s.said, s.wanted = false, 0
	for _, p := range f.paths {
		var given *ast.Value
		if a := args.ForName(p[0].name); a != nil {
			given = a.Value
		}
		s.or(w.follow(given, p))
	}
	if !s.said && f.assumed > 0 {
		s.say(f.assumed)
	}
	return s
}

// literal searches a literal for whatever says a size by its name.
func (w *walker) literal(v *ast.Value, at *slot) (s sizes) {
	w.steps++
	switch v.Kind {
	case ast.Variable:
		return w.variable(v.Raw, at)
	case ast.NullValue:
		return w.null(at)
	case ast.ListValue:
		s.longest = int64(len(v.Children))
		for _, c := range v.Children {
			s.and(w.literal(c.Value, at))
		}
	case ast.ObjectValue:
		if at.of == nil {
			return s
		}
		for _, c := range v.Children {
			if member := at.of.members[c.Name]; member != nil {
				s.or(w.literal(c.Value, member))
			}
		}
		for _, member := range at.of.telling {
			if v.Children.ForName(member.name) == nil {
				s.or(member.unsaid)
			}
		}
	default:
		return w.number(v.Raw, at)
	}
	return s
}

// use is how a variable is searched: as a value of its own type, which may stand where a size does.
type use struct {
	name   string
	slices bool
}

// variable searches what a variable holds, once for each use.
func (w *walker) variable(name string, at *slot) (s sizes) {
	value, given := w.variables[name]
	def := w.definitions[name]
	switch {
	case def == nil || !given && def.DefaultValue == nil:
		return at.unsaid
	case value == nil && given:
		return w.null(at)
	}
	key := use{name, at.slices}
	s, known := w.found[key]
	if known {
		return s
	}
	own := &slot{of: w.table.inputs[def.Type.Name()], slices: at.slices}
	if given {
		s = w.json(value, own)
	} else {
		s = w.literal(def.DefaultValue, own)
	}
	if w.found == nil {
		w.found = map[use]sizes{}
	}
	w.found[key] = s
	return s
}

// json is literal for what the client sent as JSON.
func (w *walker) json(v any, at *slot) (s sizes) {
	w.steps++
	switch v := v.(type) {
	case nil:
		return w.null(at)
	case []any:
		s.longest = int64(len(v))
		for _, e := range v {
			s.and(w.json(e, at))
		}
	case map[string]any:
		if at.of == nil {
			return s
		}
		for name, e := range v {
			if member := at.of.members[name]; member != nil {
				s.or(w.json(e, member))
			}
		}
		for _, member := range at.of.telling {
			if _, ok := v[member.name]; !ok {
				s.or(member.unsaid)
			}
		}
	case json.Number:
		return w.number(string(v), at)
	case string: // of a scalar of the application's
		return w.number(v, at)
	}
	return s
}

// null may be read as the default by the one resolver, as no size by the other.
func (w *walker) null(at *slot) sizes {
	s := at.unsaid
	if s.said {
		s.say(w.table.listSize)
	}
	return s
}

// number reads a size at a place that slices. Going by the name alone, 0 may as well be no limit.
func (w *walker) number(text string, at *slot) (s sizes) {
	if at.slices {
		s.read(text)
	}
	if s.said && s.wanted == 0 {
		s.say(w.table.listSize)
	}
	return s
}

// number reads a size. A negative one is everything, and so is one that does not fit.
func number(text string) (int64, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err == nil {
		if n < 0 {
			return many, true
		}
		return n, true
	}
	if strings.TrimLeft(text, "+-.0123456789eE") != "" { // a word, or a number as only Go writes it
		return 0, false
	}
	x, err := strconv.ParseFloat(text, 64)
	switch {
	case math.IsInf(x, 0), x < 0, x > 1e18:
		return many, true
	case err != nil:
		return 0, false
	}
	return int64(math.Ceil(x)), true
}
