// Package ascii checks the alphabets of names, without tables, allocations or Unicode.
package ascii

import "strings"

// Tchar are the characters beside letters and digits of a token (RFC 9110 section 5.6.2).
const Tchar = "!#$%&'*+-.^_`|~"

// All reports whether s is not empty and every byte of it is an ASCII letter, a digit or one of others.
func All(s, others string) bool {
	for i := range len(s) {
		c := s[i]
		if ('a' > c || c > 'z') && ('A' > c || c > 'Z') && ('0' > c || c > '9') && strings.IndexByte(others, c) < 0 {
			return false
		}
	}
	return s != ""
}
