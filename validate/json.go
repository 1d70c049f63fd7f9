package validate

import (
	"bytes"
	"errors"
	"io"
	"reflect"

	"github.com/go-json-experiment/json/jsontext"
)

// decodeJSON binds the body. One tokenizer reads it once; the plan says what each token must be.
func (s *state) decodeJSON(root reflect.Value) bool {
	p := s.plan
	s.in = inBody
	s.src = *bytes.NewBuffer(s.buf)
	s.dec.Reset(&s.src, p.opts)
	ok := true
	if p.whole >= 0 {
		ok = s.member(&p.root.fields[p.whole], p.whole, root, &s.sent, &s.bad)
	} else {
		ok = s.object(p.root, root, &s.sent, &s.bad)
	}
	if !ok {
		return false
	}
	if _, err := s.dec.ReadToken(); err != io.EOF {
		return s.refuse(ErrMalformed, CodeInvalidJSON, s.fault(CodeSyntax, nil))
	}
	return true
}

// syntax refuses a body that is no JSON.
func (s *state) syntax(err error) bool {
	code := CodeSyntax
	if errors.Is(err, jsontext.ErrDuplicateName) {
		code = CodeDuplicate
	}
	return s.refuse(ErrMalformed, CodeInvalidJSON, s.fault(code, nil))
}

// mismatch records that the value is of another type, or null, and goes on behind it.
func (s *state) mismatch(want string) bool {
	if s.dec.PeekKind() == 'n' {
		return s.fail(CodeNull, nil) && s.skip()
	}
	return s.fail(CodeType, typeParams(want)) && s.skip()
}

// enter reads the bracket that opens an object or array.
func (s *state) enter() bool {
	if s.depth++; s.depth > s.plan.cfg.Limits.Depth {
		return s.limit(CodeInvalidJSON, "depth", s.plan.cfg.Limits.Depth)
	}
	_, err := s.dec.ReadToken()
	return err == nil || s.syntax(err)
}

// more reports whether another member or element follows, and counts it; otherwise it reads the closing bracket.
func (s *state) more(end jsontext.Kind, count *int) (more, ok bool) {
	kind := s.dec.PeekKind()
	if kind == end {
		s.depth--
		_, err := s.dec.ReadToken()
		return false, err == nil || s.syntax(err)
	}
	limits := &s.plan.cfg.Limits
	if s.elements++; s.elements > limits.Elements {
		return false, s.limit(CodeInvalidJSON, "elements", limits.Elements)
	}
	if *count++; end == '}' && *count > limits.Members {
		return false, s.limit(CodeInvalidJSON, "members", limits.Members)
	}
	return true, true
}

// object binds one object to the struct v.
func (s *state) object(o *object, v reflect.Value, sent, bad *bits) bool {
	if s.dec.PeekKind() != '{' {
		for i := range o.fields { // none of them can be missing
			if o.fields[i].in == inBody {
				bad.set(i)
			}
		}
		return s.mismatch("object")
	}
	if !s.enter() {
		return false
	}
	next := 0
	for count := 0; ; {
		more, ok := s.more('}', &count)
		if !more {
			return ok
		}
		name, ok := s.text(true)
		if !ok {
			return false
		}
		i := o.lookup(name, next)
		switch {
		case i < 0 || !s.may(&o.fields[i]):
			if !s.unknown(o, name, i) {
				return false
			}
			continue
		case sent.has(i) || bad.has(i):
			return s.at(&o.fields[i], func() bool { return s.refuse(ErrMalformed, CodeInvalidJSON, s.fault(CodeDuplicate, nil)) })
		}
		next = i + 1
		if !s.member(&o.fields[i], i, v, sent, bad) {
			return false
		}
	}
}

// member binds one member of an object.
func (s *state) member(f *field, i int, v reflect.Value, sent, bad *bits) bool {
	s.push(f.name)
	before := s.failed()
	filled, ok := s.value(f.node, f.of(v))
	if ok && !filled && f.required {
		ok = s.fail(CodeRequired, nil)
	}
	s.pop()
	if sent.set(i); s.failed() > before {
		bad.set(i)
	}
	return ok
}

// unknown handles a member that the type does not have, or not for this caller.
func (s *state) unknown(o *object, name []byte, i int) bool {
	if s.plan.cfg.AllowUnknown && i < 0 && !o.folded[fold(string(name))] {
		return s.skip()
	}
	return s.failAt(name, CodeUnknown) && s.skip()
}

