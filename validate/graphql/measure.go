package graphql

import (
	"math"

	"github.com/vektah/gqlparser/v2/ast"
)

// many is where counting stops. It is no limit that anything reaches by accident.
const many = math.MaxInt64

// add and times work on numbers from 0, and stay at many.
func add(a, b int64) int64 {
	if a > many-b {
		return many
	}
	return a + b
}

func times(a, b int64) int64 {
	if a != 0 && b > many/a {
		return many
	}
	return a * b
}

// measure is what a selection set needs, with its fragments.
type measure struct {
	depth, lists                 int // on the worst path
	aliases, repeats, directives int64
	cost                         int64
	sized                        int64 // cost of each element of the lists whose size the field around the set says
}

// plus puts m and n beside each other.
func (m *measure) plus(n *measure) {
	m.depth, m.lists = max(m.depth, n.depth), max(m.lists, n.lists)
	m.aliases, m.repeats = add(m.aliases, n.aliases), add(m.repeats, n.repeats)
	m.directives = add(m.directives, n.directives)
	m.cost, m.sized = add(m.cost, n.cost), add(m.sized, n.sized)
}

// nest turns the measure of what a field selects into that of the field.
func (w *walker) nest(m *measure, info *fieldCost, s *ast.Field, parent *typeCost) {
	m.depth++
	m.lists += info.levels
	if info.child != nil && info.child.meta && !(parent != nil && parent.meta) {
		m.depth, m.lists = 1, 0 // has its own bound
	}
	size, said := w.size(info, s.Arguments)
	own, handed := w.table.listSize, w.table.listSize
	switch {
	case said && info.passes:
		handed = size
	case said:
		own = size
	}
	each := add(add(info.each, m.cost), times(m.sized, handed))
	for range info.levels - 1 { // lists of lists
		each = times(each, w.table.listSize)
	}
	m.cost, m.sized = info.price(s.Arguments), 0
	switch {
	case info.levels == 0:
		m.cost = add(m.cost, each)
	case info.inherits && (!said || info.passes):
		m.sized = each
	default:
		m.cost = add(m.cost, times(own, each))
	}
}
