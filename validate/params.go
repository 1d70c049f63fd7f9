package validate

import (
	"bytes"
	"reflect"
	"strings"
	"unicode/utf8"
)

// params are the fields that a query or a form can fill.
type params struct{ byName map[string]int }

func newParams(root *object, in source) *params {
	p := &params{byName: map[string]int{}}
	for i := range root.fields {
		if f := &root.fields[i]; f.in == in {
			p.byName[f.name] = i
		}
	}
	if len(p.byName) == 0 {
		return nil
	}
	return p
}

// decodeQuery binds the query. net/url would drop what it does not understand, and so would every default take its place.
func (s *state) decodeQuery(root reflect.Value) bool {
	s.in = inQuery
	p := s.plan.query
	if s.r.URL.RawQuery == "" || p == nil && s.plan.cfg.AllowUnknownQuery {
		return true
	}
	return s.pairs(p, s.r.URL.RawQuery, root, CodeInvalidQuery)
}

// words are the codes of a request that is malformed in one of its sources.
var words = [...]string{
	inBody: CodeInvalidJSON, inQuery: CodeInvalidQuery, inPath: CodeInvalidPath, inHeader: CodeInvalidHeader, inForm: CodeInvalidForm,
}

// pairs reads name=value&name=value (WHATWG URL section 5.1), strictly.
func (s *state) pairs(p *params, text string, root reflect.Value, word string) bool {
	limits := &s.plan.cfg.Limits
	count := 0
	for pair := range strings.SplitSeq(text, "&") {
		if count++; count > limits.Params {
			return s.limit(word, "params", limits.Params)
		}
		rawName, rawValue, ok := strings.Cut(pair, "=")
		name, okName := s.unescape(rawName)
		value, okValue := s.unescape(rawValue)
		switch {
		case !ok || !okName || !okValue || name == "":
			return s.refuse(ErrMalformed, word, s.fault(CodeSyntax, nil))
		case len(name) > limits.ParamName:
			return s.limit(word, "param_name", limits.ParamName)
		}
		if !s.param(p, name, value, root, word) {
			return false
		}
	}
	return true
}

// unescape decodes a name or value once: valid escapes, UTF-8, no NUL, no semicolon, which other parsers split at.
func (s *state) unescape(text string) (string, bool) {
	if strings.ContainsAny(text, "%+;") {
		b := s.scratch[:0]
		for i := 0; i < len(text); i++ {
			switch c := text[i]; {
			case c == '+':
				b = append(b, ' ')
			case c == ';':
				return "", false
			case c != '%':
				b = append(b, c)
			default:
				if i+2 >= len(text) || !isHex(text[i+1]) || !isHex(text[i+2]) {
					return "", false
				}
				b = append(b, unhex(text[i+1])<<4|unhex(text[i+2]))
				i += 2
			}
		}
		s.scratch = b
		text = string(b)
	}
	return text, utf8.ValidString(text)
}

func isHex(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f' }

func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}

// param binds one decoded parameter.
func (s *state) param(p *params, name, value string, root reflect.Value, word string) bool {
	i := -1
	if p != nil {
		if k, ok := p.byName[name]; ok {
			i = k
		}
	}
	o := s.plan.root
	if i < 0 || !s.may(&o.fields[i]) {
		if i < 0 && s.in == inQuery && s.plan.cfg.AllowUnknownQuery {
			return true
		}
		return s.failAt([]byte(name), CodeUnknown)
	}
	f := &o.fields[i]
	s.push(f.name)
	defer s.pop()
	again := s.sent.has(i) || s.bad.has(i)
	if again && (f.node.value().kind != kindSlice || f.comma) {
		return s.refuse(ErrMalformed, word, s.fault(CodeDuplicate, nil))
	}
	return s.parameter(f, i, f.of(root), value, !again)
}

// parameter gives a field, or the next element of it, the text of a parameter. The rules of a slice run when all is read.
func (s *state) parameter(f *field, i int, v reflect.Value, value string, first bool) bool {
	before := s.failed()
	n := f.node.value()
	ok := true
	switch {
	case n.kind != kindSlice:
		ok = s.setParam(f.node, v, value)
	case f.comma:
		for part := range strings.SplitSeq(value, ",") {
			if ok = s.appendParam(f, v, strings.Trim(part, " \t"), first); !ok {
				break
			}
			first = false
		}
	default:
		ok = s.appendParam(f, v, value, first)
	}
	if s.sent.set(i); s.failed() > before {
		s.bad.set(i)
	}
	return ok
}

