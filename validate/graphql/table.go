package graphql

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

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

// table is what costs need to know of a schema, so that each field is found at once.
type table struct {
	types    map[string]*typeCost
	schema   *ast.Schema
	listSize int64
}

// typeCost is an object, an interface or a union.
type typeCost struct {
	meta   bool // of introspection
	fields map[string]*fieldCost
	sized  map[string]bool // fields that some field around this type says the size of, by @listSize
}

// fieldCost is one field of a type.
type fieldCost struct {
	call        int64 // for each call
	each        int64 // for each value, without what it selects
	levels      int   // lists around the value
	args        map[string]int64
	sizes       []sizeArg
	assumed     int64 // by @listSize; 0: nothing
	passes      bool  // its sizes are those of lists inside its value
	inherits    bool  // its size may be said by the field around it
	introspects bool
	child       *typeCost // nil for scalars and enums
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
	if len(f.args) > 0 {
		for _, a := range args {
			price = add(price, f.args[a.Name])
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

// compiler makes a table.
type compiler struct {
	*table
	faults  *conf.Faults
	slicing []string
}

func compile(f *conf.Faults, schema *ast.Schema, cfg *Config) *table {
	c := &compiler{&table{types: map[string]*typeCost{}, schema: schema, listSize: cfg.ListSize}, f, cfg.SlicingArguments}
	names := make([]string, 0, len(schema.Types))
	for name, def := range schema.Types {
		if def.IsCompositeType() {
			names = append(names, name)
			c.types[name] = &typeCost{meta: strings.HasPrefix(name, "__"), fields: make(map[string]*fieldCost, len(def.Fields))}
		}
	}
	slices.Sort(names) // so that faults come in one order
	for _, name := range names {
		for _, def := range schema.Types[name].Fields {
			c.types[name].fields[def.Name] = c.field(name, def)
		}
	}
	for _, name := range names {
		c.inherit(schema.Types[name])
	}
	return c.table
}

func (c *compiler) field(parent string, def *ast.FieldDefinition) *fieldCost {
	where := parent + "." + def.Name
	named := c.schema.Types[def.Type.Name()]
	f := &fieldCost{call: c.weight(where, def.Directives, 0), child: c.types[def.Type.Name()]}
	f.introspects = def.Name == "__schema" || def.Name == "__type" || def.Name == "_service" && def.Type.Name() == "_Service"
	if f.child != nil {
		f.each = 1
	}
	if named != nil {
		f.each = c.weight(named.Name, named.Directives, f.each)
	}
	for _, a := range def.Arguments {
		if w := c.weight(where+"("+a.Name+":)", a.Directives, 0); w > 0 {
			if f.args == nil {
				f.args = map[string]int64{}
			}
			f.args[a.Name] = w
		}
	}
	if strings.HasPrefix(parent, "__") || strings.HasPrefix(def.Name, "__") {
		return f // the schema describes itself: its lists are as long as they are
	}
	for t := def.Type; t.Elem != nil; t = t.Elem {
		f.levels++
	}
	f.passes = f.levels == 0
	if d := def.Directives.ForName("listSize"); d != nil {
		c.listSizes(f, where, def, d)
	} else {
		f.sizes = c.guess(def)
	}
	if f.levels > 0 && f.each == 0 && len(f.sizes) > 0 {
		f.each = 1 // a scalar costs nothing, but a client that says how many it wants does
	}
	return f
}

// weight reads @cost, which rounds up.
func (c *compiler) weight(where string, list ast.DirectiveList, usual int64) int64 {
	d := list.ForName("cost")
	if d == nil {
		return usual
	}
	arg := d.Arguments.ForName("weight")
	if arg == nil || arg.Value == nil {
		c.faults.Check(false, "Schema", where, "must have a weight in its @cost")
		return usual
	}
	w, err := strconv.ParseFloat(arg.Value.Raw, 64)
	ok := err == nil && w >= 0 && w <= 1e15
	c.faults.Check(ok, "Schema", where, "must have a weight between 0 and 1e15 in its @cost")
	if !ok {
		return usual
	}
	return int64(math.Ceil(w))
}

// listSizes reads @listSize.
func (c *compiler) listSizes(f *fieldCost, where string, def *ast.FieldDefinition, d *ast.Directive) {
	if a := d.Arguments.ForName("assumedSize"); a != nil && a.Value.Kind != ast.NullValue {
		n, err := strconv.ParseInt(a.Value.Raw, 10, 64)
		c.faults.Check(err == nil && n >= 0, "Schema", where, "must have an assumedSize from 0 on in its @listSize")
		f.assumed = max(n, 1)
	}
	for _, path := range texts(d, "slicingArguments") {
		s, ok := c.sizeArg(def, strings.Split(path, "."))
		c.faults.Check(ok, "Schema", where, fmt.Sprintf("must have the argument %q of its @listSize", path))
		f.sizes = append(f.sizes, s)
	}
	for _, name := range texts(d, "sizedFields") {
		f.passes = true
		ok := f.child != nil && c.schema.Types[def.Type.Name()].Fields.ForName(name) != nil
		c.faults.Check(ok, "Schema", where, fmt.Sprintf("must have the field %q of its @listSize", name))
		if ok {
			c.mark(def.Type.Name(), name)
		}
	}
}

// texts reads a list of strings, or a single one.
func texts(d *ast.Directive, name string) []string {
	a := d.Arguments.ForName(name)
	if a == nil {
		return nil
	}
	if a.Value.Kind == ast.StringValue {
		return []string{a.Value.Raw}
	}
	var all []string
	for _, c := range a.Value.Children {
		all = append(all, c.Value.Raw)
	}
	return all
}

// mark notes that a field's size may be said around its type, also where the type is seen as another.
func (c *compiler) mark(name, field string) {
	def := c.schema.Types[name]
	for _, t := range slices.Concat([]*ast.Definition{def}, c.schema.PossibleTypes[name], c.schema.Implements[name]) {
		if tc := c.types[t.Name]; tc != nil {
			if tc.sized == nil {
				tc.sized = map[string]bool{}
			}
			tc.sized[field] = true
		}
	}
}

// conventional are the fields of a page that hold what the arguments of the page count.
var conventional = []string{"edges", "nodes", "items", "results", "records", "data", "entries", "list"}

// inherit finds the lists whose size the field around their type says: those that @listSize names, or those with the usual
// names, or the only one.
func (c *compiler) inherit(def *ast.Definition) {
	t := c.types[def.Name]
	if def == c.schema.Query || def == c.schema.Mutation || def == c.schema.Subscription {
		return
	}
	lists := 0
	for _, f := range t.fields {
		if f.levels > 0 {
			lists++
		}
	}
	for name, f := range t.fields {
		named := t.sized[name]
		if len(t.sized) == 0 {
			named = lists == 1 || slices.Contains(conventional, name)
		}
		f.inherits = named && f.levels > 0 && f.assumed == 0
	}
}
