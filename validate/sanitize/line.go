package sanitize

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const maxLogLine = 1024 // bytes

// LogLine returns s as one line of a log (ASVS 16.4.1): line ends, controls, terminal escapes, bidirectional and other
// invisible characters are written as Go would write them in a string, "\n" or "\u202e", so that a reader sees what was
// tried. Bytes that are no UTF-8 are written as "\xff". After 1024 bytes an ellipsis follows. A backslash stays one, so
// that paths can be read: what was written as "\n" by hand looks like a line end. A log of key=value pairs must also quote.
func LogLine(s string) string {
	const more = "…"
	var b []byte
	fits := 0 // how much of b leaves room for the ellipsis
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			b = append(b, `\x`+strconv.FormatUint(uint64(s[i])|0x100, 16)[1:]...)
		case invisible(r) || !unicode.IsGraphic(r):
			quoted := strconv.QuoteRuneToASCII(r)
			b = append(b, quoted[1:len(quoted)-1]...)
		default:
			b = append(b, s[i:i+size]...)
		}
		if len(b) > maxLogLine {
			return string(b[:fits]) + more
		}
		if len(b) <= maxLogLine-len(more) {
			fits = len(b)
		}
		i += size
	}
	return string(b)
}

// Name returns s as a name on one line, for people and things: composed (NFC), every run of white space one space and
// none at the ends, without controls and invisible characters, and with 16 marks on a letter at most. The joiners U+200C
// and U+200D stay between letters that need them, as in Persian and Hindi names, but not in emoji. Case and script stay.
func Name(s string) string {
	// What is removed lets marks change places, which decides about joiners. Names settle at once; what does not in a few
	// rounds loses its joiners.
	for range 4 {
		next := norm.NFC.String(oneLine(s, true))
		if next == s {
			return s
		}
		s = next
	}
	return norm.NFC.String(oneLine(s, false))
}

// maxMarks is less than the 30 after which NFC puts an invisible U+034F between them (UAX 15 section 13).
const maxMarks = 16

func oneLine(s string, joiners bool) string {
	var b strings.Builder
	var last rune // written
	gap, marks := false, 0
	for i, r := range s {
		switch {
		case unicode.IsSpace(r):
			gap, marks = true, 0
			continue
		case joiner(r):
			// Of several joiners the last is the one between letters.
			next, _ := utf8.DecodeRuneInString(s[i+utf8.RuneLen(r):])
			if !joiners || gap || !joins(last) || !joins(next) {
				continue
			}
		case invisible(r):
			continue
		case !unicode.Is(unicode.Mn, r):
			marks = 0
		case marks == maxMarks:
			continue
		default:
			marks++
		}
		if gap && b.Len() > 0 {
			b.WriteByte(' ')
		}
		gap, last = false, r
		b.WriteRune(r)
	}
	return b.String()
}

func joiner(r rune) bool { return r == '\u200C' || r == '\u200D' }

// joins is true of letters and marks of the scripts that use joiners (RFC 5892 appendix A, roughly): not of Latin, Greek or
// Cyrillic, where a joiner only hides.
func joins(r rune) bool {
	return r >= 0x0590 && unicode.In(r, unicode.L, unicode.M) && !unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic)
}

// Header returns s as the value of one header field, of a mail or of HTTP (ASVS 1.3.11): every run of line ends and
// controls is one space, so that no second field begins; white space at the ends is removed, and bytes that are no
// UTF-8 become U+FFFD. Text outside ASCII stays, and must be encoded by mime.QEncoding in a mail.
func Header(s string) string {
	var b strings.Builder
	gap := false
	for _, r := range s {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			gap = true
			continue
		}
		if gap {
			b.WriteByte(' ')
		}
		gap = false
		b.WriteRune(r)
	}
	return strings.TrimSpace(b.String())
}
