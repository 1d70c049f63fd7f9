package formats

import (
	"strings"
	"unicode"

	"github.com/gopalisade/palisade/internal/ascii"
)

func isDigit(c byte) bool { return c-'0' < 10 }
func isAlpha(c byte) bool { return c|0x20-'a' < 26 }
func isLower(c byte) bool { return c-'a' < 26 }
func isHex(c byte) bool   { return isDigit(c) || c|0x20-'a' < 6 }
func isASCII(c byte) bool { return c < 0x80 }
func isPrint(c byte) bool { return c-' ' < 0x7F-' ' }

// every reports whether s is not empty and has bytes that are all ok.
func every(s string, ok func(byte) bool) bool {
	for i := range len(s) {
		if !ok(s[i]) {
			return false
		}
	}
	return s != ""
}

// Alpha reports whether s is made of ASCII letters.
func Alpha(s string) bool { return every(s, isAlpha) }

// AlphaNum reports whether s is made of ASCII letters and digits.
func AlphaNum(s string) bool { return ascii.All(s, "") }

// ASCII reports whether s is made of ASCII characters, controls among them.
func ASCII(s string) bool { return every(s, isASCII) }

// PrintASCII reports whether s is made of ASCII characters from space to tilde.
func PrintASCII(s string) bool { return every(s, isPrint) }

// Digits reports whether s is made of ASCII digits, which is what validator calls number.
func Digits(s string) bool { return every(s, isDigit) }

// Decimal reports whether s is digits, a sign before them and a fraction after them if need be, without an exponent;
// validator calls that numeric.
func Decimal(s string) bool {
	if s != "" && (s[0] == '+' || s[0] == '-') {
		s = s[1:]
	}
	whole, fraction, point := strings.Cut(s, ".")
	return Digits(whole) && (!point || Digits(fraction))
}

// Hex reports whether s is made of hexadecimal digits of either case, in any number and without 0x.
func Hex(s string) bool { return every(s, isHex) }

// Slug reports whether s is words of lower-case ASCII letters and digits with one hyphen between them, 128 bytes at most.
func Slug(s string) bool {
	if len(s) > 128 {
		return false
	}
	for more := true; more; {
		var word string
		word, s, more = strings.Cut(s, "-")
		if !every(word, func(c byte) bool { return isLower(c) || isDigit(c) }) {
			return false
		}
	}
	return true
}

// Lowercase reports whether lower-casing would leave s, in any script, as it is.
func Lowercase(s string) bool { return unmoved(s, unicode.ToLower) }

// Uppercase reports whether upper-casing would leave s, in any script, as it is.
func Uppercase(s string) bool { return unmoved(s, unicode.ToUpper) }

func unmoved(s string, by func(rune) rune) bool {
	for _, r := range s {
		if by(r) != r {
			return false
		}
	}
	return s != ""
}
