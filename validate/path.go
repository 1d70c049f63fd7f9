package validate

import (
	"net/url"
	"reflect"
	"strings"
	"unicode/utf8"
)

// decodePath binds path values.
func (s *state) decodePath(root reflect.Value) bool {
	s.in = inPath
	for _, i := range s.plan.paths {
		f := &s.plan.root.fields[i]
		raw := s.r.PathValue(f.name)
		if raw == "" && !f.slash {
			if named := "{" + f.name; strings.Contains(s.r.Pattern, named+"}") || strings.Contains(s.r.Pattern, named+":") {
				return s.at(f, func() bool { return s.refuse(ErrMalformed, CodeInvalidPath, s.fault(CodeSyntax, nil)) })
			}
			return s.refuse(ErrRoute, CodeInvalidPath)
		}
		if !s.at(f, func() bool { return s.pathValue(f, i, raw, root) }) {
			return false
		}
	}
	return true
}

func (s *state) pathValue(f *field, i int, raw string, root reflect.Value) bool {
	value, ok := pathText(s.r.URL, raw, f.slash)
	if !ok {
		return s.refuse(ErrMalformed, CodeInvalidPath, s.fault(CodeSyntax, nil))
	}
	if !s.parameter(f, i, f.of(root), value, true) {
		return false
	}
	if v, ok := f.deref(root); ok && v.Kind() == reflect.String && !plainSegments(v.String(), f.slash) {
		return s.refuse(ErrMalformed, CodeInvalidPath, s.fault(CodeSyntax, nil)) // norm made it what it may not be
	}
	return true
}

// pathText decodes what a router found, exactly once. [http.ServeMux] hands out decoded values; a router that works on
// URL.RawPath, where the client escaped more than it had to, hands out escaped ones. Which of the two it is shows where the
// value stands in the path; where both readings are possible, the value is refused.
func pathText(u *url.URL, raw string, slash bool) (string, bool) {
	value := raw
	if u.RawPath != "" && strings.Contains(raw, "%") {
		decoded, escaped := false, false
		for _, part := range pathParts(u.RawPath, slash) {
			if part == raw {
				escaped = true
			}
			if plain, err := url.PathUnescape(part); err == nil && plain == raw {
				decoded = true
			}
		}
		if decoded == escaped {
			return "", false
		}
		if escaped {
			var err error
			if value, err = url.PathUnescape(raw); err != nil {
				return "", false
			}
		}
	}
	return value, plainSegments(value, slash)
}

// plainSegments reports whether a value may stand in a path: text without controls and dot segments, and slashes only where
// the tag allows them.
func plainSegments(value string, slash bool) bool {
	if !utf8.ValidString(value) || strings.ContainsFunc(value, func(r rune) bool { return r < 0x20 || r == 0x7f }) {
		return false
	}
	for segment := range strings.SplitSeq(value, "/") {
		if segment == "." || segment == ".." {
			return false
		}
	}
	return slash || !strings.Contains(value, "/")
}

// pathParts are the pieces of a path that a path value may be: its segments, or its ends.
func pathParts(path string, tails bool) []string {
	if !tails {
		return strings.Split(path, "/")
	}
	var parts []string
	for i := range len(path) {
		if path[i] == '/' && len(parts) < 64 {
			parts = append(parts, path[i+1:])
		}
	}
	return parts
}
