package validate

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// dialect is what exported schemas are written in.
const dialect = "https://json-schema.org/draft/2020-12/schema"

// JSONSchema returns the JSON Schema (2020-12) of the body: of a form as an object, and nil where T has no body. It is made
// from the plan by which Bind reads, and its bytes are the same each time, so that a test may compare them with a file.
//
// What Bind accepts satisfies the schema, where numbers are compared as IEEE 754 doubles (RFC 8259 section 6). The schema
// may be laxer, and its description then names the rules that it does not tell: those without an equivalent, and those of
// a text that is normalised first, since "  a  " may pass max=1. Required is what no caller may leave out. A member that
// nobody may write is readOnly, and one that nobody may read is writeOnly; permissions are not named. [Limits] and Validate
// methods are not part of it.
func (s *Schema[T]) JSONSchema() json.RawMessage {
	count := typeCount{s.plan.root.typ: 1}
	for i := range s.plan.root.fields {
		if f := &s.plan.root.fields[i]; f.in == inBody {
			count.node(f.node)
		}
	}
	w := schemaWriter{plan: s.plan, defs: &definitions{refs: "#/$defs/", only: count}}
	body, ok := w.body()
	if !ok {
		return nil
	}
	return w.defs.document(body)
}

// schemaWriter writes a plan as JSON Schema.
type schemaWriter struct {
	plan *plan
	defs *definitions
}

func (w *schemaWriter) body() (s keywords, ok bool) {
	p := w.plan
	switch {
	case p.whole >= 0:
		f := &p.root.fields[p.whole]
		return w.field(p.root, f, nil), true
	case p.json:
		return w.object(p.root), true
	case p.form != nil:
		return w.members(p.root, inForm), true
	}
	return nil, false
}

// object refers to a type that stands in several places, or holds itself, and spells out any other.
func (w *schemaWriter) object(o *object) keywords {
	key := definition{typ: o.typ, unknown: w.plan.cfg.AllowUnknown}
	return w.defs.refer(key, func() keywords { return w.members(o, inBody) })
}

// members writes the fields of one source as an object.
func (w *schemaWriter) members(o *object, in source) keywords {
	var properties keywords
	var required []string
	together, notes := w.cross(o, in)
	for i := range o.fields {
		f := &o.fields[i]
		if f.in != in {
			continue
		}
		properties.set(f.name, w.field(o, f, notes[i]))
		if w.plan.needed(f) {
			required = append(required, f.name)
		}
	}
	s := keywords{{"type", "object"}}
	if len(properties) > 0 {
		s.set("properties", properties)
	}
	if len(required) > 0 {
		s.set("required", required)
	}
	s = append(s, together...)
	if in == inForm || !w.plan.cfg.AllowUnknown {
		s.set("additionalProperties", false)
	}
	return s
}

// needed reports whether everybody must send the field. It asks the code that decides so on a request, for a caller
// without any permission: nobody has to send less.
func (p *plan) needed(f *field) bool {
	s := &state{plan: p, asked: true}
	ok := s.absent(f, reflect.New(f.node.typ).Elem())
	return !ok || s.failed() > 0
}

// field writes one member or parameter of o.
func (w *schemaWriter) field(o *object, f *field, notes []string) keywords {
	n := f.node
	if f.comma {
		n = trimmedElements(n)
	}
	s := w.value(n, f.required || f.in != inBody, notes)
	switch {
	case f.def.IsValid():
		s.set("default", f.defaultJSON(o))
	case f.defText != nil:
		s.set("default", string(f.defText))
	}
	switch {
	case f.write.limited && f.write.mask == 0:
		s.set("readOnly", true)
	case f.read.limited && f.read.mask == 0 && !s.has("writeOnly"):
		s.set("writeOnly", true)
	}
	return s
}

// defaultJSON spells the default as a client would send it.
func (f *field) defaultJSON(o *object) any {
	switch f.node.kind {
	case kindBool:
		return f.def.Bool()
	case kindInt:
		return f.def.Int()
	case kindUint:
		return f.def.Uint()
	case kindFloat:
		return jsontext.Value(strconv.FormatFloat(f.def.Float(), 'g', -1, f.node.bits))
	case kindString:
		return f.def.String()
	}
	return o.typ.FieldByIndex(f.index).Tag.Get("default") // a type that reads text need not write any
}

