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
