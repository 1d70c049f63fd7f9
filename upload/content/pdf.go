package content

import "bytes"

// pdfActive are names that make a document do something, wherever they stand: actions (ISO 32000-2 section 12.6) that run
// programs, scripts or media, or go to other files, triggers, attached files, and forms in XFA. An OpenAction alone is no
// harm: it may go to a page, and the other things it may do are in this list, but for opening a link.
var pdfActive = []string{
	"AA", "EF", "EmbeddedFile", "EmbeddedFiles", "GoTo3DView", "GoToDp", "GoToE", "GoToR", "ImportData",
	"JS", "JavaScript", "Launch", "Movie", "OnInstantiate",
	"Rendition", "RichMedia", "RichMediaContent", "RichMediaExecute", "RichMediaSettings", "Sound", "SubmitForm", "XFA",
}

const (
	pdfDepth  = 128       // of arrays and dictionaries
	pdfStream = 20_000    // objects in one object stream
	pdfTail   = 64        // bytes of white space behind the end
	pdfMost   = 1<<40 - 1 // the largest number that is believed
)

// walkPDF reads the objects of a PDF in the order of the file, whatever its tables of offsets say, and the objects in object
// streams. Between objects nothing else may stand, and nothing that looks like one in what is skipped.
func walkPDF(f *file) {
	p := pdfWalk{file: f}
	p.lex = lexer{src: f, fail: f.fail}
	p.tail()
	version := f.take(8)
	if v := version[5:]; v[0] != '1' && v[0] != '2' || v[1] != '.' || !isDigit(v[2]) {
		f.fail(ErrMalformed, "version")
	}
	if c, _ := f.peek(); !isSpace(c) && c != '%' {
		f.fail(ErrMalformed, "version")
	}
	for f.healthy() {
		switch p.lex.next() {
		case tokEnd:
			if f.report.Objects == 0 {
				f.fail(ErrMalformed, "no objects")
			}
			return
		case tokWord:
			p.section()
		default:
			f.fail(ErrMalformed, "between objects")
		}
		if p.lex.second {
			f.fail(ErrTrailing, "a second document")
		}
	}
}

type pdfWalk struct {
	*file
	lex  lexer
	dict pdfDict // of the object being read
	nest pdfNest
}

// tail reads the end of the file: where the last table of offsets is, and %%EOF (section 7.5.5).
func (p *pdfWalk) tail() {
	b := p.probe(max(0, p.size-int64(len(p.small))), len(p.small))
	end := bytes.TrimRight(b, "\x00\t\n\f\r ")
	rest, ok := bytes.CutSuffix(end, []byte("%%EOF"))
	words := bytes.Fields(rest)
	switch {
	case !p.healthy():
	case !ok && bytes.Contains(b, []byte("%%EOF")), ok && len(b)-len(end) > pdfTail:
		p.fail(ErrTrailing, "after the end of the format")
	case !ok, len(words) < 2, string(words[len(words)-2]) != "startxref":
		p.fail(ErrMalformed, "no end")
	default:
		at, ok := number(words[len(words)-1])
		target := p.probe(at, 8)
		if !ok || !bytes.HasPrefix(target, []byte("xref")) && (len(target) == 0 || !isDigit(target[0])) {
			p.fail(ErrMalformed, "table of offsets")
		}
	}
}

// number reads an unsigned integer.
func number(word []byte) (int64, bool) {
	n := int64(0)
	for _, c := range word {
		if n = n*10 + int64(c-'0'); !isDigit(c) || n > pdfMost {
			return 0, false
		}
	}
	return n, len(word) > 0
}

// section reads what stands between objects, or one of them.
func (p *pdfWalk) section() {
	switch string(p.lex.word()) {
	case "xref":
		p.table()
	case "startxref":
		p.expectNumber()
	default:
		if _, ok := p.lex.number(); !ok {
			p.fail(ErrMalformed, "between objects")
			return
		}
		p.expectNumber()
		if p.lex.next() != tokWord || string(p.lex.word()) != "obj" {
			p.fail(ErrMalformed, "between objects")
			return
		}
		p.object()
	}
}

func (p *pdfWalk) expectNumber() {
	if p.lex.next() == tokWord {
		if _, ok := p.lex.number(); ok {
			return
		}
	}
	p.fail(ErrMalformed, "number expected")
}

// table reads a table of offsets, which it does not need, and its trailer (section 7.5.4).
func (p *pdfWalk) table() {
	for p.healthy() && p.lex.next() == tokWord {
		switch string(p.lex.word()) {
		case "n", "f":
		case "trailer":
			p.value(&p.dict, p.lex.next())
			return
		default:
			if _, ok := p.lex.number(); !ok {
				p.fail(ErrMalformed, "table of offsets")
			}
		}
	}
	p.fail(ErrMalformed, "table of offsets")
}

// object reads an object behind its head.
func (p *pdfWalk) object() {
	p.report.Objects++
	p.count()
	p.dict = pdfDict{}
	d := &p.dict
	for p.healthy() {
		t := p.lex.next()
		if t == tokWord && string(p.lex.word()) == "endobj" {
			return
		}
		if t == tokWord && string(p.lex.word()) == "stream" {
			start, n := p.stream(d.length.value())
			switch {
			case !p.healthy():
			case d.holdsObjects():
				p.objects(d, start, n)
			case d.file:
				p.fail(ErrActive, "data in another file")
			}
			continue
		}
		p.value(d, t)
	}
}

func (p *pdfWalk) count() {
	if p.report.Objects > p.limits.Objects {
		p.fail(ErrTooLarge, "objects")
	}
}
