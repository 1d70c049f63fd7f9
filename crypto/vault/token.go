package vault

import (
	"crypto/rand"

	"github.com/gopalisade/palisade/crypto/secret"
)

const prefix = "tok"

// shapedStart begins every token that has the shape of a number. A 9 is for national schemes and is followed by the code of a
// country (ISO/IEC 7812-1), of which those from 900 are never given to one (ISO 3166-1): no issuer has such numbers.
const shapedStart = "99"

// newToken is random, but for the length and the last digits where it has the shape of a number.
func newToken(shaped bool, pan PAN) string {
	if !shaped {
		return secret.NewID(prefix)
	}
	last := pan.Last4()
	random := len(pan.Reveal()) - len(shapedStart) - lastDigits
	for {
		// One in ten has a right check digit, and could be taken for a number.
		if token := shapedStart + randomDigits(random) + last; !luhn(token) {
			return token
		}
	}
}

func randomDigits(n int) string {
	digits := make([]byte, 0, maxDigits)
	for len(digits) < n {
		var random [maxDigits]byte
		_, _ = rand.Read(random[:]) // never fails
		for _, b := range random {
			if b < 250 && len(digits) < n { // a multiple of 10: each as likely
				digits = append(digits, '0'+b%10)
			}
		}
	}
	return string(digits)
}

// isToken reports whether s is spelt as a token of either kind: what is not is never looked for or logged.
func isToken(s string) bool {
	if secret.CheckID(prefix, s) == nil {
		return true
	}
	if len(s) < minDigits || len(s) > maxDigits || s[:len(shapedStart)] != shapedStart {
		return false
	}
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return !luhn(s)
}
