package graphql

import (
	"encoding/json"
	"math"
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"
)

// checkVariables asks that the values fit the operation's types (GraphQL section 6.1.2), and that each belongs to one.
func (g *Guard) checkVariables(op *ast.OperationDefinition, values map[string]any) *Error {
	known := 0
	for _, def := range op.VariableDefinitions {
		value, given := values[def.Variable]
		if given {
			known++
		}
		ok := !def.Type.NonNull || def.DefaultValue != nil
		if given {
			ok = fits(def.Type, g.table.inputs[def.Type.Name()], value)
		}
		if !ok {
			return variables.err()
		}
	}
	if known != len(values) {
		return variables.err()
	}
	return nil
}

// fits says whether a value can be coerced to a type, of which in is the innermost (GraphQL section 3). It goes no deeper
// than the value.
func fits(t *ast.Type, in *inputType, v any) bool {
	if v == nil {
		return !t.NonNull
	}
	if t.Elem != nil {
		list, ok := v.([]any)
		if !ok {
			return fits(t.Elem, in, v) // one value stands for a list of one
		}
		for _, e := range list {
			if !fits(t.Elem, in, e) {
				return false
			}
		}
		return true
	}
	if in == nil {
		return false
	}
	switch in.kind {
	case ast.InputObject:
		return in.fitsObject(v)
	case ast.Enum:
		name, ok := v.(string)
		return ok && in.values[name]
	}
	return fitsScalar(in.name, v)
}

func (in *inputType) fitsObject(v any) bool {
	object, ok := v.(map[string]any)
	if !ok || in.oneOf && len(object) != 1 {
		return false
	}
	for name, value := range object {
		s := in.members[name]
		if s == nil || !fits(s.typ, s.of, value) || in.oneOf && value == nil {
			return false
		}
	}
	for _, name := range in.required {
		if _, given := object[name]; !given {
			return false
		}
	}
	return true
}

// suits is fits for one literal; its elements and members are asked about by themselves (GraphQL section 5.6.1). Variables
// have a rule of their own.
func (t *table) suits(v *ast.Value) bool {
	in := t.inputs[v.Definition.Name]
	switch {
	case v.Kind == ast.Variable:
		return true
	case v.Kind == ast.NullValue:
		return !v.ExpectedType.NonNull
	case in == nil || !in.specified():
		return true
	case v.Kind == ast.ListValue:
		return v.ExpectedType.Elem != nil
	case v.Kind == ast.ObjectValue:
		return in.kind == ast.InputObject && in.suitsObject(v)
	case v.Kind == ast.EnumValue:
		return in.values[v.Raw]
	}
	return in.kind == ast.Scalar && fitsScalar(in.name, plain(v))
}

func (in *inputType) suitsObject(v *ast.Value) bool {
	given := make(map[string]bool, len(v.Children))
	for _, c := range v.Children {
		if in.members[c.Name] == nil || in.oneOf && c.Value.Kind == ast.NullValue {
			return false
		}
		given[c.Name] = true
	}
	for _, name := range in.required {
		if !given[name] {
			return false
		}
	}
	return !in.oneOf || len(given) == 1
}

// plain is a literal of a scalar as it would be in JSON.
func plain(v *ast.Value) any {
	switch v.Kind {
	case ast.IntValue, ast.FloatValue:
		return json.Number(v.Raw)
	case ast.BooleanValue:
		return v.Raw == "true"
	}
	return v.Raw
}

// specified says whether GraphQL itself knows what values there are.
func (in *inputType) specified() bool {
	switch in.name {
	case "Int", "Float", "ID", "String", "Boolean":
		return true
	}
	return in.kind != ast.Scalar
}

// fitsScalar knows the five of the specification. What the application's own scalars hold is its affair.
func fitsScalar(name string, v any) bool {
	number, isNumber := v.(json.Number)
	_, isText := v.(string)
	switch name {
	case "Int":
		n, ok := whole(number)
		return isNumber && ok && n >= math.MinInt32 && n <= math.MaxInt32
	case "Float":
		x, err := strconv.ParseFloat(string(number), 64)
		return isNumber && err == nil && !math.IsInf(x, 0)
	case "ID":
		_, ok := whole(number)
		return isText || isNumber && ok
	case "String":
		return isText
	case "Boolean":
		_, ok := v.(bool)
		return ok
	}
	return true
}

// whole reads an integer. Servers disagree on 1.0 and 1e2: neither is taken.
func whole(n json.Number) (int64, bool) {
	i, err := strconv.ParseInt(string(n), 10, 64)
	return i, err == nil
}
