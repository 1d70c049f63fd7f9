package formats

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/gopalisade/palisade/internal/ascii"
)

// Base64 reports whether s is base64 of at least one byte with all its padding, no line breaks, and zeros in the bits
// that nothing is stored in (RFC 4648 section 3.5): otherwise several texts would be the same bytes.
func Base64(s string) bool { return padded(s, "+/") }

// Base64URL is [Base64] in the alphabet of RFC 4648 section 5, with its padding.
func Base64URL(s string) bool { return padded(s, "-_") }

// Base64RawURL is [Base64URL] without padding, as tokens have it.
func Base64RawURL(s string) bool { return unpadded(s, "-_") }

func padded(s, marks string) bool {
	text := strings.TrimSuffix(strings.TrimSuffix(s, "="), "=")
	return len(s)%4 == 0 && len(s)-len(text) == (4-len(text)%4)%4 && unpadded(text, marks)
}

func unpadded(s, marks string) bool {
	if !ascii.All(s, marks) {
		return false
	}
	last := sextet(s[len(s)-1])
	switch len(s) % 4 {
	case 1:
		return false
	case 2:
		return last&0xF == 0
	case 3:
		return last&0x3 == 0
	}
	return true
}

// sextet returns the value of a character of base64, only the low four bits of which matter here.
func sextet(c byte) byte {
	switch {
	case isLower(c):
		return c - 'a' + 26
	case isDigit(c):
		return c - '0' + 52
	case isAlpha(c):
		return c - 'A'
	case c == '+' || c == '-':
		return 62
	}
	return 63
}

// JSON reports whether s is one JSON text of RFC 8259 in UTF-8, of 64 KiB at most. Members may still be there twice.
func JSON(s string) bool {
	return s != "" && len(s) <= 64<<10 && utf8.ValidString(s) && json.Valid([]byte(s))
}

// JSONPointer reports whether s is a pointer of RFC 6901 as a string, of 1024 bytes at most; the empty one is the whole.
func JSONPointer(s string) bool {
	if s == "" {
		return true
	}
	if len(s) > 1024 || s[0] != '/' || !utf8.ValidString(s) {
		return false
	}
	for more := true; more; {
		_, s, more = strings.Cut(s, "~")
		if more && (s == "" || s[0] != '0' && s[0] != '1') {
			return false
		}
	}
	return true
}
