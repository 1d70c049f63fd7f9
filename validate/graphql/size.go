package graphql

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// sizeArg is where a list's size can be said: an argument, or an input field inside one.
type sizeArg struct {
	path     []string
	defaults []*ast.Value // of the schema, for each step of path; nil where there is none
}

// The depth of input objects that are searched for the usual names, and how many places a field has at most.
const (
	guessDepth = 3
	guessMost  = 16
)

// sizeArg follows a path of @listSize.
func (c *compiler) sizeArg(def *ast.FieldDefinition, path []string) (sizeArg, bool) {
	s := sizeArg{path: path}
	arg := def.Arguments.ForName(path[0])
	if arg == nil {
		return s, false
	}
	s.defaults = append(s.defaults, arg.DefaultValue)
	of := arg.Type
	for _, name := range path[1:] {
		in := c.schema.Types[of.Name()]
		if in == nil || in.Fields.ForName(name) == nil {
			return s, false
		}
		field := in.Fields.ForName(name)
		s.defaults = append(s.defaults, field.DefaultValue)
		of = field.Type
	}
	return s, true
}

// guess finds the arguments that slice by their names.
func (c *compiler) guess(def *ast.FieldDefinition) []sizeArg {
	var all []sizeArg
	for _, a := range def.Arguments {
		all = c.search(all, sizeArg{[]string{a.Name}, []*ast.Value{a.DefaultValue}}, a.Type)
	}
	return all
}

func (c *compiler) search(all []sizeArg, s sizeArg, of *ast.Type) []sizeArg {
	def := c.schema.Types[of.Name()]
	switch {
	case def == nil, of.Elem != nil, len(all) == guessMost:
	case def.Kind == ast.Scalar && def.Name != "Boolean" && slices.Contains(c.slicing, s.path[len(s.path)-1]):
		all = append(all, s)
	case def.Kind == ast.InputObject && len(s.path) < guessDepth:
		for _, f := range def.Fields {
			below := sizeArg{append(slices.Clone(s.path), f.Name), append(slices.Clone(s.defaults), f.DefaultValue)}
			all = c.search(all, below, f.Type)
		}
	}
	return all
}

// size is the largest that the arguments say, or what @listSize assumes; false where nobody says one.
func (w *walker) size(f *fieldCost, args ast.ArgumentList) (int64, bool) {
	var size int64
	said := false
	for i := range f.sizes {
		s := &f.sizes[i]
		var given *ast.Value
		if a := args.ForName(s.path[0]); a != nil {
			given = a.Value
		}
		if n, ok := w.literal(given, s, 0); ok {
			size, said = max(size, n), true
		}
	}
	if !said && f.assumed > 0 {
		return f.assumed, true
	}
	return size, said
}

// literal reads a size from the value at one step of its path; without one, from the schema's default.
func (w *walker) literal(v *ast.Value, s *sizeArg, step int) (int64, bool) {
	w.steps++
	if v != nil && v.Kind == ast.Variable {
		if value, ok := w.variables[v.Raw]; ok {
			return w.variable(value, s, step)
		}
		v = w.defaults[v.Raw]
	}
	if v == nil {
		v = s.defaults[step]
	}
	switch {
	case v == nil:
		return 0, false
	case v.Kind == ast.ObjectValue && step+1 < len(s.path):
		return w.literal(v.Children.ForName(s.path[step+1]), s, step+1)
	case step+1 < len(s.path), v.Kind == ast.ObjectValue:
		return 0, false
	}
	return number(v.Raw)
}

// variable is literal for what the client sent as JSON.
func (w *walker) variable(v any, s *sizeArg, step int) (int64, bool) {
	w.steps++
	last := step+1 == len(s.path)
	switch v := v.(type) {
	case map[string]any:
		if last {
			return 0, false
		}
		below, ok := v[s.path[step+1]]
		if !ok {
			return w.literal(nil, s, step+1)
		}
		return w.variable(below, s, step+1)
	case json.Number:
		if last {
			return number(string(v))
		}
	case string: // of a scalar of the application's
		if last {
			return number(v)
		}
	}
	return 0, false
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
