package graphql

import (
	"encoding/json"

	"github.com/vektah/gqlparser/v2/ast"
)

// path is where @listSize says that a size is: an argument, or a member of the input objects below it.
type path []*slot

// path finds the slots of names. It has to lead to one number, past no list.
func (c *compiler) path(f *fieldCost, names []string) (path, bool) {
	var p path
	in := &inputType{members: f.args}
	for _, name := range names {
		if in == nil || in.members[name] == nil || in.members[name].typ.Elem != nil {
			return nil, false
		}
		p = append(p, in.members[name])
		in = in.members[name].of
	}
	return p, in.counts()
}

// follow reads the size at the end of a path. Where nothing is given, the schema's default says it.
func (w *walker) follow(v *ast.Value, p path) (s sizes) {
	w.steps++
	if v != nil && v.Kind == ast.Variable {
		if value, ok := w.variables[v.Raw]; ok {
			return w.followJSON(value, p)
		}
		name := v.Raw
		v = nil
		if def := w.definitions[name]; def != nil {
			v = def.DefaultValue
		}
	}
	if v == nil {
		v = p[0].usual
	}
	switch {
	case v == nil:
	case v.Kind == ast.NullValue:
		return w.followNull(p)
	case len(p) == 1:
		s.read(v.Raw)
	case v.Kind == ast.ObjectValue:
		return w.follow(v.Children.ForName(p[1].name), p[1:])
	}
	return s
}

// followJSON is follow for what the client sent as JSON.
func (w *walker) followJSON(v any, p path) (s sizes) {
	w.steps++
	switch v := v.(type) {
	case nil:
		return w.followNull(p)
	case map[string]any:
		if len(p) == 1 {
			return s
		}
		if below, ok := v[p[1].name]; ok {
			return w.followJSON(below, p[1:])
		}
		return w.follow(nil, p[1:])
	case json.Number:
		s.read(string(v))
	case string: // of a scalar of the application's
		s.read(v)
	}
	return s
}

// followNull is null for a path.
func (w *walker) followNull(p path) (s sizes) {
	if usual := p[0].usual; usual != nil && usual.Kind != ast.NullValue {
		if s = w.follow(usual, p); s.said {
			s.say(w.table.listSize)
		}
	}
	return s
}
