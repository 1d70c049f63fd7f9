package sanitize_test

import (
	"strings"
	"testing"

	"github.com/gopalisade/palisade/validate/sanitize"
)

// kilobyte is ordinary: paragraphs of prose with a link and some emphasis.
var kilobyte = strings.Repeat("<p>It's a <b>fine</b> day, said Ada &amp; Grace; see "+
	`<a href="https://example.com/weather?day=5">the forecast</a> for more. `+
	"Nothing else happened, so they went on with their work.</p>", 6)[:1024]

func BenchmarkHTML(b *testing.B) {
	for name, s := range map[string]string{"markup": kilobyte, "text": strings.Repeat("plain words ", 86)[:1024]} {
		b.Run(name, func(b *testing.B) {
			h := sanitize.UGC()
			b.SetBytes(int64(len(s)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := h.Sanitize(s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkText(b *testing.B) {
	for name, s := range map[string]string{"markup": kilobyte, "text": strings.Repeat("plain words ", 86)[:1024]} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(s)))
			b.ReportAllocs()
			for b.Loop() {
				sanitize.Text(s)
			}
		})
	}
}

func BenchmarkEmail(b *testing.B) {
	for name, f := range map[string]func(string) (string, error){"address": sanitize.Email, "key": sanitize.EmailKey} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := f("Ada.Lovelace@Example.com"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// What needs nothing done costs nothing.
func TestTextAllocations(t *testing.T) {
	if got := testing.AllocsPerRun(100, func() { sanitize.Text("it's 5 > 4, and plain") }); got != 0 {
		t.Errorf("got %v allocations, want 0", got)
	}
}
