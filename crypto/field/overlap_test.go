package field_test

import (
	"testing"

	"github.com/gopalisade/palisade/crypto/field"
)

// What is read and what is written lie in one buffer, in every way.
func TestOverlap(t *testing.T) {
	const text = "plaintext!"
	for _, suite := range suites {
		ring := newRing(t, suite)
		for _, b := range []field.Binding{cell(), cell().Pad(16)} {
			for at := range 90 {
				for _, end := range []int{0, 1, 5, 40, 80} {
					buffer := make([]byte, 100, 400)
					copy(buffer[at:], text)
					sealed, err := ring.AppendSeal(buffer[:end], b, buffer[at:at+len(text)])
					if err != nil {
						t.Fatal(err)
					}
					if got, err := ring.Open(b, sealed[end:]); err != nil || string(got) != text {
						t.Fatalf("%v: sealed from %d to %d: got %q, %v", suite, at, end, got, err)
					}
				}
			}
			sealed := seal(t, ring, b, text)
			for at := range 120 {
				for _, end := range []int{0, 1, 20, 60, 110} {
					buffer := make([]byte, 300)
					copy(buffer[at:], sealed)
					got, err := ring.AppendOpen(buffer[:end], b, buffer[at:at+len(sealed)])
					if err != nil || string(got[end:]) != text {
						t.Fatalf("%v: opened from %d to %d: got %q, %v", suite, at, end, got, err)
					}
				}
			}
		}
	}
}
