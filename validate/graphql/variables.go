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
			ok = g.fits(def.Type, value)
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

// fits says whether a value can be coerced to a type (GraphQL section 3). It goes no deeper than the value.
func (g *Guard) fits(t *ast.Type, v any) bool {
	if v == nil {
		return !t.NonNull
	}
	if t.Elem != nil {
		list, ok := v.([]any)
		if !ok {
			return g.fits(t.Elem, v) // one value stands for a list of one
		}
		for _, e := range list {
			if !g.fits(t.Elem, e) {
				return false
			}
		}
		return true
	}
	def := g.schema.Types[t.NamedType]
	switch {
	case def == nil:
		return false
	case def.Kind == ast.InputObject:
		return g.fitsObject(def, v)
	case def.Kind == ast.Enum:
		name, ok := v.(string)
		return ok && def.EnumValues.ForName(name) != nil
	}
	return fitsScalar(def.Name, v)
}

func (g *Guard) fitsObject(def *ast.Definition, v any) bool {
	object, ok := v.(map[string]any)
	if !ok {
		return false
	}
	known := 0
	for _, f := range def.Fields {
		value, given := object[f.Name]
		switch {
		case !given && f.Type.NonNull && f.DefaultValue == nil:
			return false
		case !given:
			continue
		case !g.fits(f.Type, value):
			return false
		}
		known++
	}
	if def.Directives.ForName("oneOf") != nil && !exactlyOne(object) {
		return false
	}
	return known == len(object)
}

// exactlyOne is the rule of @oneOf.
func exactlyOne(object map[string]any) bool {
	for _, v := range object {
		if v == nil {
			return false
		}
	}
	return len(object) == 1
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
