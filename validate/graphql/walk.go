package graphql

import (
	"github.com/vektah/gqlparser/v2/ast"
)

// introspectionDepth bounds what is below __schema and __type, where MaxDepth does not apply: the usual tools ask for nine
// types within each other.
const introspectionDepth = 20

// fragment is measured once, however often it is spread.
type fragment struct {
	part
	def     *ast.FragmentDefinition
	state   uint8
	measure measure
}

const (
	fresh uint8 = iota
	open        // being measured: who meets it again is inside it
	done
)

// place is where a name was seen: in a set, under a condition.
type place struct {
	set        int
	cond, name string
}

// walker measures one document. It visits each selection, directive and literal once.
type walker struct {
	table     *table
	limits    *limits
	selected  *ast.OperationDefinition
	variables map[string]any

	definitions map[string]*ast.VariableDefinition // of the selected operation
	found       map[use]sizes
	fragments   map[string]*fragment
	here        *part
	parts       []*part
	seen        map[place]struct{}
	sets        int
	steps       int // visited, for the tests
	introspects bool
}

// document measures all operations and fragments, chosen and used or not, and returns what the selected operation needs.
func (w *walker) document(doc *ast.QueryDocument) (measure, *Error) {
	w.seen = make(map[place]struct{}, 16)
	w.fragments = make(map[string]*fragment, len(doc.Fragments))
	for _, def := range doc.Fragments {
		if w.fragments[def.Name] != nil {
			e := invalid.err()
			e.Violations = []Violation{{"UniqueFragmentNames", def.Position.Line, def.Position.Column}}
			return measure{}, e
		}
		w.fragments[def.Name] = &fragment{def: def}
	}
	w.definitions = make(map[string]*ast.VariableDefinition, len(w.selected.VariableDefinitions))
	for _, v := range w.selected.VariableDefinitions {
		w.definitions[v.Variable] = v
	}
	var chosen measure
	for _, op := range doc.Operations {
		m, err := w.operation(op)
		if err != nil {
			return m, err
		}
		if op == w.selected {
			chosen = m
		}
	}
	for _, def := range doc.Fragments { // those that nothing spreads as well: the rules will walk them too
		if _, err := w.fragment(w.fragments[def.Name]); err != nil {
			return chosen, err
		}
	}
	chosen.cost = add(add(chosen.cost, times(add(chosen.sized, chosen.far), w.table.listSize)), 1)
	chosen.visits = w.visits()
	return chosen, nil
}

func (w *walker) operation(op *ast.OperationDefinition) (measure, *Error) {
	var m measure
	w.enter(&part{})
	if err := w.directives(&m, op.Directives); err != nil {
		return m, err
	}
	for _, v := range op.VariableDefinitions {
		w.visit()
		if err := w.directives(&m, v.Directives); err != nil {
			return m, err
		}
		if err := w.value(v.DefaultValue, 0); err != nil {
			return m, err
		}
	}
	w.sets++
	err := w.set(&m, op.SelectionSet, w.table.root(op.Operation), w.sets, "")
	return m, err
}

func (w *walker) fragment(f *fragment) (*measure, *Error) {
	switch f.state {
	case open:
		return nil, cyclic.err()
	case done:
		return &f.measure, nil
	}
	f.state = open
	defer func(outer *part) { w.here = outer }(w.here)
	w.enter(&f.part)
	err := w.directives(&f.measure, f.def.Directives)
	if err == nil {
		w.sets++
		err = w.set(&f.measure, f.def.SelectionSet, w.table.types[f.def.TypeCondition], w.sets, "")
	}
	f.state = done
	return &f.measure, err
}

