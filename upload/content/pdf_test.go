package content_test

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/upload/content"
)

func TestPDF(t *testing.T) {
	of := func(objects ...string) []byte { return pdfFile(append([]string{pdfCatalog, pdfPages}, objects...)...) }
	plain := string(of())
	// edit changes something and keeps the offset at the end right, so that nothing else is wrong.
	start := func(s string) string { return fmt.Sprint("startxref\n", strings.Index(s, "\nxref")+1) }
	edit := func(from, to string) []byte {
		changed := strings.Replace(plain, from, to, 1)
		return []byte(strings.Replace(changed, start(plain), start(changed), 1))
	}
	stream := func(length, data string) string {
		return "<< /Length " + length + " >>\nstream\n" + data + "\nendstream"
	}
	pack := func(keys, data string) []byte { return of(pdfStream(t, "/Type /ObjStm "+keys, data)) }
	hidden := "x\nendstream\nendobj\n9 0 obj\n<< /S /JavaScript >>\nendobj\n8 0 obj\n<<>>\nstream\n"
	nested := strings.Repeat("[", 200) + strings.Repeat("]", 200)
	second := plain + "%PDF-1.4\n" + strings.Split(plain, "\n")[1] + "\n" + plain[strings.Index(plain, "xref"):]
	run(t, content.PDF, []row{
		{"smallest", of(), nil},
		{"version two", edit("%PDF-1.7", "%PDF-2.0"), nil},
		{"line ends of a Mac", edit("%PDF-1.7\n", "%PDF-1.7\r"), nil},
		{"saved again", []byte(plain + plain[strings.Index(plain, "1 0 obj"):]), nil},
		{"comments", edit("1 0 obj", "% comment\n1 0 obj % another\n"), nil},
		{"spaces behind the version", edit("%PDF-1.7\n", "%PDF-1.7  \n"), nil},
		{"white space at the end", []byte(plain + "\r\n\r\n"), nil},
		{"strings", of(`<< /A (a (nested) \) \\ /JS text) /B <48 65 6c6C6f> /C [ 1 -2.5 true null ] >>`), nil},
		{"text of JavaScript", of("(/JavaScript and /Launch)"), nil},
		{"stream", of(stream("5", "hello")), nil},
		{"stream of Windows", of("<< /Length 5 >>\r\nstream\r\nhello\r\nendstream"), nil},
		{"stream whose length is elsewhere", of(stream("9 0 R", "hello"), "5"), nil},
		{"stream with a wrong length", of(stream("4", "hello")), nil},
		{"stream with a length far beyond", of(stream("999999", "hello")), nil},
		{"stream with its end in it", of(stream("15", "x endstream y z")), nil},
		{"names in data", of(stream("20", "/JavaScript /JS /AA ")), nil},
		{"nearly an end in data", of(stream("9 0 R", "endstrendstreaendstreax")), nil},
		{"opens at a page", of("<< /OpenAction [ 2 0 R /Fit ] >>"), nil},
		{"link", of("<< /S /URI /URI (https://example.com/) >>"), nil},
		{"names that are only similar", of("<< /JSX 1 /Launcher 2 /javascript 3 >>"), nil},
		{"object stream", of(pdfPack(t, "<< /A 1 >>", "(text)", "[ 1 2 ]", "/Name", "7")), nil},
		{
			"object stream, not compressed",
			of("<< /Type /ObjStm /N 1 /First 5 /Length 14 >>\nstream\n10 0 << /A 1 >>\nendstream"),
			nil,
		},
		{"object stream of none", pack("/N 0 /First 0", ""), nil},

		{"page before the header", []byte("<html>\n" + plain), content.ErrType},
		{"version that is none", edit("%PDF-1.7", "%PDF-x.7"), content.ErrMalformed},
		{"page in the header", edit("%PDF-1.7\n", "%PDF-1.7<html>\n"), content.ErrMalformed},
		{"page on the line of the header", edit("%PDF-1.7\n", "%PDF-1.7 <html>\n"), content.ErrMalformed},
		{"string between objects", edit("xref\n", "(text)\nxref\n"), content.ErrMalformed},
		{"header only", []byte("%PDF-1.7\n"), content.ErrMalformed},
		{"no objects", []byte("%PDF-1.7\nxref\n0 0\ntrailer\n<<>>\nstartxref\n9\n%%EOF"), content.ErrMalformed},
		{"no end", []byte(plain[:len(plain)-6]), content.ErrMalformed},
		{"no table of offsets named", edit("startxref", "startxxxx"), content.ErrMalformed},
		{"table of offsets outside", edit("startxref\n", "startxref\n9"), content.ErrMalformed},
		{
			"table of offsets in the middle of something",
			[]byte(strings.Replace(plain, "startxref\n", "startxref\n1 ", 1)),
			content.ErrMalformed,
		},
		{"offset that is no number", edit("startxref\n", "startxref\nx"), content.ErrMalformed},
		{"something behind the end", []byte(plain + "x"), content.ErrTrailing},
		{"archive behind the end", []byte(plain + string(zipStd(t, "a.class"))), content.ErrTrailing},
		{"long white space behind the end", []byte(plain + strings.Repeat("\n", 100)), content.ErrTrailing},
		{"second document", []byte(second), content.ErrTrailing},
		{"code between objects", edit("xref\n", "<?php system(1); ?>\nxref\n"), content.ErrMalformed},
		{"word between objects", edit("xref\n", "word\nxref\n"), content.ErrMalformed},
		{"name between objects", edit("xref\n", "/Name\nxref\n"), content.ErrMalformed},
		{"number between objects", edit("xref\n", "7\nxref\n"), content.ErrMalformed},
		{"numbers between objects", edit("xref\n", "7 7 7\nxref\n"), content.ErrMalformed},
		{"table with words", edit("0 3\n", "0 3 x\n"), content.ErrMalformed},
		{"table with a string", edit("0 3\n", "0 3 (x)\n"), content.ErrMalformed},
		{"table without a trailer", edit("trailer\n", ""), content.ErrMalformed},

		{"object without an end", edit("endobj", ""), content.ErrMalformed},
		{"string without an end", of("(text"), content.ErrMalformed},
		{"string in hexadecimal that is none", of("<4x>"), content.ErrMalformed},
		{"dictionary without an end", of("<< /A 1"), content.ErrMalformed},
		{"too many ends", of("<< /A 1 >> >>"), content.ErrMalformed},
		{"parenthesis alone", of(")"), content.ErrMalformed},
		{"brace", of("{ }"), content.ErrMalformed},
		{"greater than", of("> 1"), content.ErrMalformed},
		{"escape cut in a name", of("/A#4"), content.ErrMalformed},
		{"escape that is none in a name", of("/A#zz"), content.ErrMalformed},
		{"deep nesting", of(nested), content.ErrMalformed},
		{"stream without an end", of("<< /Length 5 >>\nstream\nhello"), content.ErrMalformed},
		{"object in a string", of("(9 0 obj << /S 1 >> endobj)"), content.ErrMalformed},
		{"object in a comment", of("% 9 0 obj \n7"), content.ErrMalformed},
		{"object in data", of(stream("20", "x 9 0 obj << /S 1 >>")), content.ErrMalformed},
		{"object in data of an unknown length", of(stream("9 0 R", "x 9 0\t\nobj<< /S 1 >>")), content.ErrMalformed},
		{"object behind a false end, within the length", of(stream(strconv.Itoa(len(hidden)), hidden)), content.ErrMalformed},

		{"encrypted", edit("/Root 1 0 R", "/Root 1 0 R /Encrypt 9 0 R"), content.ErrEncrypted},
		{"encrypted, by an escape", edit("/Root 1 0 R", "/Root 1 0 R /#45ncrypt 9 0 R"), content.ErrEncrypted},
		{
			"encrypted, in a stream of offsets",
			of("<< /Type /XRef /Encrypt 9 0 R /Length 1 >>\nstream\nx\nendstream"),
			content.ErrEncrypted,
		},

		{
			"object stream broken",
			of("<< /Type /ObjStm /N 1 /First 5 /Filter /FlateDecode /Length 4 >>\nstream\nxxxx\nendstream"),
			content.ErrMalformed,
		},
		{
			"object stream cut",
			of("<< /Type /ObjStm /N 0 /First 0 /Filter /FlateDecode /Length 4 >>\nstream\n\x78\x9c\x03\x00\nendstream"),
			content.ErrMalformed,
		},
		{
			"object stream by another filter",
			of("<< /Type /ObjStm /N 1 /First 5 /Filter /LZWDecode /Length 4 >>\nstream\nxxxx\nendstream"),
			content.ErrUnsupported,
		},
		{"object stream by two filters", pack("/N 1 /First 5 /X [ /ASCIIHexDecode ]", "10 0 7"), content.ErrUnsupported},
		{
			"object stream by a filter elsewhere",
			of("<< /Type /ObjStm /N 1 /First 5 /Filter 9 0 R /Length 4 >>\nstream\nxxxx\nendstream"),
			content.ErrUnsupported,
		},
		{"object stream with a predictor", pack("/N 1 /First 5 /DecodeParms << /Predictor 12 >>", "10 0 7"), content.ErrUnsupported},
		{"object stream in another file", pack("/N 1 /First 5 /F (x)", "10 0 7"), content.ErrUnsupported},
		{"object stream whose number is elsewhere", pack("/N 9 0 R /First 5", "10 0 7"), content.ErrUnsupported},
		{"object stream without a number", pack("/First 5", "10 0 7"), content.ErrUnsupported},
		{"object stream without a name", of(pdfStream(t, "/N 1 /First 5", "10 0 << /S /JavaScript >>")), content.ErrActive},
		{"object stream of more than may be", pack("/N 20001 /First 5", "10 0 7"), content.ErrTooLarge},
		{"object stream with words for numbers", pack("/N 1 /First 5", "xx 0 7"), content.ErrMalformed},
		{"object stream with descending offsets", pack("/N 2 /First 10", "10 2 11 0 7 8"), content.ErrMalformed},
		{"object stream with an offset beyond", pack("/N 1 /First 6", "10 90 7"), content.ErrMalformed},
		{"object stream shorter than its head", pack("/N 1 /First 600", "10 0 7"), content.ErrMalformed},
		{"object stream with a comment", pack("/N 1 /First 5", "10 0 % <</S/JavaScript>>\n7"), content.ErrMalformed},
		{
			"object stream with an offset into a string",
			pack("/N 2 /First 10", "10 0 11 1 ( << /S /JavaScript >> )"),
			content.ErrMalformed,
		},
		{"object stream with an offset into an array", pack("/N 2 /First 10", "10 0 11 2 [ 7 8 ]"), content.ErrMalformed},
		{"object stream without an end", pack("/N 1 /First 5", "10 0 << /A 1"), content.ErrMalformed},
	})
}

