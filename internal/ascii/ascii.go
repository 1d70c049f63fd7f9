// Package ascii checks the alphabets of names, without allocations or Unicode.
package ascii

// Tchar are the characters beside letters and digits of a token (RFC 9110 section 5.6.2).
const Tchar = "!#$%&'*+-.^_`|~"

// Letters and digits, a bit for each character: those below 64, and the next 64.
const (
	digits  = 0x3FF << '0'
	letters = 0x3FFFFFF<<('A'-64) | 0x3FFFFFF<<('a'-64)
)

// All reports whether s is not empty and every byte of it is an ASCII letter, a digit or one of others.
func All(s, others string) bool {
	set := [4]uint64{digits, letters} // without branches, since tokens are long and random
	for i := range len(others) {
		set[others[i]>>6] |= 1 << (others[i] & 63)
	}
	for i := range len(s) {
		if set[s[i]>>6]>>(s[i]&63)&1 == 0 {
			return false
		}
	}
	return s != ""
}

// Alphabet is what All makes of its others, to be kept where texts are long: 1 for each byte that does not belong.
type Alphabet [256]uint8

// NewAlphabet returns letters, digits and others.
func NewAlphabet(others string) *Alphabet {
	var a Alphabet
	for c := range a {
		if !All(string([]byte{byte(c)}), others) {
			a[c] = 1
		}
	}
	return &a
}

// All is the function All, eight bytes at a time.
func (a *Alphabet) All(s string) bool {
	var bad uint8
	empty := s == ""
	for ; len(s) >= 8; s = s[8:] {
		bad |= a[s[0]] | a[s[1]] | a[s[2]] | a[s[3]] | a[s[4]] | a[s[5]] | a[s[6]] | a[s[7]]
	}
	for i := range len(s) {
		bad |= a[s[i]]
	}
	return !empty && bad == 0
}
