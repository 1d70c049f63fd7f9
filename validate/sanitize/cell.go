package sanitize

import (
	"regexp"
	"strings"
	"unicode"
)

// CSVCell returns s so that a spreadsheet reads it as text (ASVS 1.2.10): an apostrophe is put before what would begin
// a formula, that is = + - @, their fullwidth and small forms, a tab or a line end, also behind white space. So is it
// right behind a comma, semicolon, bar, tab or line end inside the text, since spreadsheets of other countries split
// cells at another separator than the one that was quoted for; not behind white space there, which prose has and which
// spreadsheets keep. Where no space follows, honest text pays: "Hi ;-)" becomes "Hi ;'-)", and "1,-5" becomes "1,'-5".
//
// A plain number such as -5 or +1.5e3 stays a number: it calculates nothing. Everything else with a sign is text, such as
// "+49 30 1234" and "-5+cmd". Cells must still be written by encoding/csv, which quotes them.
func CSVCell(s string) string {
	if decimal.MatchString(s) {
		return s
	}
	var b strings.Builder
	begins, inner := true, false // a cell may begin here; only another separator would begin it
	for i, r := range s {
		switch {
		case strings.ContainsRune(",;|\t\n\r", r):
			if i == 0 && r < ' ' {
				b.WriteByte('\'')
			}
			begins, inner = true, inner || !begins
		case begins && strings.ContainsRune("=+-@＝＋－＠﹦﹢﹣﹫", r):
			b.WriteByte('\'')
			begins = false
		case r == '"', !inner && unicode.IsSpace(r), invisible(r):
		default:
			begins, inner = false, true
		}
		b.WriteRune(r)
	}
	return b.String()
}

// decimal is a number as every spreadsheet reads it.
var decimal = regexp.MustCompile(`^[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$`)
