package formats

import (
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"

	"github.com/gopalisade/palisade/internal/ascii"
)

// Lengths of RFC 5321 section 4.5.3.1; an address stands between angle brackets in a path of 256.
const (
	maxEmail = 254
	maxLocal = 64
)

// The characters of an atom beside letters and digits: all of RFC 5322 section 3.2.3, and those of [Email].
const (
	atext     = "!#$%&'*+-/=?^_`{|}~"
	safeAtext = "#&'*+-/=?^_~"
)

// Email reports whether s is an address of the subset that OWASP's Input Validation Cheat Sheet calls safe: a dot-atom
// of 64 bytes at most, and an [FQDN].
//
// Of an atom's characters it refuses ` $ { } |, which start something in shells and loggers (${jndi…}), and ! %, which
// route mail onwards. An apostrophe stands between letters or digits only, as in o'brien; it still must be escaped in
// SQL and HTML, as everything. The first is a letter, a digit or an underscore, so that no address starts a formula in a
// spreadsheet or an option of a mail program.
func Email(s string) bool {
	local, domain, ok := splitEmail(s)
	return ok && dotAtom(local, safeAtext) && (s[0] == '_' || AlphaNum(s[:1])) && apostrophes(local) && FQDN(domain)
}

// EmailRFC5321 reports whether s is any Mailbox of RFC 5321 section 4.1.2: quoted text with spaces in it, an address in
// brackets and a single label are all allowed. Such a text is to be escaped wherever it goes.
func EmailRFC5321(s string) bool {
	local, domain, ok := splitEmail(s)
	return ok && (dotAtom(local, atext) || quoted(local)) && (Hostname(domain) || addressLiteral(domain))
}

// EmailIntl reports whether s is an [Email], or an address of RFC 6531 whose letters may be of any script. That is in
// NFC, has nothing invisible, and each label of its domain, like its local part, is of a [SingleScript]; names
// that look alike in whole are not told apart.
func EmailIntl(s string) bool {
	if Email(s) {
		return true
	}
	local, domain, ok := splitEmail(s)
	return ok && intlAtom(local) && apostrophes(local) && intlDomain(domain)
}

// splitEmail cuts at the last @, for a quoted local part may hold others.
func splitEmail(s string) (local, domain string, ok bool) {
	if len(s) > maxEmail {
		return "", "", false
	}
	at := strings.LastIndexByte(s, '@')
	if at < 1 || at > maxLocal {
		return "", "", false
	}
	return s[:at], s[at+1:], true
}

func dotAtom(s, marks string) bool {
	for more := true; more; {
		var atom string
		atom, s, more = strings.Cut(s, ".")
		if !ascii.All(atom, marks) {
			return false
		}
	}
	return true
}

// apostrophes reports whether each apostrophe stands between letters or digits.
func apostrophes(s string) bool {
	for at := range len(s) {
		if s[at] != '\'' {
			continue
		}
		before, _ := utf8.DecodeLastRuneInString(s[:at])
		after, _ := utf8.DecodeRuneInString(s[at+1:])
		if !isLetter(before) || !isLetter(after) {
			return false
		}
	}
	return true
}

// quoted reports whether s is a Quoted-string of RFC 5321: printable ASCII, with a backslash before each quote and backslash.
func quoted(s string) bool {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return false
	}
	s = s[1 : len(s)-1]
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' {
			i++
		} else if s[i] == '"' {
			return false
		}
		if i == len(s) || !isPrint(s[i]) {
			return false
		}
	}
	return true
}

func addressLiteral(s string) bool {
	if len(s) < 2 || s[0] != '[' || s[len(s)-1] != ']' {
		return false
	}
	s = s[1 : len(s)-1]
	if v6, found := strings.CutPrefix(s, "IPv6:"); found {
		addr, err := netip.ParseAddr(v6)
		return err == nil && addr.Is6() && addr.Zone() == ""
	}
	return IPv4(s)
}

// intlAtom reports whether s is a dot-atom whose other characters are letters, marks and digits. That leaves out bidi
// controls, zero-width characters, and emoji.
func intlAtom(s string) bool {
	first := true // of an atom, which starts with no mark: it would join the character before
	for i, r := range s {
		switch {
		case r == '.':
			if first {
				return false
			}
			first = true
			continue
		case r < utf8.RuneSelf:
			if !ascii.All(s[i:i+1], safeAtext) || i == 0 && r != '_' && !AlphaNum(s[:1]) {
				return false
			}
		case unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector):
			return false // letters and marks that show nothing, as the Hangul filler
		case !isLetter(r) || first && unicode.Is(unicode.M, r):
			return false
		}
		first = false
	}
	return !first && utf8.ValidString(s) && norm.NFC.IsNormalString(s) && SingleScript(s)
}

// intlDomain reports whether s may be registered as it stands (RFC 5891 section 4.2): nothing is mapped, so that neither
// full-width letters nor ideographic dots make a second spelling. The case of ASCII is left to all, as in a [Hostname].
func intlDomain(s string) bool {
	s = strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			r |= 0x20
		}
		return r
	}, s)
	name, err := idna.Registration.ToASCII(s)
	if err != nil || !FQDN(name) {
		return false
	}
	for part := range strings.SplitSeq(s, ".") {
		symbol := func(r rune) bool { return r >= utf8.RuneSelf && !isLetter(r) } // emoji, which RFC 5892 disallows
		if !SingleScript(part) || strings.ContainsFunc(part, symbol) {
			return false
		}
	}
	return true
}

// isLetter counts digits in, and the marks that are part of a letter.
func isLetter(r rune) bool { return unicode.In(r, unicode.L, unicode.M, unicode.Nd) }
