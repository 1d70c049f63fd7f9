package uploadtest

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"

	"github.com/gopalisade/palisade/upload/content"
)

// Form is a multipart form. It is written as it stands, also where no browser would write it so. The zero value is the
// well-formed form without parts.
type Form struct {
	_ [0]func() // keyed literals only, never comparable

	Parts    []Part
	Boundary string // one that a browser might choose
	Preamble string // before the first boundary, as it stands
	Epilogue string // behind the last boundary, as it stands
	Unclosed bool   // the form ends with the data of the last part: a client that left
	BareLF   bool   // lines end with LF alone
}

// Part is a part of a [Form]: the lines of its header as they stand, and its data.
type Part struct {
	Header []string
	Body   io.Reader // one that is an io.ReaderAt with a Size is read anew for each form; nil is no data
}

// Value returns the part of a field of text.
func Value(field, text string) Part {
	return Part{
		Header: []string{`Content-Disposition: form-data; name="` + escape(field) + `"`},
		Body:   strings.NewReader(text),
	}
}

// File returns the part of a file, as a browser sends it: with the type that belongs to the extension, and octets for those
// that package content does not know. For other data than bytes, set the Body of the result.
func File(field, filename string, data []byte) Part {
	kind, ok := content.ByExtension(path.Ext(filename))
	if !ok {
		kind = "application/octet-stream"
	}
	return Part{
		Header: []string{
			`Content-Disposition: form-data; name="` + escape(field) + `"; filename="` + escape(filename) + `"`,
			"Content-Type: " + string(kind),
		},
		Body: bytes.NewReader(data),
	}
}

// escape is what HTML does to names, section "multipart form data".
func escape(name string) string {
	return strings.NewReplacer(`"`, "%22", "\r", "%0D", "\n", "%0A").Replace(name)
}

func (f Form) boundary() string {
	if f.Boundary == "" {
		return "----PalisadeFormBoundary7MA4YWxkTrZu0gW"
	}
	return f.Boundary
}

// ContentType returns what the header of the request says.
func (f Form) ContentType() string {
	b := f.boundary()
	if strings.ContainsAny(b, "()<>@,;:\\\"/[]?= \t") { // no token (RFC 2045 section 5.1)
		b = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(b) + `"`
	}
	return "multipart/form-data; boundary=" + b
}

// Reader returns the body. It holds no more in memory than the parts do.
func (f Form) Reader() io.Reader {
	r, _ := f.body()
	return r
}

// Bytes returns the body. A part that cannot be read ends it.
func (f Form) Bytes() []byte {
	b, _ := io.ReadAll(f.Reader())
	return b
}

// Request returns a POST of the form, with the Content-Length if all parts tell their size.
func (f Form) Request(target string) *http.Request {
	body, n := f.body()
	r := httptest.NewRequest(http.MethodPost, target, body)
	r.ContentLength = n
	r.Header.Set("Content-Type", f.ContentType())
	return r
}

// sized are bytes.Reader, strings.Reader, io.SectionReader, and files of package upload.
type sized interface {
	io.ReaderAt
	Size() int64
}

// body returns the bytes and how many there are, or -1.
func (f Form) body() (io.Reader, int64) {
	end := "\r\n"
	if f.BareLF {
		end = "\n"
	}
	var all []io.Reader
	size := int64(0)
	text := func(s ...string) {
		joined := strings.Join(s, "")
		all, size = append(all, strings.NewReader(joined)), size+int64(len(joined))
	}
	unknown := false
	text(f.Preamble)
	for i, p := range f.Parts {
		if i > 0 {
			text(end)
		}
		text("--", f.boundary(), end, strings.Join(append(p.Header[:len(p.Header):len(p.Header)], "", ""), end))
		switch body := p.Body.(type) {
		case nil:
		case sized:
			all, size = append(all, io.NewSectionReader(body, 0, body.Size())), size+body.Size()
		default:
			all, unknown = append(all, body), true
		}
	}
	if !f.Unclosed {
		if len(f.Parts) > 0 {
			text(end)
		}
		text("--", f.boundary(), "--", end, f.Epilogue)
	}
	if unknown {
		size = -1
	}
	return io.MultiReader(all...), size
}
