package validate

import (
	"reflect"
	"strings"
)

// decodeHeaders binds header fields. One value is one line; a list may be separated by commas where its tag says so.
func (s *state) decodeHeaders(root reflect.Value) bool {
	s.in = inHeader
	for _, i := range s.plan.header {
		f := &s.plan.root.fields[i]
		lines := s.r.Header[f.name]
		if len(lines) == 0 || !s.may(f) {
			continue
		}
		if !s.at(f, func() bool { return s.lines(f, i, lines, f.of(root)) }) {
			return false
		}
	}
	return true
}

func (s *state) lines(f *field, i int, lines []string, v reflect.Value) bool {
	if len(lines) > 1 && f.node.value().kind != kindSlice || len(lines) > s.plan.cfg.Limits.Params {
		return s.refuse(ErrMalformed, CodeInvalidHeader, s.fault(CodeDuplicate, nil))
	}
	for k, line := range lines {
		if !plainHeader(line) {
			return s.refuse(ErrMalformed, CodeInvalidHeader, s.fault(CodeSyntax, nil))
		}
		if !s.parameter(f, i, v, strings.Trim(line, " \t"), k == 0) {
			return false
		}
	}
	return true
}

// plainHeader reports whether a value is printable ASCII (RFC 9110 section 5.5 deprecates everything else).
func plainHeader(line string) bool {
	for i := range len(line) {
		if c := line[i]; c != '\t' && c < ' ' || c >= 0x7f {
			return false
		}
	}
	return true
}
