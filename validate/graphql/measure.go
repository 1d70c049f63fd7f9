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
	visits                       int64 // of the rules, to the whole document
	cost                         int64
	sized                        int64 // cost of each element of the lists whose size the field around the set says
	far                          int64 // the same for lists further below, where that field says nothing
}

// plus puts m and n beside each other.
func (m *measure) plus(n *measure) {
	m.depth, m.lists = max(m.depth, n.depth), max(m.lists, n.lists)
	m.aliases, m.repeats = add(m.aliases, n.aliases), add(m.repeats, n.repeats)
	m.directives = add(m.directives, n.directives)
	m.cost, m.sized, m.far = add(m.cost, n.cost), add(m.sized, n.sized), add(m.far, n.far)
}

// nest turns the measure of what a field selects into that of the field.
func (w *walker) nest(m *measure, info *fieldCost, s *ast.Field, parent *typeCost) {
	m.depth++
	m.lists += info.levels
	if info.child != nil && info.child.meta && !(parent != nil && parent.meta) {
		m.depth, m.lists = 1, 0 // has its own bound
	}
	below := *m
	m.cost, m.sized, m.far = 0, 0, 0
	w.price(m, &below, info, s.Arguments)
	for _, other := range info.others {
		w.price(m, &below, other, s.Arguments)
	}
}

// price raises m to what the field costs where it is f.
func (w *walker) price(m, below *measure, f *fieldCost, args ast.ArgumentList) {
	size, said := w.size(f, args)
	own, handed := w.table.listSize, w.table.listSize
	switch {
	case said && f.passes:
		handed = size
	case said:
		own = size
	}
	call, each, sized, far := f.price(args), add(f.each, below.cost), int64(0), int64(0)
	if f.levels == 0 && !said {
		far = add(below.sized, below.far) // for the field around this one to say
	} else {
		each = add(each, add(times(below.sized, handed), times(below.far, max(handed, w.table.listSize))))
	}
	for range f.levels - 1 { // lists of lists
		each = times(each, w.table.listSize)
	}
	switch {
	case f.levels == 0:
		call = add(call, each)
	case f.inherits && (!said || f.passes):
		sized = each
	default:
		call = add(call, times(own, each))
	}
	m.cost, m.sized, m.far = max(m.cost, call), max(m.sized, sized), max(m.far, far)
}

// size is how long the list is that f returns, or that its value holds; false where nobody says it. It is never 0: servers
// differ in what they make of that.
func (w *walker) size(f *fieldCost, args ast.ArgumentList) (int64, bool) {
	if f.child == nil && f.levels == 0 {
		return 0, false
	}
	s := w.sizes(f, args)
	if !s.said && s.longest > w.table.listSize {
		return s.longest, true
	}
	return max(s.wanted, 1), s.said
}
