package graphql

import (
	"net/http"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/core"
)

// Steps returns how many selections, directives and literals the walk over one document visits.
func (g *Guard) Steps(text, name string) (steps int, err error) {
	doc, e := parse(text)
	if e != nil {
		return 0, e
	}
	def, e := g.choose(&http.Request{Method: http.MethodPost}, doc, name)
	if e != nil {
		return 0, e
	}
	w := &walker{table: g.table, limits: &g.limits, selected: def}
	if _, e := w.document(doc); e != nil {
		return w.steps, e
	}
	return w.steps, nil
}

// Asked returns about how many fields of one document the rules are asked.
func (g *Guard) Asked(text string) (fields int, err error) {
	doc, e := parse(text)
	if e != nil {
		return 0, e
	}
	counting := *g
	counting.rules = slices.Concat(g.rules, []core.Rule{{RuleFunc: func(events *core.Events, _ core.AddErrFunc) {
		events.OnField(func(*core.Walker, *ast.Field) { fields++ })
	}}})
	if e := counting.validate(doc); e != nil {
		return fields, e
	}
	return fields, nil
}
