package token

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// scanner reads strict JSON (RFC 8259) once from left to right. Every method reports whether what it expected was there; a
// false ends the reading. Strings without escapes are parts of src, so reading allocates little.
type scanner struct {
	src string
	i   int
}

// Bounds of a document. A token is small; more is an attempt to make us work.
const (
	maxDepth   = 16
	maxMembers = 64
)

func (s *scanner) space() {
	for s.i < len(s.src) {
		switch s.src[s.i] {
		case ' ', '\t', '\n', '\r':
			s.i++
		default:
			return
		}
	}
}

// take consumes c after white space.
func (s *scanner) take(c byte) bool {
	s.space()
	if s.i < len(s.src) && s.src[s.i] == c {
		s.i++
		return true
	}
	return false
}

// peek returns the next byte after white space, 0 at the end.
func (s *scanner) peek() byte {
	s.space()
	if s.i < len(s.src) {
		return s.src[s.i]
	}
	return 0
}

// end reports that nothing follows.
func (s *scanner) end() bool { return s.peek() == 0 && s.i == len(s.src) }

// members walks an object and hands each name to read, which must consume the value. A name that stands twice is refused:
// two readers would pick two values.
func (s *scanner) members(read func(name string) bool) bool {
	if !s.take('{') {
		return false
	}
	if s.take('}') {
		return true
	}
	var seen [maxMembers]string
	for n := range maxMembers {
		name, ok := s.text()
		if !ok || !s.take(':') {
			return false
		}
		if slices.Contains(seen[:n], name) {
			return false
		}
		seen[n] = name
		if !read(name) {
			return false
		}
		if s.take('}') {
			return true
		}
		if !s.take(',') {
			return false
		}
	}
	return false
}

// elements walks an array.
func (s *scanner) elements(read func() bool) bool {
	if !s.take('[') {
		return false
	}
	if s.take(']') {
		return true
	}
	for {
		if !read() {
			return false
		}
		if s.take(']') {
			return true
		}
		if !s.take(',') {
			return false
		}
	}
}

// skip consumes any value.
func (s *scanner) skip(depth int) bool {
	switch c := s.peek(); {
	case c == '"':
		_, ok := s.text()
		return ok
	case c == '{':
		return depth < maxDepth && s.members(func(string) bool { return s.skip(depth + 1) })
	case c == '[':
		return depth < maxDepth && s.elements(func() bool { return s.skip(depth + 1) })
	case c == 't':
		return s.literal("true")
	case c == 'f':
		return s.literal("false")
	case c == 'n':
		return s.literal("null")
	}
	return s.number() != ""
}

func (s *scanner) literal(word string) bool {
	ok := strings.HasPrefix(s.src[s.i:], word)
	if ok {
		s.i += len(word)
	}
	return ok
}

// number returns the text of a number of RFC 8259 section 6, or "".
func (s *scanner) number() string {
	s.space()
	start := s.i
	s.accept('-')
	if !s.accept('0') && s.digits() == 0 {
		return ""
	}
	if s.accept('.') && s.digits() == 0 {
		return ""
	}
	if s.accept('e') || s.accept('E') {
		if !s.accept('+') {
			s.accept('-')
		}
		if s.digits() == 0 {
			return ""
		}
	}
	return s.src[start:s.i]
}

func (s *scanner) accept(c byte) bool {
	if s.i < len(s.src) && s.src[s.i] == c {
		s.i++
		return true
	}
	return false
}

func (s *scanner) digits() (n int) {
	for s.i < len(s.src) && '0' <= s.src[s.i] && s.src[s.i] <= '9' {
		s.i++
		n++
	}
	return n
}

// text reads a string. Invalid UTF-8, and escapes that make a lone surrogate, are refused: what they become differs from
// reader to reader.
func (s *scanner) text() (string, bool) {
	if !s.take('"') {
		return "", false
	}
	start := s.i
	for s.i < len(s.src) {
		switch c := s.src[s.i]; {
		case c == '"':
			value := s.src[start:s.i]
			s.i++
			return value, true
		case c == '\\':
			return s.escaped(start)
		case c < ' ':
			return "", false
		case c < utf8.RuneSelf:
			s.i++
		default:
			r, size := utf8.DecodeRuneInString(s.src[s.i:])
			if r == utf8.RuneError && size == 1 {
				return "", false
			}
			s.i += size
		}
	}
	return "", false
}

// escaped goes on from the first backslash of a string that began at start. It finds the end; the standard library decodes
// what lies between, and is held to what it decoded without replacement.
func (s *scanner) escaped(start int) (string, bool) {
	var b strings.Builder
	b.WriteString(s.src[start:s.i])
	for s.i < len(s.src) {
		switch c := s.src[s.i]; {
		case c == '"':
			s.i++
			return b.String(), utf8.ValidString(b.String())
		case c < ' ':
			return "", false
		case c != '\\':
			b.WriteByte(c)
			s.i++
		default:
			r, ok := s.escape()
			if !ok {
				return "", false
			}
			b.WriteRune(r)
		}
	}
	return "", false
}

// escape reads one escape sequence, a surrogate pair as one.
func (s *scanner) escape() (rune, bool) {
	s.i++ // the backslash
	if s.i >= len(s.src) {
		return 0, false
	}
	c := s.src[s.i]
	s.i++
	if i := strings.IndexByte(`"\/bfnrt`, c); i >= 0 {
		return rune("\"\\/\b\f\n\r\t"[i]), true
	}
	if c != 'u' {
		return 0, false
	}
	r, ok := s.hex4()
	switch {
	case !ok || 0xDC00 <= r && r < 0xE000:
		return 0, false
	case r < 0xD800 || r >= 0xE000:
		return r, true
	}
	if !strings.HasPrefix(s.src[s.i:], `\u`) {
		return 0, false
	}
	s.i += 2
	low, ok := s.hex4()
	if !ok || low < 0xDC00 || low >= 0xE000 {
		return 0, false
	}
	return (r-0xD800)<<10 + (low - 0xDC00) + 0x10000, true
}

func (s *scanner) hex4() (rune, bool) {
	if s.i+4 > len(s.src) {
		return 0, false
	}
	digits := s.src[s.i : s.i+4]
	v, err := strconv.ParseUint(digits, 16, 16)
	s.i += 4
	return rune(v), err == nil
}

// date reads a NumericDate (RFC 7519 section 2) after 1970 and before the year 10000, in seconds without exponent. A
// fraction is allowed by the RFC, and dropped.
func (s *scanner) date() (int64, bool) {
	whole, fraction, dotted := strings.Cut(s.number(), ".")
	if dotted && strings.ContainsAny(fraction, "eE") {
		return 0, false
	}
	n, err := strconv.ParseInt(whole, 10, 64)
	return n, err == nil && n > 0 && n < 253402300800
}

// list reads an array of at most limit strings; where one is allowed, a bare string too.
func (s *scanner) list(limit int, bare bool) ([]string, bool) {
	if bare && s.peek() == '"' {
		one, ok := s.text()
		return []string{one}, ok
	}
	all := []string{}
	ok := s.elements(func() bool {
		item, ok := s.text()
		all = append(all, item)
		return ok && len(all) <= limit
	})
	return all, ok
}
