package validate

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Operation is what a Schema knows of an OpenAPI 3.1 Operation Object. Embed it in a struct with operationId and the like,
// and add the answers of your own to Responses:
//
//	op := schema.OpenAPI(&shared)
//	op.Responses["200"] = view.OpenAPI(&shared)
type Operation struct {
	Parameters  []json.RawMessage          `json:"parameters,omitempty"`
	RequestBody json.RawMessage            `json:"requestBody,omitempty"`
	Responses   map[string]json.RawMessage `json:"responses"`
}

// Components collects the schemas to which the operations of one document refer; it is the Components Object. The zero
// value is ready. A type has the name that it has in Go, and a number behind it where another one came first, so that the
// same calls in the same order give the same names. It is not safe for concurrent use.
type Components struct{ defs definitions }

// MarshalJSON returns {"schemas": …}, by name. The Problem of package problem is among them.
func (c *Components) MarshalJSON() ([]byte, error) {
	c.ready()
	list := slices.Clone(c.defs.list)
	slices.SortFunc(list, func(a, b keyword) int { return strings.Compare(a.name, b.name) })
	return render(keywords{{"schemas", list}}), nil
}

func (c *Components) ready() *definitions {
	if c.defs.refs == "" {
		c.defs.refs = "#/components/schemas/"
		c.defs.list.set("Problem", jsontext.Value(problemSchema))
	}
	return &c.defs
}

// OpenAPI returns the parameters, the body and the refusals of a request, with what [Schema.JSONSchema] tells of them.
// Refusals are those of [problem.Write]: replace them where Config.Deny answers in another way.
func (s *Schema[T]) OpenAPI(shared *Components) Operation {
	w := schemaWriter{plan: s.plan, defs: shared.ready()}
	op := Operation{Responses: map[string]json.RawMessage{}}
	root := s.plan.root
	for i := range root.fields {
		f := &root.fields[i]
		if f.in == inBody || f.in == inForm || f.write.limited && f.write.mask == 0 {
			continue
		}
		op.Parameters = append(op.Parameters, w.parameter(root, f))
	}
	refusals := []string{"400", "422"}
	if body, ok := w.body(); ok {
		op.RequestBody = w.requestBody(body)
		refusals = []string{"400", "408", "413", "415", "422"}
	}
	for _, status := range refusals {
		op.Responses[status] = described(refusalText[status], "application/problem+json", keywords{{"$ref", w.defs.refs + "Problem"}})
	}
	return op
}

// OpenAPI returns a Response Object with what [View.JSONSchema] tells.
func (v *View[R]) OpenAPI(shared *Components) json.RawMessage {
	w := viewWriter{shared.ready()}
	return described("OK", "application/json", w.shape(reflect.TypeFor[R](), v.view.root))
}

func (w *schemaWriter) parameter(o *object, f *field) json.RawMessage {
	p := keywords{{"name", f.name}, {"in", f.in.String()}}
	if f.in == inPath || w.plan.needed(f) {
		p.set("required", true)
	}
	if f.in == inQuery && f.node.value().kind == kindSlice {
		p.set("style", "form")
		p.set("explode", !f.comma)
	}
	p.set("schema", w.field(o, f, w.notesOf(o, f)))
	return render(p)
}

// notesOf names the rules of a parameter that look at other fields.
func (w *schemaWriter) notesOf(o *object, f *field) (notes []string) {
	for i := range o.cross {
		if r := &o.cross[i]; &o.fields[r.field] == f {
			names, _ := r.params["fields"].([]string)
			notes = append(notes, r.note(names))
		}
	}
	return notes
}

func (w *schemaWriter) requestBody(body keywords) json.RawMessage {
	p := w.plan
	var content keywords
	if p.json {
		for _, mediaType := range append([]string{"application/json"}, p.cfg.MediaTypes...) {
			content.set(mediaType, keywords{{"schema", body}})
		}
	} else {
		form := keywords{{"schema", body}}
		if lists := formLists(p.root); len(lists) > 0 {
			form.set("encoding", lists)
		}
		content.set("application/x-www-form-urlencoded", form)
	}
	return render(keywords{{"required", !p.cfg.OptionalBody}, {"content", content}})
}

// formLists tells which fields of a form hold several values in one.
func formLists(o *object) (lists keywords) {
	for i := range o.fields {
		if f := &o.fields[i]; f.in == inForm && f.comma {
			lists.set(f.name, keywords{{"style", "form"}, {"explode", false}})
		}
	}
	return lists
}

func described(description, mediaType string, schema keywords) json.RawMessage {
	return render(keywords{
		{"description", description},
		{"content", keywords{{mediaType, keywords{{"schema", schema}}}}},
	})
}

var refusalText = map[string]string{
	"400": "The request is malformed, or more than is accepted.",
	"408": "The body came too slowly.",
	"413": "The body is too large.",
	"415": "The body is of another type, or compressed.",
	"422": "The request is understood and against the rules; errors names each place and rule.",
}

// problemSchema describes problem.Problem, of which a test checks that it is complete.
const problemSchema = `{"type":"object","properties":{` +
	`"type":{"type":"string","format":"uri-reference"},"title":{"type":"string"},"status":{"type":"integer"},` +
	`"code":{"type":"string"},"detail":{"type":"string"},"instance":{"type":"string","format":"uri-reference"},` +
	`"errors":{"type":"array","items":{"type":"object","properties":{` +
	`"in":{"enum":["body","query","path","header","form"]},"pointer":{"type":"string","format":"json-pointer"},` +
	`"name":{"type":"string"},"code":{"type":"string"},"params":{"type":"object"},"detail":{"type":"string"}},` +
	`"required":["code"]}},"truncated":{"type":"boolean"}},"required":["title","status","code"]}`
