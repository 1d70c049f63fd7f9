package ascii_test

import (
	"testing"

	"github.com/gopalisade/palisade/internal/ascii"
)

func TestAll(t *testing.T) {
	for _, tc := range []struct {
		s, others string
		want      bool
	}{
		{"azAZ09", "", true},
		{"", "-", false},
		{"a-b", "-", true},
		{"a-b", "", false},
		{"ä", "-", false},
		{"a\x00", "", false},
		{"@[`{/:", "", false},
		{"x!#$%&'*+-.^_`|~", ascii.Tchar, true},
	} {
		if got := ascii.All(tc.s, tc.others); got != tc.want {
			t.Errorf("All(%q, %q): got %t, want %t", tc.s, tc.others, got, tc.want)
		}
		if got := ascii.NewAlphabet(tc.others).All(tc.s); got != tc.want {
			t.Errorf("alphabet of %q, %q: got %t, want %t", tc.others, tc.s, got, tc.want)
		}
	}
}

// TestAlphabet puts every byte at every place of a text that is longer than what is looked at in one go.
func TestAlphabet(t *testing.T) {
	a := ascii.NewAlphabet("-._~+/")
	text := []byte("aZ0-._~+/bcdefghijk")
	for i := range text {
		for c := range 256 {
			was := text[i]
			text[i] = byte(c)
			if got, want := a.All(string(text)), ascii.All(string(text), "-._~+/"); got != want {
				t.Errorf("%q: got %t, want %t", text, got, want)
			}
			text[i] = was
		}
	}
}