// value binds the next JSON value to v. filled is false for null.
func (s *state) value(n *node, v reflect.Value) (filled, ok bool) {
	switch n.kind {
	case kindPointer:
		if s.dec.PeekKind() == 'n' {
			return false, s.skip()
		}
		p := reflect.New(n.elem.typ)
		filled, ok = s.value(n.elem, p.Elem())
		v.Set(p)
		return filled, ok
	case kindOpt:
		o := v.Addr().Interface().(optional)
		null := s.dec.PeekKind() == 'n'
		o.mark(null)
		if null {
			return false, s.skip()
		}
		return s.value(n.elem, reflect.ValueOf(o.target()).Elem())
	case kindStruct:
		f := s.frame()
		return true, s.object(n.obj, v, &f.sent, &f.bad) && s.complete(n.obj, v, &f.sent, &f.bad) && s.check(n, v)
	case kindSlice, kindArray:
		return true, s.array(n, v)
	case kindMap:
		return true, s.mapping(n, v)
	case kindForeign:
		null := s.dec.PeekKind() == 'n'
		return !null, s.foreign(n, v)
	}
	return true, s.scalar(n, v)
}

// array binds an array, and stops building where the rules allow no more.
func (s *state) array(n *node, v reflect.Value) bool {
	if s.dec.PeekKind() != '[' {
		return s.mismatch("array")
	}
	if !s.enter() {
		return false
	}
	limit := n.max
	if n.kind == kindArray {
		limit = v.Len()
	} else {
		v.SetZero()
	}
	start, count := s.dec.InputOffset(), 0
	for {
		more, ok := s.more(']', &count)
		if !ok {
			return false
		}
		if !more {
			break
		}
		if limit >= 0 && count > limit {
			if !s.skip() {
				return false
			}
			continue
		}
		if n.kind == kindSlice && v.Cap() < count {
			v.Grow(s.room(start, count-1))
		}
		if !s.element(n, v, count-1) {
			return false
		}
	}
	if count == 0 && n.kind == kindSlice {
		v.Set(reflect.MakeSlice(n.typ, 0, 0)) // empty is not absent
	}
	if n.kind == kindArray {
		return (count == limit || s.fail("len", map[string]any{"len": limit})) && s.check(n, v)
	}
	return s.counted(n, v, count)
}

// room guesses how many elements will follow the i that there are: as many as fit into the rest of the body at their average
// length, so that a long list is not copied again and again. Limits.Elements bounds the guess.
func (s *state) room(start int64, i int) int {
	if i < 16 || s.failed() > 0 {
		return max(i, 4)
	}
	here := s.dec.InputOffset()
	guess := (int64(len(s.buf))-here)*int64(i)/(here-start) + 1
	return int(max(min(guess, int64(s.plan.cfg.Limits.Elements-s.elements)), int64(i/4)))
}

func (s *state) element(n *node, v reflect.Value, i int) bool {
	if n.kind == kindSlice {
		v.SetLen(i + 1)
	}
	s.pushIndex(i)
	filled, ok := s.value(n.elem, v.Index(i))
	if ok && !filled && n.elem.value().required {
		ok = s.fail(CodeRequired, nil)
	}
	s.pop()
	return ok
}

// counted runs the rules of a collection of which only the allowed part was built.
func (s *state) counted(n *node, v reflect.Value, count int) bool {
	if n.max < 0 || count <= n.max {
		return s.check(n, v)
	}
	for i := range n.rules {
		if r := &n.rules[i]; len(r.words) == 1 && r.words[0].bounds(n.max) {
			return s.fail(r.code, r.params)
		}
	}
	return s.fail(CodeLimit, nil)
}

// mapping binds an object to a map.
func (s *state) mapping(n *node, v reflect.Value) bool {
	if s.dec.PeekKind() != '{' {
		return s.mismatch("object")
	}
	if !s.enter() {
		return false
	}
	v.Set(reflect.MakeMap(n.typ))
	count := 0
	for {
		more, ok := s.more('}', &count)
		if !ok {
			return false
		}
		if !more {
			return s.counted(n, v, count)
		}
		name, ok := s.text(true)
		if !ok || !s.entry(n, v, string(name), count) {
			return false
		}
	}
}

// entry binds one member of a map.
func (s *state) entry(n *node, v reflect.Value, name string, count int) bool {
	key := reflect.New(n.key.typ).Elem()
	key.SetString(name)
	s.pushKey(name)
	defer s.pop()
	switch {
	case n.max >= 0 && count > n.max:
		return s.skip()
	case v.MapIndex(key).IsValid():
		return s.refuse(ErrMalformed, CodeInvalidJSON, s.fault(CodeDuplicate, nil))
	case len(name) > s.plan.cfg.Limits.String:
		return s.fail(CodeLimit, map[string]any{"limit": "string", "max": s.plan.cfg.Limits.String}) && s.skip()
	case bytes.IndexByte([]byte(name), 0) >= 0:
		return s.fail(CodeNUL, nil) && s.skip()
	}
	if !s.check(n.key, key) {
		return false
	}
	elem := reflect.New(n.elem.typ).Elem()
	filled, ok := s.value(n.elem, elem)
	if ok && !filled && n.elem.value().required {
		ok = s.fail(CodeRequired, nil)
	}
	v.SetMapIndex(key, elem)
	return ok
}
