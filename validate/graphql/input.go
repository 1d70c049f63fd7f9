package graphql

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// inputType is a type that values have: what the schema says of it, so that each member of a value is found at once.
type inputType struct {
	kind     ast.DefinitionKind
	name     string
	values   map[string]bool  // of an enum
	members  map[string]*slot // of an input object
	required []string
	telling  []*slot // members whose defaults say a size
	oneOf    bool
}

// slot is where a value goes: an argument, or a member of an input object.
type slot struct {
	name    string
	typ     *ast.Type
	of      *inputType // nil where the schema has no such type
	slices  bool       // going by its name, it says how long a list will be
	weight  int64      // of an argument, by @cost
	usual   *ast.Value
	unsaid  sizes // what usual says
	settled bool
}

// inputs makes the types that values have.
func (c *compiler) inputs() {
	for name, def := range c.schema.Types {
		if !def.IsInputType() {
			continue
		}
		in := &inputType{kind: def.Kind, name: name, oneOf: def.Directives.ForName("oneOf") != nil}
		in.values = make(map[string]bool, len(def.EnumValues))
		for _, v := range def.EnumValues {
			in.values[v.Name] = true
		}
		c.table.inputs[name] = in
	}
	for name, in := range c.table.inputs {
		def := c.schema.Types[name]
		in.members = make(map[string]*slot, len(def.Fields))
		for _, f := range def.Fields {
			in.members[f.Name] = c.slot(f.Name, f.Type, f.DefaultValue)
			if f.Type.NonNull && f.DefaultValue == nil {
				in.required = append(in.required, f.Name)
			}
		}
	}
	for _, in := range c.table.inputs {
		c.tell(in)
	}
}

func (c *compiler) slot(name string, typ *ast.Type, usual *ast.Value) *slot {
	c.names[folded(name)] = true
	s := &slot{name: name, typ: typ, of: c.table.inputs[typ.Name()], usual: usual}
	s.slices = c.slicing[folded(name)] && s.of.counts()
	return s
}

// counts says whether a value of this type can be a number.
func (in *inputType) counts() bool { return in != nil && in.kind == ast.Scalar && in.name != "Boolean" }

// folded is a name as it is compared: pageSize, PageSize and page_size are one.
func folded(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "")) }

// tell finds the members whose defaults say a size.
func (c *compiler) tell(in *inputType) {
	for _, s := range in.members {
		c.settle(s)
		if s.unsaid.said && !slices.Contains(in.telling, s) {
			in.telling = append(in.telling, s)
		}
	}
}

// settle finds out what the default says. That may need the defaults of other types; those in circles say nothing.
func (c *compiler) settle(s *slot) {
	if s.settled || s.usual == nil || s.of == nil {
		return
	}
	s.settled = true
	c.tell(s.of)
	w := walker{table: c.table}
	s.unsaid = w.literal(s.usual, s)
}