// set adds a selection set to m, and stops at the first limit that is broken: whatever else there is, it only adds.
func (w *walker) set(m *measure, set ast.SelectionSet, parent *typeCost, id int, cond string) *Error {
	for _, s := range set {
		w.visit()
		var err *Error
		switch s := s.(type) {
		case *ast.Field:
			err = w.field(m, s, parent, id, cond)
		case *ast.FragmentSpread:
			err = w.spread(m, s, id, cond)
		case *ast.InlineFragment:
			err = w.inline(m, s, parent, id, cond)
		}
		if err == nil {
			err = w.check(m, parent)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// check compares what is known of a set so far with the limits. Cost waits for the operation that was chosen.
func (w *walker) check(m *measure, parent *typeCost) *Error {
	depth := w.limits.depth
	if parent != nil && parent.meta {
		depth = max(depth, introspectionDepth)
	}
	switch {
	case m.depth > depth:
		return tooDeep.over(int64(m.depth), int64(depth))
	case m.lists > w.limits.lists:
		return tooNested.over(int64(m.lists), int64(w.limits.lists))
	case m.aliases > w.limits.aliases:
		return tooAliased.over(m.aliases, w.limits.aliases)
	case m.repeats > w.limits.duplicates:
		return tooRepetitive.over(m.repeats, w.limits.duplicates)
	}
	return nil
}

func (w *walker) spread(m *measure, s *ast.FragmentSpread, id int, cond string) *Error {
	if err := w.directives(m, s.Directives); err != nil {
		return err
	}
	if w.again(place{id, cond, "..." + s.Name}) {
		m.repeats = add(m.repeats, 1)
	}
	f := w.fragments[s.Name]
	if f == nil {
		return nil // the rules refuse it
	}
	w.here.spreads = append(w.here.spreads, &f.part)
	n, err := w.fragment(f)
	if err != nil {
		return err
	}
	m.plus(n)
	return w.checkDirectives(m)
}

// inline fragments are part of the set, but what two conditions select is not repeated: often only one of them holds.
func (w *walker) inline(m *measure, s *ast.InlineFragment, parent *typeCost, id int, cond string) *Error {
	if err := w.directives(m, s.Directives); err != nil {
		return err
	}
	if s.TypeCondition != "" {
		parent, cond = w.table.types[s.TypeCondition], s.TypeCondition
	}
	return w.set(m, s.SelectionSet, parent, id, cond)
}

// again notes a name, and says whether it was noted before.
func (w *walker) again(p place) bool {
	_, ok := w.seen[p]
	w.seen[p] = struct{}{}
	return ok
}

func (w *walker) field(m *measure, s *ast.Field, parent *typeCost, id int, cond string) *Error {
	if err := w.directives(m, s.Directives); err != nil {
		return err
	}
	if err := w.arguments(s.Arguments); err != nil {
		return err
	}
	again := w.again(place{id, cond, s.Alias})
	if s.Alias != s.Name {
		m.aliases = add(m.aliases, 1)
		again = w.again(place{id, cond, s.Name}) || again
	}
	if again {
		m.repeats = add(m.repeats, 1)
	}
	info := parent.field(s.Name)
	if info.introspects || s.Name == "__schema" || s.Name == "__type" {
		w.introspects = true
	}
	var below measure
	if len(s.SelectionSet) > 0 {
		w.sets++
		if err := w.set(&below, s.SelectionSet, info.child, w.sets, ""); err != nil {
			return err
		}
	}
	w.nest(&below, info, s, parent)
	m.plus(&below)
	return w.checkDirectives(m)
}

func (w *walker) directives(m *measure, list ast.DirectiveList) *Error {
	m.directives = add(m.directives, int64(len(list)))
	if err := w.checkDirectives(m); err != nil {
		return err
	}
	for _, d := range list {
		w.visit()
		if err := w.arguments(d.Arguments); err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) checkDirectives(m *measure) *Error {
	if m.directives > w.limits.directives {
		return tooDirected.over(m.directives, w.limits.directives)
	}
	return nil
}

func (w *walker) arguments(args ast.ArgumentList) *Error {
	for _, a := range args {
		if err := w.value(a.Value, 0); err != nil {
			return err
		}
	}
	return nil
}

// value bounds the depth of a literal.
func (w *walker) value(v *ast.Value, depth int) *Error {
	if v == nil {
		return nil
	}
	w.visit()
	if v.Kind == ast.ListValue || v.Kind == ast.ObjectValue {
		if depth++; depth > w.limits.values {
			return tooStructured.over(int64(depth), int64(w.limits.values))
		}
	}
	for _, c := range v.Children {
		if err := w.value(c.Value, depth); err != nil {
			return err
		}
	}
	return nil
}
