package jose

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Text reads a string. Invalid UTF-8, and escapes that make a lone surrogate, are refused: what they become differs from
// reader to reader.
func (s *Scanner) Text() (string, bool) {
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
func (s *Scanner) escaped(start int) (string, bool) {
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
func (s *Scanner) escape() (rune, bool) {
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

func (s *Scanner) hex4() (rune, bool) {
	if s.i+4 > len(s.src) {
		return 0, false
	}
	digits := s.src[s.i : s.i+4]
	v, err := strconv.ParseUint(digits, 16, 16)
	s.i += 4
	return rune(v), err == nil
}
