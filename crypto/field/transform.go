package field

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Transform makes one text of those that a search should not tell apart. Its name and version are part of the index key: when
// Map changes, the version has to, and the index must be computed again, which is better than to find nothing silently.
type Transform struct {
	Name    string
	Version uint32
	Map     func(string) (string, bool) // false when the text cannot be indexed
}

// Fold ignores case, surrounding white space and the ways to write an accent: Unicode normal form C in lower case. It is
// no collation: ß is not ss, ı is not i, and accents count. The capital İ folds to i.
func Fold() Transform {
	return Transform{Name: "fold", Version: 1, Map: func(s string) (string, bool) { return fold(s), true }}
}

func fold(s string) string {
	s = strings.TrimSpace(s)
	if isASCII(s) {
		return strings.ToLower(s)
	}
	lower := strings.Map(func(r rune) rune {
		if r == 'ς' {
			return 'σ' // Σ has both for its lower case
		}
		return unicode.ToLower(r)
	}, norm.NFC.String(s))
	return norm.NFC.String(lower)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// Email is [Fold] for mail addresses, the part before the @ too, although some host may tell its case apart. Text that has
// not exactly one @ with something on both sides, or has white space or control characters inside, cannot be indexed.
func Email() Transform {
	return Transform{Name: "email", Version: 1, Map: func(s string) (string, bool) {
		s = fold(s)
		local, host, _ := strings.Cut(s, "@")
		odd := func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }
		return s, local != "" && host != "" && !strings.Contains(host, "@") && !strings.ContainsFunc(s, odd)
	}}
}

// Digits keeps the digits 0 to 9, for phone and account numbers. Text without any cannot be indexed.
func Digits() Transform {
	return Transform{Name: "digits", Version: 1, Map: func(s string) (string, bool) {
		s = strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, s)
		return s, s != ""
	}}
}
