package graphql

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"

	"github.com/gopalisade/palisade/internal/conf"
)

// The directives of the cost specification. A schema that declares them itself keeps its own.
var declared = map[string]string{
	"cost": `directive @cost(weight: String!)
		on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | INTERFACE | OBJECT | SCALAR | UNION`,
	"listSize": `directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!],
		requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION`,
}

// load reads the schema's text. Its errors are the developer's to see.
func load(f *conf.Faults, cfg *Config) *ast.Schema {
	if cfg.Schema != nil {
		return cfg.Schema
	}
	doc, err := parser.ParseSchemas(validator.Prelude, &ast.Source{Name: "SDL", Input: cfg.SDL})
	if err != nil {
		f.Check(false, "SDL", nil, "must be a schema: "+err.Error())
		return nil
	}
	for _, name := range []string{"cost", "listSize"} {
		if doc.Directives.ForName(name) == nil {
			own, err := parser.ParseSchema(&ast.Source{Name: name, Input: declared[name]})
			f.Add(err)
			doc.Merge(own)
		}
	}
	schema, err := validator.ValidateSchemaDocument(doc)
	if err != nil {
		f.Check(false, "SDL", nil, "must be a valid schema: "+err.Error())
		return nil
	}
	return schema
}

// table is what we need to know of a schema, so that each field and each type is found at once.
type table struct {
	types    map[string]*typeCost
	inputs   map[string]*inputType
	schema   *ast.Schema
	listSize int64
}

// typeCost is an object, an interface or a union.
type typeCost struct {
	meta    bool  // of introspection
	each    int64 // what one of it costs, the dearest where there are several
	fields  map[string]*fieldCost
	sized   map[string]bool // fields that some field around this type says the size of, by @listSize
	objects objects         // that it may be
}

// fieldCost is one field of a type.
type fieldCost struct {
	call        int64 // for each call
	each        int64 // for each value, without what it selects
	levels      int   // lists around the value
	args        map[string]*slot
	telling     []*slot // arguments whose defaults say a size
	ruled       bool    // by @listSize; by the names of arguments otherwise
	paths       []path
	assumed     int64 // by @listSize; 0: nothing
	passes      bool  // its sizes are those of lists inside its value
	inherits    bool  // its size may be said by the field around it
	introspects bool
	child       *typeCost    // nil for scalars and enums
	others      []*fieldCost // what a field of an interface may be in truth, where that costs something else
}

// objects is a set of object types, a bit for each.
type objects []uint64

// object is the set of the i-th.
func object(i int) objects {
	a := make(objects, i/64+1)
	a[i/64] = 1 << (i % 64)
	return a
}

func (a objects) plus(b objects) objects {
	if len(a) < len(b) {
		a, b = slices.Clone(b), a
	}
	for i := range b {
		a[i] |= b[i]
	}
	return a
}

func (a objects) meets(b objects) bool {
	for i := range min(len(a), len(b)) {
		if a[i]&b[i] != 0 {
			return true
		}
	}
	return false
}

// stranger is a field that the schema does not have, or whose type is not known. The rules will refuse the document.
var stranger = &fieldCost{each: 1}

var typename = &fieldCost{}

func (t *typeCost) field(name string) *fieldCost {
	if name == "__typename" {
		return typename
	}
	if t != nil {
		if f := t.fields[name]; f != nil {
			return f
		}
	}
	return stranger
}

// price is what one call costs.
func (f *fieldCost) price(args ast.ArgumentList) int64 {
	price := f.call
	for _, a := range args {
		if arg := f.args[a.Name]; arg != nil {
			price = add(price, arg.weight)
		}
	}
	return price
}

func (t *table) root(op ast.Operation) *typeCost {
	def := t.schema.Query
	switch op {
	case ast.Mutation:
		def = t.schema.Mutation
	case ast.Subscription:
		def = t.schema.Subscription
	}
	if def == nil {
		return nil
	}
	return t.types[def.Name]
}
