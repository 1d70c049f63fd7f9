package sanitize

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/secure/precis"
	"golang.org/x/text/unicode/norm"

	"github.com/gopalisade/palisade/internal/formats"
)

// Email returns the address in normal form, to store and to write to: without white space around it, composed (NFC),
// the domain in lower-case ASCII (RFC 5891). The local part is otherwise left alone, since only its own server knows
// what it means: John.Doe+x@example.com stays John.Doe+x. To find the same person twice compare [EmailKey].
//
// It accepts, once in this form, what the rule email_intl of package validate accepts, and refuses what has no place in
// a sign-up form though RFC 5321 has a syntax for it: quoted local parts, address literals, domains without a dot, the
// characters ` $ { } | % ! of routes, shells and templates, a first character that begins a formula or an option, and
// letters that cannot be seen or are of mixed scripts. The address may still not exist.
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
//
// Folding joins what a server may keep apart, as "Ａ" and "a". Mail for an account goes to the address that was stored
// with the key, never to the one that was submitted and only has the same key. A few addresses that [Email] accepts have
// no key and are refused here: those with compatibility letters or wide digits, as "ﬁ" and "１", or of both directions.
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

const maxAddress = 254 // RFC 5321 section 4.5.3.1.3, without the angle brackets

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
	if local = norm.NFC.String(s[:at]); !formats.EmailIntl(local + "@example.com") {
		return bad("the local part is malformed")
	}
	written, ok := unfolded(s[at+1:])
	domain, found := lookup(written)
	if !ok || !found || !formats.EmailIntl("a@"+written) {
		return bad("the domain is malformed")
	}
	if len(local)+1+len(domain) > maxAddress {
		return bad("it is too long")
	}
	return local, domain, nil
}

// unfolded returns the domain in the letters that it is registered with. Its scripts are judged there: in ASCII a name of
// mixed scripts is one of many.
func unfolded(domain string) (string, bool) {
	if formats.ASCII(domain) {
		return domain, true
	}
	name, err := idna.Lookup.ToUnicode(domain)
	return name, err == nil
}
