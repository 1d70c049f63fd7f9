package jose

import (
	"slices"
	"strconv"
	"strings"
)

// Scanner reads strict JSON (RFC 8259) once from left to right. Every method reports whether what it expected was there; a
// false ends the reading. Strings without escapes are parts of src, so reading allocates little.
type Scanner struct {
	src string
	i   int
}

// Scan returns a Scanner at the beginning of src.
func Scan(src string) Scanner { return Scanner{src: src} }

// Bounds of a document. A token is small; more is an attempt to make us work.
const (
	maxDepth   = 16
	maxMembers = 64
)

func (s *Scanner) space() {
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
func (s *Scanner) take(c byte) bool {
	s.space()
	if s.i < len(s.src) && s.src[s.i] == c {
		s.i++
		return true
	}
	return false
}

// peek returns the next byte after white space, 0 at the end.
func (s *Scanner) peek() byte {
	s.space()
	if s.i < len(s.src) {
		return s.src[s.i]
	}
	return 0
}

// End reports that nothing follows.
func (s *Scanner) End() bool { return s.peek() == 0 && s.i == len(s.src) }

// Members walks an object and hands each name to read, which must consume the value. A name that stands twice is refused:
// two readers would pick two values.
func (s *Scanner) Members(read func(name string) bool) bool {
	if !s.take('{') {
		return false
	}
	if s.take('}') {
		return true
	}
	var seen [maxMembers]string
	for n := range maxMembers {
		name, ok := s.Text()
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

// Elements walks an array.
func (s *Scanner) Elements(read func() bool) bool {
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

// Skip consumes any value.
func (s *Scanner) Skip() bool { return s.skip(1) }

// Raw consumes any value and returns its text.
func (s *Scanner) Raw() (string, bool) {
	s.space()
	start := s.i
	ok := s.skip(1)
	return s.src[start:s.i], ok
}

// Try calls read, and goes back to where it stood when that fails: the value is then there to be skipped.
func (s *Scanner) Try(read func() bool) bool {
	start := s.i
	if read() {
		return true
	}
	s.i = start
	return false
}

func (s *Scanner) skip(depth int) bool {
	switch c := s.peek(); {
	case c == '"':
		_, ok := s.Text()
		return ok
	case c == '{':
		return depth < maxDepth && s.Members(func(string) bool { return s.skip(depth + 1) })
	case c == '[':
		return depth < maxDepth && s.Elements(func() bool { return s.skip(depth + 1) })
	case c == 't':
		return s.literal("true")
	case c == 'f':
		return s.literal("false")
	case c == 'n':
		return s.literal("null")
	}
	return s.number() != ""
}

func (s *Scanner) literal(word string) bool {
	ok := strings.HasPrefix(s.src[s.i:], word)
	if ok {
		s.i += len(word)
	}
	return ok
}

// number returns the text of a number of RFC 8259 section 6, or "".
func (s *Scanner) number() string {
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

func (s *Scanner) accept(c byte) bool {
	if s.i < len(s.src) && s.src[s.i] == c {
		s.i++
		return true
	}
	return false
}

func (s *Scanner) digits() (n int) {
	for s.i < len(s.src) && '0' <= s.src[s.i] && s.src[s.i] <= '9' {
		s.i++
		n++
	}
	return n
}

// Date reads a NumericDate (RFC 7519 section 2) after 1970 and before the year 10000, in seconds without exponent. A
// fraction is allowed by the RFC, and dropped.
func (s *Scanner) Date() (int64, bool) {
	whole, fraction, dotted := strings.Cut(s.number(), ".")
	if dotted && strings.ContainsAny(fraction, "eE") {
		return 0, false
	}
	n, err := strconv.ParseInt(whole, 10, 64)
	return n, err == nil && n > 0 && n < 253402300800
}

// List reads an array of at most limit strings; where one is allowed, a bare string too.
func (s *Scanner) List(limit int, bare bool) ([]string, bool) {
	if bare && s.peek() == '"' {
		one, ok := s.Text()
		return []string{one}, ok
	}
	all := []string{}
	ok := s.Elements(func() bool {
		item, ok := s.Text()
		all = append(all, item)
		return ok && len(all) <= limit
	})
	return all, ok
}
