package validate

import (
	"bytes"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// text reads a string, or the name of a member, unescaped. What it returns is overwritten by the next call.
func (s *state) text(name bool) ([]byte, bool) {
	raw, err := s.dec.ReadValue()
	if err != nil {
		return nil, s.syntax(err)
	}
	if name && raw.Kind() != '"' {
		return nil, s.syntax(io.ErrUnexpectedEOF)
	}
	if bytes.IndexByte(raw, '\\') < 0 {
		return raw[1 : len(raw)-1], true
	}
	s.scratch, err = jsontext.AppendUnquote(s.scratch[:0], raw)
	if err != nil {
		return nil, s.syntax(err)
	}
	return s.scratch, true
}

// skip passes over one value, with the limits of structure.
func (s *state) skip() bool {
	if k := s.dec.PeekKind(); k != '{' && k != '[' {
		return s.skipScalar()
	}
	var open []jsontext.Kind
	counts := []int{0}
	for {
		switch k := s.dec.PeekKind(); k {
		case '{', '[':
			if !s.enter() {
				return false
			}
			open, counts = append(open, k+2), append(counts, 0) // '{'+2 is '}', '['+2 is ']'
		default:
			if !s.skipScalar() {
				return false
			}
		}
		for {
			if len(open) == 0 {
				return true
			}
			more, ok := s.more(open[len(open)-1], &counts[len(counts)-1])
			if !ok {
				return false
			}
			if more {
				break
			}
			open, counts = open[:len(open)-1], counts[:len(counts)-1]
		}
		if open[len(open)-1] == '}' {
			if !s.skipScalar() { // the name
				return false
			}
		}
	}
}

// skipScalar passes over a text, a number or a word.
func (s *state) skipScalar() bool {
	raw, err := s.dec.ReadValue()
	if err != nil {
		return s.syntax(err)
	}
	limits := &s.plan.cfg.Limits
	switch {
	case raw.Kind() == '0' && len(raw) > limits.Number:
		return s.limit(CodeInvalidJSON, "number", limits.Number)
	case raw.Kind() == '"' && len(raw)-2 > limits.String:
		if s.scratch, err = jsontext.AppendUnquote(s.scratch[:0], raw); err != nil || len(s.scratch) > limits.String {
			return s.limit(CodeInvalidJSON, "string", limits.String)
		}
	}
	return true
}
