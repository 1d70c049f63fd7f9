package content_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/upload/content"
)

const pdfScript = "<</S/JavaScript/JS(x)>>"

// What readers of PDF would find, and a walk that takes the file's word for it would not, is refused wherever it hides.
func TestPDFHidden(t *testing.T) {
	of := func(objects ...string) []byte { return pdfFile(append([]string{pdfCatalog, pdfPages}, objects...)...) }
	stream := func(keys, data string) string {
		return fmt.Sprintf("<< %s /Length %d >>\nstream\n%s\nendstream", keys, len(data), data)
	}
	// packed is an object stream by its keys alone, for readers that find the two of them.
	packed := func(before, after string) []byte {
		keys := fmt.Sprintf("%s /N 1 /First 5 /Length %d %s", before, 5+len(pdfScript), after)
		return of(keys + "\nstream\n10 0 " + pdfScript + "\nendstream")
	}
	coded := func(keys string) []byte {
		return of(fmt.Sprintf("<< /N 1 /First 5 /Length 13 %s >>\nstream\n10 0 (x)     \nendstream", keys))
	}
	direct := pdfFile(pdfCatalog, pdfPages, "(xref\n0 0\ntrailer << /Root << /OpenAction "+pdfScript+" >> >>)")
	zeros := strings.Repeat("0", 128)
	run(t, content.PDF, []row{
		{"head in a string", of("(9 0 obj " + pdfScript + " endobj)"), content.ErrMalformed},
		{"head without a space", of("(9 0obj " + pdfScript + ")"), content.ErrMalformed},
		{"head of numbers without a space", of("(9+0obj " + pdfScript + ")"), content.ErrMalformed},
		{"head with a point", of("(9 0. obj " + pdfScript + ")"), content.ErrMalformed},
		{"head with a sign", of("(+9 0-obj" + pdfScript + ")"), content.ErrMalformed},
		{"head with a comment", of("(9 0 % comment\nobj " + pdfScript + ")"), content.ErrMalformed},
		{"head with a comment behind digits", of("(9 0%\robj" + pdfScript + ")"), content.ErrMalformed},
		{"head with two comments", of("(9 % 1\n0 % 2\n % 3\nobj" + pdfScript + ")"), content.ErrMalformed},
		{"head in a comment behind a number", of("% 5% 9 0 obj " + pdfScript + "\n7"), content.ErrMalformed},
		{"head in data", of(stream("", "x 9 0obj"+pdfScript)), content.ErrMalformed},
		{"trailer in a string", direct, content.ErrMalformed},
		{"trailer in a string, with a comment", of("(trailer % <\n<< /Root << >> >>)"), content.ErrMalformed},
		{"trailer in data", of(stream("", "xref\n0 0\ntrailer\n<</Root<<>>>>")), content.ErrMalformed},
		{"words like those", of("(9 objects, object 0, obj, a trailer < another, ttrailer x, 7 obj8, x0obj , 9 % obj)"), nil},
		{"words like those in data", of(stream("", "1 0 0 1 0 0 cm (trailer) Tj 9 object 0")), nil},

		{"brackets that do not match", packed("<< /A ]", "[ >>"), content.ErrMalformed},
		{"array that ends as a dictionary", packed("<< /A [ >>", "<< ] >>"), content.ErrMalformed},
		{"key without a value", packed("<< /A >>", "<< >>"), content.ErrMalformed},
		{"key without a value, further in", packed("<< /X 1 << ", "/A >> /B 2 >>"), content.ErrMalformed},
		{"string for a key", of("<< (x) 1 >>"), content.ErrMalformed},
		{"array for a key", of("<< /A 1 [ ] >>"), content.ErrMalformed},
		{"references and nothing", of("<< /A 9 0 R /B [ 9 0 R null ] /C << /D /E >> /F 4 >>"), nil},

		{
			"data on the line of its keyword",
			of("<< /N 1 /First 5 /Length 31 >>\nstream 10 0 (\n10 0 " + pdfScript + ")\nendstream"), content.ErrUnsupported,
		},
		{"a space before the line of other data", of("<< /Length 5 >>\nstream \nhello\nendstream"), nil},
		{"data behind a carriage return", of("<< /N 1 /First 5 /Length 6 >>\nstream\r10 0 7\nendstream"), nil},
		{"parameters elsewhere", coded("/DecodeParms 9 0 R"), content.ErrUnsupported},
		{"parameters elsewhere, in an array", coded("/DecodeParms [ 9 0 R ]"), content.ErrUnsupported},
		{"filter elsewhere, and its usual name", coded("/Filter 9 0 R /X /FlateDecode"), content.ErrUnsupported},
		{"no filter, and its usual name", coded("/Filter null /X /FlateDecode"), content.ErrUnsupported},
		{"filter twice", coded("/Filter /FlateDecode /Filter null"), content.ErrUnsupported},
		{"picture for objects", coded("/Filter [ /FlateDecode /DCTDecode ]"), content.ErrUnsupported},
		{"name of a filter for another key", coded("/X /FlateDecode"), nil},
		{"parameters that say nothing", coded("/DecodeParms << /Columns 4 >>"), nil},
		{
			"number with many zeros before it",
			of(pdfStream(t, "/N 1 /First "+zeros+"4", "10 5   ( "+pdfScript+")")), content.ErrUnsupported,
		},
		{"object with many zeros before its number", of("null\nendobj\n" + zeros + "9 0 obj\nnull"), content.ErrMalformed},

		{"script of a drawing", of("<< /Type /3D /OnInstantiate 9 0 R >>"), content.ErrActive},
		{"data in another file", of(stream(`/F (\\\\host\\share)`, "x")), content.ErrActive},
		{"data in another file, described", of(stream("/F << /UF (x) >>", "x")), content.ErrActive},
		{"flags of an annotation", of("<< /Type /Annot /F 4 >>"), nil},
	})
}

