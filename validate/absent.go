package validate

import (
	"reflect"
	"slices"
)

// empty is the dialect's notion of nothing, but for numbers and bools, where 0 and false are as good as any.
func (n *node) empty(v reflect.Value) bool {
	switch n.kind {
	case kindString, kindBytes:
		return v.Len() == 0
	case kindSlice, kindMap:
		return v.IsNil()
	case kindSecret: // rules see its text
		return v.Kind() == reflect.String && v.Len() == 0 || v.Kind() != reflect.String && revealed(v) == ""
	case kindText, kindForeign:
		return v.IsZero()
	}
	return false
}

// complete looks at the fields of an object that were not sent, then at its fields beside each other.
func (s *state) complete(o *object, v reflect.Value, sent, bad *bits) bool {
	for i := range o.fields {
		if f := &o.fields[i]; !sent.has(i) && !bad.has(i) {
			before := s.failed()
			if !s.absent(f, f.of(v)) {
				return false
			}
			if s.failed() > before {
				bad.set(i)
			}
		}
	}
	for i := range o.cross {
		r := &o.cross[i]
		f := &o.fields[r.field]
		if bad.has(r.field) || slices.ContainsFunc(r.others, bad.has) || (r.conditional || !f.defaulted()) && !s.may(f) {
			continue
		}
		if r.ok(o, v, sent) {
			continue
		}
		if !s.at(f, func() bool { return s.fail(r.code, r.params) }) {
			return false
		}
	}
	return true
}

// at does something at the place of a field.
func (s *state) at(f *field, do func() bool) bool {
	in := s.in
	s.in = f.in
	s.push(f.name)
	ok := do()
	s.pop()
	s.in = in
	return ok
}

// absent gives a field that was not sent its default, or finds that it had to be there.
func (s *state) absent(f *field, v reflect.Value) bool {
	n := f.node
	switch {
	case f.def.IsValid():
		v.Set(f.def)
		return true
	case f.defText != nil: // made anew, since the type may hold a pointer
		return s.at(f, func() bool { return s.setText(n, v, f.defText) })
	case !s.may(f):
		return true
	case f.required || f.present:
		return s.at(f, func() bool { return s.fail(CodeRequired, nil) })
	case n.kind == kindPointer, n.kind == kindOpt, n.omit:
		return true
	case n.kind == kindStruct:
		return s.at(f, func() bool {
			inner := s.frame()
			return s.complete(n.obj, v, &inner.sent, &inner.bad) && s.rulesOfNothing(n, v)
		})
	}
	return s.at(f, func() bool { return s.rulesOfNothing(n, v) })
}

// rulesOfNothing judges the zero value of a field that was not sent: where a rule does not hold, the field had to be there.
func (s *state) rulesOfNothing(n *node, v reflect.Value) bool {
	if n.kind == kindStruct { // whose fields have been judged
		return !n.breaksRule(v) || s.fail(CodeRequired, nil)
	}
	return !n.breaks(v) || s.fail(CodeRequired, nil)
}

// breaks reports whether a zero value breaks a rule, its own or that of what is in it.
func (n *node) breaks(v reflect.Value) bool {
	switch {
	case n.kind == kindPointer, n.kind == kindOpt:
		return n.value().required
	case n.required && n.empty(v):
		return true
	case n.omit && n.empty(v):
		return false
	case n.kind == kindArray && v.Len() > 0 && n.elem.breaks(v.Index(0)), n.kind == kindStruct && n.obj.breaks(v):
		return true
	case n.kind == kindSecret:
		v = reflect.ValueOf("")
	}
	return n.breaksRule(v)
}

func (n *node) breaksRule(v reflect.Value) bool {
	for i := range n.rules {
		if !n.rules[i].ok(v) {
			return true
		}
	}
	return false
}

// breaks reports whether an object in which nothing was sent lacks something. Nobody fills in its defaults.
func (o *object) breaks(v reflect.Value) bool {
	for i := range o.fields {
		f := &o.fields[i]
		if f.required || f.present || f.defaulted() || f.node.breaks(f.of(v)) {
			return true
		}
	}
	return false
}
