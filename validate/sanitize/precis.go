package sanitize

import (
	"errors"
	"unicode/utf8"

	"golang.org/x/text/secure/precis"
)

// maxSecret bounds names and passwords in bytes before anything is computed, as crypto/password does.
const maxSecret = 1024

// Username returns the user name in the form in which user names are compared: PRECIS UsernameCaseMapped (RFC 8265
// section 3.3). Width and case are folded, and the text is composed; "ＡＬＩＣＥ" is alice. Names with spaces, controls or
// symbols outside ASCII are refused. Letters that merely look alike stay different.
func Username(s string) (string, error) {
	s, err := enforce(precis.UsernameCaseMapped, s)
	if err != nil {
		return "", &Error{ErrUsername, err.Error()}
	}
	return s, nil
}

// Password returns the password in the form that is hashed: PRECIS OpaqueString (RFC 8265 section 4.2), so that it
// matches from every keyboard. Spaces of other scripts become ASCII's, and the text is composed; case and width stay.
// Apply it both when the password is set and when it is checked.
//
// Refused are the empty password, controls, and what PRECIS has no place for: invisible characters, and so emoji of
// several characters (U+FE0F, U+200D), and characters newer than the tables of golang.org/x/text. Who would rather
// accept them hashes the text as it was sent.
func Password(s string) (string, error) {
	s, err := enforce(precis.OpaqueString, s)
	if err != nil {
		return "", &Error{ErrPassword, err.Error()}
	}
	return s, nil
}

// Nothing here repeats the text, which may be a password.
var (
	errEmpty    = errors.New("it is empty")
	errLong     = errors.New("it is too long or no text")
	errRefused  = errors.New("PRECIS does not allow it")
	errUnstable = errors.New("it has no stable form")
)

// enforce applies the profile until nothing changes. RFC 8264 section 7 allows three more times, as some rules undo others.
func enforce(p *precis.Profile, s string) (string, error) {
	if s == "" { // RFC 8265 sections 3.1 and 4.1; the profiles let some of it pass
		return "", errEmpty
	}
	if len(s) > maxSecret || !utf8.ValidString(s) {
		return "", errLong
	}
	for range 4 {
		next, err := p.String(s)
		if err != nil {
			return "", errRefused
		}
		if next == s {
			return s, nil
		}
		s = next
	}
	return "", errUnstable
}
