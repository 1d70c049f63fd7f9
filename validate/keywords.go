package validate

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// keywords are a JSON object whose members keep their order.
type keywords []keyword

type keyword struct {
	name  string
	value any
}

// MarshalJSONTo writes the members in their order.
func (k keywords) MarshalJSONTo(enc *jsontext.Encoder) error {
	err := enc.WriteToken(jsontext.BeginObject)
	for i := 0; i < len(k) && err == nil; i++ {
		if err = enc.WriteToken(jsontext.String(k[i].name)); err == nil {
			err = jsonv2.MarshalEncode(enc, k[i].value)
		}
	}
	if err == nil {
		err = enc.WriteToken(jsontext.EndObject)
	}
	return err
}

// render returns the JSON of what this package wrote, which always has one.
func render(value any) json.RawMessage {
	b, _ := jsonv2.Marshal(value, jsontext.AllowInvalidUTF8(true), jsonv2.Deterministic(true))
	return b
}

func (k *keywords) set(name string, value any) { *k = append(*k, keyword{name, value}) }

func (k keywords) index(name string) int {
	return slices.IndexFunc(k, func(word keyword) bool { return word.name == name })
}

func (k keywords) has(name string) bool { return k.index(name) >= 0 }

// without returns the other keywords, and whether there are any.
func (k keywords) without(name string) (keywords, bool) {
	rest := slices.DeleteFunc(slices.Clone(k), func(word keyword) bool { return word.name == name })
	return rest, len(rest) > 0
}

// orNull lets null pass too.
func orNull(s keywords) keywords {
	if len(s) == 0 {
		return s
	}
	for _, word := range s {
		switch word.name {
		case "$ref", "const", "not", "anyOf", "allOf": // say something of every type
			return keywords{{"anyOf", []keywords{s, {{"type", "null"}}}}}
		}
	}
	s = slices.Clone(s)
	for i := range s {
		switch value := s[i].value.(type) {
		case string:
			if s[i].name == "type" {
				s[i].value = []string{value, "null"}
			}
		case []any: // enum
			s[i].value = append(slices.Clone(value), nil)
		}
	}
	return s
}

// draft is a schema to which several rules add.
type draft struct {
	s   keywords
	all []keywords // what has no place beside the same keyword of another rule
}

func (d *draft) add(name string, value any) {
	switch i := d.s.index(name); {
	case i < 0:
		d.s.set(name, value)
	case !reflect.DeepEqual(d.s[i].value, value):
		d.all = append(d.all, keywords{{name, value}})
	}
}

func (d *draft) merge(more keywords) {
	for _, word := range more {
		if word.name == "allOf" {
			d.all = append(d.all, word.value.([]keywords)...)
			continue
		}
		d.add(word.name, word.value)
	}
}

func (d *draft) finish() keywords {
	if len(d.all) > 0 {
		d.s.set("allOf", d.all)
	}
	return d.s
}

// bounds adds what a number's type can hold, where no rule allows less.
func (d *draft) bounds(n *node) {
	if n.kind != kindInt && n.kind != kindUint || d.s.has("const") || d.s.has("enum") {
		return
	}
	least, most := int64(0), int64(0)
	if n.kind == kindUint {
		if n.bits < 64 {
			most = 1<<n.bits - 1
		}
	} else if n.bits < 32 {
		least, most = -1<<(n.bits-1), 1<<(n.bits-1)-1
	}
	if (n.kind == kindUint || n.bits < 32) && !d.s.has("minimum") && !d.s.has("exclusiveMinimum") {
		d.s.set("minimum", least)
	}
	if most > 0 && !d.s.has("maximum") && !d.s.has("exclusiveMaximum") {
		d.s.set("maximum", most)
	}
}

// definitions are schemas that others refer to.
type definitions struct {
	refs  string    // what an address begins with
	only  typeCount // those that stand in several places; nil: every type with a name
	names map[definition]string
	list  keywords // by name, in the order of first use
}

// definition is what a schema of its own depends on.
type definition struct {
	typ     reflect.Type
	unknown bool // unknown members are skipped
	output  bool // as it is written
}

// refer returns a reference to the schema that build makes, or that schema where it needs no name.
func (d *definitions) refer(key definition, build func() keywords) keywords {
	if key.typ.Name() == "" || d.only != nil && d.only[key.typ] < 2 {
		return build()
	}
	name, ok := d.names[key]
	if !ok {
		if d.names == nil {
			d.names = map[definition]string{}
		}
		name = d.free(schemaName(key.typ))
		d.names[key] = name
		at := len(d.list)
		d.list.set(name, nil) // known by now, for the type may hold itself
		s := build()
		d.list[at].value = s
	}
	return keywords{{"$ref", d.refs + name}}
}

// free returns the name, with a number behind it where another type has it.
func (d *definitions) free(name string) string {
	unique := name
	for i := 2; d.list.has(unique); i++ {
		unique = name + strconv.Itoa(i)
	}
	return unique
}

// document returns s as a schema that needs nothing beside it.
func (d *definitions) document(s keywords) json.RawMessage {
	s = append(keywords{{"$schema", dialect}}, s...)
	if len(d.list) > 0 {
		s.set("$defs", d.list)
	}
	return render(s)
}

// schemaName is the name of a type without packages, in the letters that OpenAPI allows: Page[shop.Item] is Page_Item.
func schemaName(t reflect.Type) string {
	parts := strings.FieldsFunc(t.Name(), func(r rune) bool { return strings.ContainsRune("[],", r) })
	for i, part := range parts {
		part = part[strings.LastIndexAny(part, "./")+1:]
		parts[i] = strings.Map(func(r rune) rune {
			if r < unicode.MaxASCII && (validName("a"+string(r)) || r == '_') {
				return r
			}
			return '_'
		}, part)
	}
	return strings.Join(parts, "_")
}

// typeCount counts in how many places a struct stands.
type typeCount map[reflect.Type]int

func (c typeCount) node(n *node) {
	n = n.value()
	if n.elem != nil {
		c.node(n.elem)
	}
	if n.kind != kindStruct {
		return
	}
	if c[n.typ]++; c[n.typ] > 1 {
		return
	}
	for i := range n.obj.fields {
		c.node(n.obj.fields[i].node)
	}
}