// trimmedElements is n, a slice, as a parameter separated by commas fills it: without the spaces around each element.
func trimmedElements(n *node) *node {
	list := *n.value()
	elem := *list.elem.value()
	if elem.isText() {
		elem.norm = append([]normFunc{{name: "trim"}}, elem.norm...)
	}
	list.elem = &elem
	return &list
}

// value writes a node with null where it may be sent, and with notes about what the keywords do not tell.
func (w *schemaWriter) value(n *node, required bool, notes []string) keywords {
	v := n.value()
	s, more := w.plain(v)
	if v != n && !required {
		s = orNull(s)
	}
	var sentences []string
	if len(v.norm) > 0 {
		steps := make([]string, len(v.norm))
		for i, step := range v.norm {
			steps[i] = step.name
		}
		sentences = append(sentences, "Normalised: "+strings.Join(steps, ", ")+".")
	}
	if notes = append(more, notes...); len(notes) > 0 {
		sentences = append(sentences, "Also checked: "+strings.Join(notes, ", ")+".")
	}
	if len(sentences) > 0 {
		s.set("description", strings.Join(sentences, " "))
	}
	return s
}

// plain writes a node that is no pointer.
func (w *schemaWriter) plain(n *node) (keywords, []string) {
	if n.kind == kindStruct {
		_, notes := w.constraints(n)
		return w.object(n.obj), notes
	}
	d := draft{s: w.typed(n)}
	inner, notes := w.constraints(n)
	if n.omit && !n.required && n.textual() && !n.holdsEmpty() && len(inner) > 0 {
		d.add("anyOf", []keywords{{{"const", ""}}, inner})
	} else {
		d.merge(inner)
	}
	d.bounds(n)
	return d.finish(), notes
}

func (n *node) textual() bool { return n.isText() || n.kind == kindBytes }

// holdsEmpty reports whether the rules would let nothing pass, so that omitempty changes nothing.
func (n *node) holdsEmpty() bool {
	v := reflect.Zero(n.subject())
	for i := range n.rules {
		if !n.rules[i].ok(v) {
			return false
		}
	}
	return true
}

// typed writes what the type alone says.
func (w *schemaWriter) typed(n *node) keywords {
	switch n.kind {
	case kindBool:
		return keywords{{"type", "boolean"}}
	case kindInt, kindUint:
		s := keywords{{"type", "integer"}}
		if n.kind == kindInt && n.bits >= 32 {
			s.set("format", "int"+strconv.Itoa(n.bits)) // as the registry of OpenAPI has it
		}
		return s
	case kindFloat:
		return keywords{{"type", "number"}}
	case kindSecret:
		return keywords{{"type", "string"}, {"format", "password"}, {"writeOnly", true}}
	case kindBytes:
		return keywords{{"type", "string"}, {"contentEncoding", "base64"}}
	case kindText:
		if n.typ == reflect.TypeFor[time.Time]() {
			return keywords{{"type", "string"}, {"format", "date-time"}}
		}
	case kindForeign:
		return nil // its own affair
	case kindSlice:
		return keywords{{"type", "array"}, {"items", w.value(n.elem, n.elem.value().required, nil)}}
	case kindArray:
		s := keywords{{"type", "array"}, {"items", w.value(n.elem, n.elem.value().required, nil)}}
		return append(s, keyword{"minItems", n.typ.Len()}, keyword{"maxItems", n.typ.Len()})
	case kindMap:
		return w.mapping(n)
	}
	return keywords{{"type", "string"}}
}

func (w *schemaWriter) mapping(n *node) keywords {
	s := keywords{{"type", "object"}}
	if names, ok := w.value(n.key, true, nil).without("type"); ok {
		s.set("propertyNames", names)
	}
	s.set("additionalProperties", w.value(n.elem, n.elem.value().required, nil))
	return s
}
