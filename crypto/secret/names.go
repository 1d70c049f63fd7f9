package secret

import "strings"

// usualNames are what secrets are called, in the spelling of squeeze.
const usualNames = `password passwd pwd passphrase passcode passwordhash secret secrets credential credentials
	token tokens jwt bearer assertion authorization dpop cookie cookies setcookie csrf xsrf otp totp pin
	apikey accesskey privatekey secretkey signingkey encryptionkey masterkey clientsecret sessionid
	pan cardnumber creditcard cvv cvv2 cvc cvc2 cid track1 track2 dsn connectionstring databaseurl`

// anywhere is how long a name must be to be found at the end of any other: "dbpassword". Shorter ones are words of their
// own: "db_pin", "dbPin", and not "spin".
const anywhere = 6

const maxName = 40

// names is a set of names. An attribute, header, field or key of a map is meant when its last words are one of them.
type names struct {
	hidden, shown map[string]bool
	lengths       uint64 // a bit for each length of a hidden one
}

func newNames(hide, show []string) *names {
	n := &names{hidden: map[string]bool{}, shown: map[string]bool{}}
	for _, name := range append(strings.Fields(usualNames), hide...) {
		name = squeeze(name)
		n.hidden[name] = true
		n.lengths |= 1 << len(name)
	}
	for _, name := range show {
		n.shown[squeeze(name)] = true
	}
	return n
}

// squeeze leaves the letters and digits of a name, in lower case.
func squeeze(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r < 0x80 && isSeparator(byte(r)):
			return -1
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return r
	}, name)
}

// hides reports whether what is called name is a secret. It looks at the last 40 characters only: none of ours is longer.
func (n *names) hides(name string) bool {
	var word [maxName]byte
	at := len(word)
	for i := len(name) - 1; i >= 0 && at > 0; i-- {
		c := name[i]
		if isSeparator(c) {
			continue
		}
		at--
		word[at] = lower(c)
		length := len(word) - at
		if n.lengths>>length&1 == 0 || length < anywhere && !beginsWord(name, i) {
			continue
		}
		if n.hidden[string(word[at:])] {
			return len(n.shown) == 0 || !n.shown[squeeze(name)]
		}
	}
	return false
}

// beginsWord reports whether a word begins at name[i]: behind a separator, or with a capital.
func beginsWord(name string, i int) bool {
	if i == 0 || isSeparator(name[i-1]) {
		return true
	}
	if !isUpper(name[i]) {
		return false
	}
	return !isUpper(name[i-1]) || i+1 < len(name) && !isUpper(name[i+1]) && !isSeparator(name[i+1])
}

func isSeparator(c byte) bool { return strings.IndexByte("_-. :/[]", c) >= 0 }

func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }

func lower(c byte) byte {
	if isUpper(c) {
		return c + 'a' - 'A'
	}
	return c
}