// The end of the context is noticed in an object stream too: that may be much longer than the file.
func TestPDFStopsInObjects(t *testing.T) {
	data := pdfFile(pdfCatalog, pdfPages, pdfStream(t, "/N 1 /First 5", "10 0 "+strings.Repeat(" ", 8<<20)+"7"))
	limits := content.Limits{Inflated: 6 << 20, Ratio: 2000}
	stopped := 0
	for reads := 1; ; reads++ {
		ctx, cancel := context.WithCancel(t.Context())
		r := &ending{ReaderAt: bytes.NewReader(data), left: reads, cancel: cancel}
		_, err := content.Check(ctx, r, int64(len(data)), content.PDF, limits)
		cancel()
		if r.left > 0 { // there were not so many
			break
		}
		if stopped++; !errors.Is(err, context.Canceled) {
			t.Errorf("ended at read %d: got %v, want %v", reads, err, context.Canceled)
		}
	}
	if stopped < 5 {
		t.Errorf("stopped %d times", stopped)
	}
}

// A small object stream does not become a large one, nor many of them more than there may be.
func TestPDFInflates(t *testing.T) {
	pack := func(data string) string { return pdfStream(t, "/N 1 /First 5", "10 0 "+data+" 7") }
	var numbers strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&numbers, "<< /A %d >> ", i*i)
	}
	spaces := pack(strings.Repeat(" ", 8<<20))
	for _, tc := range []struct {
		name   string
		data   []byte
		limits content.Limits
		want   error
	}{
		{"little that swells", pdfFile(pdfCatalog, pack(strings.Repeat(" ", 60_000))), content.Limits{}, nil},
		{"much that does not", pdfFile(pdfCatalog, pack(numbers.String())), content.Limits{}, nil},
		{"much that swells", pdfFile(pdfCatalog, spaces), content.Limits{}, content.ErrTooLarge},
		{"which was wished", pdfFile(pdfCatalog, spaces, spaces), content.Limits{Ratio: 2000}, nil},
		{
			"more than there may be",
			pdfFile(pdfCatalog, spaces, spaces),
			content.Limits{Ratio: 2000, Inflated: 12 << 20},
			content.ErrTooLarge,
		},
	} {
		_, err := content.Check(t.Context(), bytes.NewReader(tc.data), int64(len(tc.data)), content.PDF, tc.limits)
		if !errors.Is(err, tc.want) {
			t.Errorf("%s: got %v, want %v", tc.name, err, tc.want)
		}
	}
}
