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
	}
}
