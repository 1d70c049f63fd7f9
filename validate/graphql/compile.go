package graphql

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/gopalisade/palisade/internal/conf"
)

// compiler makes a table.
type compiler struct {
	table   *table
	schema  *ast.Schema
	faults  *conf.Faults
	slicing map[string]bool // names that say a size; like all names, folded
	names   map[string]bool // of arguments and input fields
}

func compile(f *conf.Faults, schema *ast.Schema, cfg *Config) *table {
	t := &table{types: map[string]*typeCost{}, inputs: map[string]*inputType{}, schema: schema, listSize: cfg.ListSize}
	c := &compiler{t, schema, f, map[string]bool{}, map[string]bool{}}
	slicing := cfg.SlicingArguments
	if slicing == nil {
		slicing = usualSlicing
	}
	for _, name := range slicing {
		c.slicing[folded(name)] = true
	}
	c.inputs()
	names := c.types()
	for _, name := range names {
		for _, def := range schema.Types[name].Fields {
			t.types[name].fields[def.Name] = c.field(name, def)
		}
	}
	for _, name := range names {
		c.inherit(schema.Types[name])
	}
	for _, name := range names {
		c.truth(schema.Types[name])
	}
	for _, name := range cfg.SlicingArguments {
		f.Check(c.names[folded(name)], "SlicingArguments", name, "must be an argument or an input field of the schema")
	}
	return t
}

// types makes the types that fields have. It returns their names in an order, so that faults come in one.
func (c *compiler) types() []string {
	var names []string
	for name, def := range c.schema.Types {
		if def.IsCompositeType() {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for i, name := range names {
		def := c.schema.Types[name]
		t := &typeCost{meta: strings.HasPrefix(name, "__"), fields: make(map[string]*fieldCost, len(def.Fields))}
		t.each = c.weight(name, def.Directives, 1)
		if def.Kind == ast.Object {
			t.objects = object(i)
		}
		c.table.types[name] = t
	}
	for _, name := range names {
		t := c.table.types[name]
		for _, def := range c.schema.PossibleTypes[name] {
			if o := c.table.types[def.Name]; o != nil && def.Kind == ast.Object {
				t.each, t.objects = max(t.each, o.each), t.objects.plus(o.objects)
			}
		}
	}
	return names
}

// introspectionCall is what asking for the schema costs, whatever is asked about it.
const introspectionCall = 100

func (c *compiler) field(parent string, def *ast.FieldDefinition) *fieldCost {
	where := parent + "." + def.Name
	f := &fieldCost{call: c.weight(where, def.Directives, 0), child: c.table.types[def.Type.Name()]}
	switch {
	case f.child != nil:
		f.each = f.child.each
	case c.schema.Types[def.Type.Name()] != nil:
		f.each = c.weight(def.Type.Name(), c.schema.Types[def.Type.Name()].Directives, 0)
	}
	c.arguments(f, where, def)
	if def.Name == "__schema" || def.Name == "__type" {
		f.introspects, f.call = true, introspectionCall
	}
	if def.Name == "_service" && f.child != nil { // of a federated server, whatever its type is called
		f.introspects = c.schema.Types[def.Type.Name()].Fields.ForName("sdl") != nil
	}
	if strings.HasPrefix(parent, "__") || strings.HasPrefix(def.Name, "__") {
		return f // the schema describes itself: its lists are as long as they are
	}
	for t := def.Type; t.Elem != nil; t = t.Elem {
		f.levels++
	}
	f.passes = f.levels == 0
	if d := def.Directives.ForName("listSize"); d != nil {
		f.ruled = true
		c.listSizes(f, where, def, d)
	}
	if f.levels > 0 && f.each == 0 && f.sliced() {
		f.each = 1 // a scalar costs nothing, but a client that says how many it wants does
	}
	return f
}

func (c *compiler) arguments(f *fieldCost, where string, def *ast.FieldDefinition) {
	f.args = make(map[string]*slot, len(def.Arguments))
	for _, a := range def.Arguments {
		s := c.slot(a.Name, a.Type, a.DefaultValue)
		s.weight = c.weight(where+"("+a.Name+":)", a.Directives, 0)
		c.settle(s)
		if s.unsaid.said {
			f.telling = append(f.telling, s)
		}
		f.args[a.Name] = s
	}
}

// sliced says whether an argument is there to say how long the list will be.
func (f *fieldCost) sliced() bool {
	for _, s := range f.args {
		if s.slices && !f.ruled {
			return true
		}
	}
	return len(f.paths) > 0
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
	c.faults.Check(f.levels > 0 || f.child != nil, "Schema", where, "must be a list, or hold one, for its @listSize")
	c.faults.Check(slices.ContainsFunc(d.Arguments, func(a *ast.Argument) bool { return a.Name != "requireOneSlicingArgument" }),
		"Schema", where, "must have a size in its @listSize")
	if a := d.Arguments.ForName("assumedSize"); a != nil && a.Value.Kind != ast.NullValue {
		n, err := strconv.ParseInt(a.Value.Raw, 10, 64)
		c.faults.Check(err == nil && n >= 0, "Schema", where, "must have an assumedSize from 0 on in its @listSize")
		f.assumed = max(n, 1)
	}
	for _, name := range texts(d, "slicingArguments") {
		p, ok := c.path(f, strings.Split(name, "."))
		c.faults.Check(ok, "Schema", where, fmt.Sprintf("must have the number %q of its @listSize, and in no list", name))
		f.paths = append(f.paths, p)
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
		if tc := c.table.types[t.Name]; tc != nil {
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
	t := c.table.types[def.Name]
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

// truth notes what the fields of an interface may be: those of the objects behind it, where they cost something else.
func (c *compiler) truth(def *ast.Definition) {
	if def.Kind != ast.Interface {
		return
	}
	for name, f := range c.table.types[def.Name].fields {
		known := map[string]bool{f.key(): true}
		for _, possible := range c.schema.PossibleTypes[def.Name] {
			t := c.table.types[possible.Name]
			if t == nil || t.fields[name] == nil {
				continue
			}
			if key := t.fields[name].key(); !known[key] {
				known[key] = true
				f.others = append(f.others, t.fields[name])
			}
		}
	}
}

// key is the same for fields that always cost the same.
func (f *fieldCost) key() string {
	var b strings.Builder
	fmt.Fprint(&b, f.call, f.each, f.levels, f.ruled, f.assumed, f.passes, f.inherits)
	for _, name := range slices.Sorted(maps.Keys(f.args)) {
		s := f.args[name]
		fmt.Fprintf(&b, " %s %t %d %+v", name, s.slices, s.weight, s.unsaid)
	}
	for _, p := range f.paths {
		b.WriteString(" |")
		for _, s := range p {
			fmt.Fprintf(&b, " %s=%v", s.name, s.usual)
		}
	}
	return b.String()
}
