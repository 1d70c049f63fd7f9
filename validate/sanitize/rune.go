package sanitize

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// printable returns s as valid UTF-8 without controls other than tab and line feed. HTML makes one line feed of every
// line end.
func printable(s string) string {
	if clean(s) {
		return s
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Map(func(r rune) rune { // an invalid byte comes as U+FFFD, and goes as it
		switch {
		case r == '\r':
			return '\n'
		case unicode.IsControl(r) && r != '\t' && r != '\n':
			return -1
		}
		return r
	}, s)
}

func clean(s string) bool {
	for i, r := range s {
		if unicode.IsControl(r) && r != '\t' && r != '\n' || r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD") {
			return false
		}
	}
	return true
}

// invisible characters change how their neighbours are read or ordered, and leave no mark of their own: controls,
// formats such as the bidirectional and the zero-width ones (Unicode TR 36 section 3), line separators, fillers that
// are blank letters.
func invisible(r rune) bool {
	const blank = '\u2800' // a braille pattern without dots
	return r == blank || r < ' ' || r > '~' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp,
		unicode.Other_Default_Ignorable_Code_Point, unicode.Noncharacter_Code_Point)
}
