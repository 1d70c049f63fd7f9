package sanitize

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/secure/precis"
	"golang.org/x/text/unicode/norm"
)

// Email returns the address in normal form, to store and to write to: without white space around it, composed (NFC),
// the domain in lower-case ASCII (RFC 5891). The local part is otherwise left alone, since only its own server knows
// what it means: John.Doe+x@example.com stays John.Doe+x. To find the same person twice compare [EmailKey].
//
// It refuses what has no place in a sign-up form though RFC 5321 has a syntax for it: quoted local parts, address literals,
// domains without a dot, and the characters ` $ { } | % ! of routes, shells and templates. The address may still not exist.
func Email(s string) (string, error) {
	local, domain, err := address(s)
	if err != nil {
		return "", err
	}
	return local + "@" + domain, nil
}

// EmailKey returns what is equal for addresses that belong to one mailbox almost everywhere: as [Email], with the local
// part folded by PRECIS (RFC 8265 section 3.3: width, case). Store it beside the address, under a unique index, and
// send nothing to it. The rules of single providers, who ignore dots or what follows a plus sign, are not applied:
// elsewhere they join strangers.
func EmailKey(s string) (string, error) {
	local, domain, err := address(s)
	if err != nil {
		return "", err
	}
	if local, err = enforce(precis.UsernameCaseMapped, local); err != nil {
		return "", &Error{ErrEmail, "the local part has no case-folded form"}
	}
	return local + "@" + domain, nil
}

const (
	maxLocal   = 64  // RFC 5321 section 4.5.3.1.1
	maxDomain  = 253 // RFC 1035 section 2.3.4, without the root
	maxLabel   = 63
	maxAddress = 254 // RFC 5321 section 4.5.3.1.3, without the angle brackets
)

func address(s string) (local, domain string, err error) {
	bad := func(reason string) (string, string, error) { return "", "", &Error{ErrEmail, reason} }
	s = strings.TrimFunc(s, unicode.IsSpace)
	// Before anything that costs more: no form of an address that is so long becomes short enough.
	if len(s) > 4*maxAddress || !utf8.ValidString(s) {
		return bad("it is too long or no text")
	}
	at := strings.LastIndexByte(s, '@')
	if at < 0 {
		return bad("it has no @")
	}
	if local = norm.NFC.String(s[:at]); !dotAtom(local) {
		return bad("the local part is malformed")
	}
	if domain, err = idna.Lookup.ToASCII(s[at+1:]); err != nil || !hostName(domain) {
		return bad("the domain is malformed")
	}
	if len(local) > maxLocal || len(local)+1+len(domain) > maxAddress {
		return bad("it is too long")
	}
	return local, domain, nil
}

// dotAtom is RFC 5322's dot-atom with the letters of RFC 6531, less what Email's comment names.
func dotAtom(s string) bool {
	for word := range strings.SplitSeq(s, ".") {
		if first, _ := utf8.DecodeRuneInString(word); word == "" || unicode.IsMark(first) {
			return false
		}
		for _, r := range word {
			ok := unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || strings.ContainsRune("#&'*+-/=?^_~", r)
			if !ok {
				return false
			}
		}
	}
	return true
}

// hostName wants two labels or more, of which the last is no number (RFC 3696 section 2).
func hostName(s string) bool {
	labels := strings.Split(s, ".")
	for _, l := range labels {
		if l == "" || len(l) > maxLabel {
			return false
		}
	}
	last := labels[len(labels)-1]
	return len(s) <= maxDomain && len(labels) > 1 && strings.Trim(last, "0123456789") != ""
}
