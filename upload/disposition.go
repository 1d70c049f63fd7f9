package upload

import (
	"strings"

	"github.com/gopalisade/palisade/internal/ascii"
)

// attrChar is what stands for itself in an extended parameter (RFC 8187 section 3.2.1).
var attrChar = ascii.NewAlphabet("!#$&+-.^_`|~")

// Disposition returns a Content-Disposition (RFC 6266) with the name in both of its forms: in ASCII for old clients, and in
// UTF-8 (RFC 8187) where that is another. Whatever the name is, it does not leave its quotes.
func Disposition(kind, name string) string {
	var plain, extended strings.Builder
	same := true
	for _, r := range name {
		switch {
		case r < ' ' || r == 0x7f:
			same = false // neither form may hold a control character
		case r == '"' || r == '\\' || r == '%' || r > '~': // a percent sign is decoded by some, though it should not be
			plain.WriteByte('_')
			same = false
		default:
			plain.WriteRune(r)
		}
	}
	value := kind + `; filename="` + plain.String() + `"`
	if same {
		return value
	}
	const hex = "0123456789ABCDEF"
	for _, c := range []byte(strings.ToValidUTF8(name, "\uFFFD")) {
		switch {
		case c < ' ' || c == 0x7f:
		case attrChar[c] == 0:
			extended.WriteByte(c)
		default:
			extended.WriteString(string([]byte{'%', hex[c>>4], hex[c&15]}))
		}
	}
	return value + "; filename*=UTF-8''" + extended.String()
}
