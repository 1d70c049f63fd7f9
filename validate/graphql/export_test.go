package graphql

import "net/http"

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