// Names of something active are found as a key or a value, escaped or not, in objects, trailers and object streams.
func TestPDFActive(t *testing.T) {
	for _, name := range []string{
		"JavaScript", "JS", "Launch", "AA", "EmbeddedFile", "EmbeddedFiles", "EF", "RichMedia", "SubmitForm", "ImportData",
		"GoToR", "GoToE", "XFA",
		"Rendition", "Movie", "Sound",
	} {
		escaped := "/#" + strings.TrimSuffix(strings.ReplaceAll(fmt.Sprintf("% X ", name), " ", "#"), "#")
		half := fmt.Sprintf("/%s#%02x", name[:1], name[1]) + name[2:]
		var rows []row
		for _, spelt := range []string{"/" + name, escaped, half} {
			rows = append(rows,
				row{"value " + spelt, pdfFile(pdfCatalog, "<< /S "+spelt+" >>"), content.ErrActive},
				row{"key " + spelt, pdfFile("<< /Type /Catalog" + spelt + " 5 0 R >>"), content.ErrActive},
				row{"array " + spelt, pdfFile("[ [ << /A [ 1 " + spelt + " ] >> ] ]"), content.ErrActive},
				row{"alone " + spelt, pdfFile(spelt), content.ErrActive},
				row{"packed " + spelt, pdfFile(pdfCatalog, pdfPack(t, "(x)", "<< /S "+spelt+" >>")), content.ErrActive},
				row{"dictionary of a stream " + spelt, pdfFile("<< " + spelt + " 1 /Length 1 >>\nstream\nx\nendstream"), content.ErrActive},
				row{
					"trailer " + spelt, bytes.Replace(pdfFile(pdfCatalog), []byte("/Root"), []byte(spelt+" 1 /Root"), 1),
					content.ErrActive,
				},
			)
		}
		t.Run(name, func(t *testing.T) { run(t, content.PDF, rows) })
	}
}
