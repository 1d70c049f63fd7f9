package graphql

// part is an operation or a fragment by itself, and what it spreads.
type part struct {
	size    int64 // selections, directives and values
	spreads []*part
	mark    int
}

// enter begins a part.
func (w *walker) enter(p *part) {
	w.here = p
	w.parts = append(w.parts, p)
}

// visit counts a selection, a directive or a value.
func (w *walker) visit() {
	w.steps++
	w.here.size++
}

// visits counts what the rules will visit: from each operation and each fragment they walk through everything that it
// spreads, so that a few hundred of them read one large fragment a few hundred times. It stops above the limit.
func (w *walker) visits() int64 {
	var n int64
	for i, p := range w.parts {
		n = w.reach(p, i+1, n)
	}
	return n
}

func (w *walker) reach(p *part, mark int, n int64) int64 {
	if n > w.limits.visits || p.mark == mark {
		return n
	}
	p.mark = mark
	n += p.size
	for _, s := range p.spreads {
		n = w.reach(s, mark, n)
	}
	return n
}