// appendParam adds an element, up to one more than the rules allow.
func (s *state) appendParam(f *field, v reflect.Value, value string, first bool) bool {
	n := f.node
	for ; n.kind == kindPointer || n.kind == kindOpt; n = n.elem {
		v = n.fill(v, first)
	}
	if s.elements++; s.elements > s.plan.cfg.Limits.Elements {
		return s.limit(words[s.in], "elements", s.plan.cfg.Limits.Elements)
	}
	if first {
		v.Set(reflect.MakeSlice(n.typ, 0, 1))
	}
	i := v.Len()
	if n.max >= 0 && i > n.max {
		return true
	}
	v.Grow(1)
	v.SetLen(i + 1)
	return s.setParam(n.elem, v.Index(i), value)
}

// fill gives a pointer or an Opt something to point to, and returns it.
func (n *node) fill(v reflect.Value, fresh bool) reflect.Value {
	if n.kind == kindPointer {
		if fresh {
			v.Set(reflect.New(n.elem.typ))
		}
		return v.Elem()
	}
	o := v.Addr().Interface().(optional)
	o.mark(false)
	return reflect.ValueOf(o.target()).Elem()
}

// setParam binds a text to a scalar: decimal numbers as JSON spells them, true and false, or text.
func (s *state) setParam(n *node, v reflect.Value, value string) bool {
	for ; n.kind == kindPointer || n.kind == kindOpt; n = n.elem {
		v = n.fill(v, true)
	}
	if limit := s.plan.cfg.Limits.ParamValue; len(value) > limit && s.in != inForm {
		return s.fail(CodeLimit, map[string]any{"limit": "param_value", "max": limit})
	}
	switch n.kind {
	case kindBool:
		if value != "true" && value != "false" {
			return s.fail(CodeType, typeParams(wanted[n.kind]))
		}
		v.SetBool(value == "true")
		return s.check(n, v)
	case kindInt, kindUint, kindFloat:
		if !isNumber(value) {
			return s.fail(CodeType, typeParams(wanted[n.kind]))
		}
		return s.setNumber(n, v, []byte(value))
	}
	return s.setText(n, v, []byte(value))
}

// isNumber reports whether the text is a number of JSON (RFC 8259 section 6): no plus, no spaces, no NaN, no hexadecimals.
func isNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	digits := func() int {
		rest := strings.TrimLeft(s, "0123456789")
		n := len(s) - len(rest)
		s = rest
		return n
	}
	leading := strings.HasPrefix(s, "0")
	if n := digits(); n == 0 || leading && n > 1 {
		return false
	}
	if strings.HasPrefix(s, ".") {
		if s = s[1:]; digits() == 0 {
			return false
		}
	}
	if s != "" && s[0]|0x20 == 'e' {
		s = s[1:]
		if s != "" && (s[0] == '+' || s[0] == '-') {
			s = s[1:]
		}
		if digits() == 0 {
			return false
		}
	}
	return s == ""
}

// collections runs the rules of slices from parameters, once they are complete.
func (s *state) collections(in source, root reflect.Value) bool {
	for i := range s.plan.root.fields {
		f := &s.plan.root.fields[i]
		n := f.node.value()
		if f.in != in || n.kind != kindSlice || !s.sent.has(i) {
			continue
		}
		v, _ := f.deref(root)
		before := s.failed()
		if !s.at(f, func() bool { return s.counted(n, v, v.Len()) }) {
			return false
		}
		if s.failed() > before {
			s.bad.set(i)
		}
	}
	return true
}

// decodeForm binds a form that is the body.
func (s *state) decodeForm(root reflect.Value) bool {
	s.in = inForm
	if len(s.buf) == 0 {
		return true
	}
	return s.pairs(s.plan.form, string(bytes.Clone(s.buf)), root, CodeInvalidForm)
}
