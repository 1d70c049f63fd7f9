package problem_test

import (
	"strings"
	"testing"

	"github.com/gopalisade/palisade/problem"
)

func FuzzPointer(f *testing.F) {
	f.Add("a/b", "~1")
	f.Add("", "~")
	f.Fuzz(func(t *testing.T, a, b string) {
		got := problem.Pointer(a, b)
		parts := strings.Split(got, "/")
		if len(parts) != 3 || parts[0] != "" {
			t.Fatalf("%q has %d segments, want 2", got, len(parts)-1)
		}
		for i, want := range []string{a, b} {
			// RFC 6901 section 4: first ~1, then ~0.
			if back := strings.ReplaceAll(strings.ReplaceAll(parts[i+1], "~1", "/"), "~0", "~"); back != want {
				t.Errorf("%q reads back as %q, want %q", got, back, want)
			}
		}
	})
}
