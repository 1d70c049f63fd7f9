package sanitize

import (
	"html"
	"strings"
)

// decode replaces character references. "&amp;amp;lt;" is followed to its end in one go. Without a semicolon only those are
// references that could bring markup back, so that "?a=1&copy=2&lt=3" and "&amplifier" stay as they are.
func decode(s string) string {
	at := strings.IndexByte(s, '&')
	if at < 0 {
		return s
	}
	var b strings.Builder
	for ; at >= 0; at = strings.IndexByte(s, '&') {
		b.WriteString(s[:at])
		s = s[at+1:]
		char := "&"
		for char == "&" {
			c, size := reference(s)
			if size == 0 {
				break
			}
			char, s = c, s[size:]
		}
		b.WriteString(char)
	}
	b.WriteString(s)
	return b.String()
}

// longestReference is more than the longest name in HTML's table has letters.
const longestReference = 40

// reference reads the reference of which s is what follows the ampersand. The size is 0 if it is none.
func reference(s string) (char string, size int) {
	if strings.HasPrefix(s, "#") {
		return numeric(s)
	}
	if char, size = named(s); size > 0 {
		return char, size
	}
	switch rest := s[min(len(s), 2):]; {
	case strings.HasPrefix(s, "amp"), strings.HasPrefix(s, "AMP"):
		if !noReference(rest[1:]) {
			return "&", 3
		}
	case strings.HasPrefix(s, "lt"), strings.HasPrefix(s, "LT"):
		if !noTag(rest) {
			return "<", 2
		}
	}
	return "", 0
}

// named reads the name of a reference that ends with a semicolon.
func named(s string) (char string, size int) {
	for size < min(len(s), longestReference) && (letter(s[size]) || digit(s[size])) {
		size++
	}
	if size < len(s) && s[size] == ';' {
		given := "&" + s[:size+1]
		// A name that is not in the table may begin with one that is: then the semicolon is left.
		if char = html.UnescapeString(given); char == ";" || char != given && !strings.HasSuffix(char, ";") {
			return printable(char), size + 1
		}
	}
	return "", 0
}

// noTag is true of what is in no tag behind a "<", whatever is decoded or removed later.
func noTag(s string) bool { return s != "" && (s[0] == '=' || digit(s[0])) }

// noReference is true of words that are no reference behind an ampersand, however many more are decoded before.
func noReference(s string) bool {
	if noTag(s) {
		return true
	}
	for strings.HasPrefix(s, "amp") || strings.HasPrefix(s, "AMP") {
		s = strings.TrimPrefix(s[3:], ";")
	}
	_, size := named(s)
	return s != "" && letter(s[0]) && size == 0 && !strings.HasPrefix(s, "lt") && !strings.HasPrefix(s, "LT")
}

func numeric(s string) (char string, size int) {
	size = 1
	isDigit := digit
	if len(s) > 1 && s[1]|0x20 == 'x' {
		size, isDigit = 2, func(c byte) bool { return digit(c) || letter(c) && c|0x20 <= 'f' }
	}
	first := size
	for size < len(s) && isDigit(s[size]) {
		size++
	}
	if size == first {
		return "", 0
	}
	char = html.UnescapeString("&" + s[:size] + ";")
	if size < len(s) && s[size] == ';' {
		size++
	}
	return printable(char), size
}

func digit(c byte) bool { return '0' <= c && c <= '9' }
