package uploadtest_test

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/upload/content"
	"github.com/gopalisade/palisade/upload/uploadtest"
)

func TestFormBytes(t *testing.T) {
	const part = "--b\r\nA: 1\r\n\r\nx"
	text := uploadtest.Part{Header: []string{"A: 1"}, Body: strings.NewReader("x")}
	for _, tc := range []struct {
		name string
		form uploadtest.Form
		want string
	}{
		{"no parts", uploadtest.Form{Boundary: "b"}, "--b--\r\n"},
		{"one part", uploadtest.Form{Boundary: "b", Parts: []uploadtest.Part{text}}, part + "\r\n--b--\r\n"},
		{"two parts", uploadtest.Form{Boundary: "b", Parts: []uploadtest.Part{text, text}}, part + "\r\n" + part + "\r\n--b--\r\n"},
		{"no header, no data", uploadtest.Form{Boundary: "b", Parts: []uploadtest.Part{{}}}, "--b\r\n\r\n\r\n--b--\r\n"},
		{
			"lines as they stand",
			uploadtest.Form{Boundary: "b", Parts: []uploadtest.Part{{Header: []string{"A: 1", "A: 2", " folded", "\x00"}}}},
			"--b\r\nA: 1\r\nA: 2\r\n folded\r\n\x00\r\n\r\n\r\n--b--\r\n",
		},
		{"unclosed", uploadtest.Form{Boundary: "b", Parts: []uploadtest.Part{text}, Unclosed: true, Epilogue: "e"}, part},
		{"unclosed, no parts", uploadtest.Form{Boundary: "b", Unclosed: true}, ""},
		{"around", uploadtest.Form{Boundary: "b", Preamble: "p\r\n", Epilogue: "e"}, "p\r\n--b--\r\ne"},
		{"bare LF", uploadtest.Form{Boundary: "b", Parts: []uploadtest.Part{text}, BareLF: true}, "--b\nA: 1\n\nx\n--b--\n"},
	} {
		if got := string(tc.form.Bytes()); got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.name, got, tc.want)
		}
		r := tc.form.Request("/x?y=1")
		got, _ := io.ReadAll(r.Body)
		if string(got) != tc.want || r.ContentLength != int64(len(tc.want)) || r.RequestURI != "/x?y=1" {
			t.Errorf("%s: got the request %q of %d bytes to %s", tc.name, got, r.ContentLength, r.RequestURI)
		}
	}
}

func TestPartHeaders(t *testing.T) {
	const value = "Content-Disposition: form-data; name="
	const file = value + `"f"; filename=`
	for _, tc := range []struct {
		name string
		part uploadtest.Part
		want string
	}{
		{"value", uploadtest.Value("title", "x"), value + `"title"`},
		{"quoted value", uploadtest.Value("a\"\r\nb", "x"), value + `"a%22%0D%0Ab"`},
		{"file", uploadtest.File("f", "a.PNG", nil), file + `"a.PNG"` + "\nContent-Type: image/png"},
		{"unknown type", uploadtest.File("f", "a.x", nil), file + `"a.x"` + "\nContent-Type: application/octet-stream"},
		{"quoted file", uploadtest.File("f", "\"\r\n\\ü.txt", nil), file + `"%22%0D%0A\ü.txt"` + "\nContent-Type: text/plain"},
	} {
		if got := strings.Join(tc.part.Header, "\n"); got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.name, got, tc.want)
		}
	}
}

func TestContentType(t *testing.T) {
	for _, boundary := range []string{"", "b", "a b", `a"b\c`, "x=y", "-:'()+_,./=?", strings.Repeat("b", 100)} {
		form := uploadtest.Form{Boundary: boundary}
		kind, params, err := mime.ParseMediaType(form.ContentType())
		got := params["boundary"]
		if err != nil || kind != "multipart/form-data" || got == "" || boundary != "" && got != boundary {
			t.Errorf("%q: got %s, %v", boundary, form.ContentType(), err)
		}
		if got := form.Request("/").Header.Get("Content-Type"); got != form.ContentType() {
			t.Errorf("%q: got the request's %q", boundary, got)
		}
	}
}

// TestBodiesAreReadAnew where they can be, and where they cannot the length is not known.
func TestBodiesAreReadAnew(t *testing.T) {
	form := uploadtest.Form{Parts: []uploadtest.Part{uploadtest.File("f", "a.png", uploadtest.Sample(content.PNG))}}
	form.Parts = append(form.Parts, uploadtest.Part{Body: uploadtest.Stream(content.GIF, 10_000)})
	if a, b := form.Bytes(), form.Bytes(); !bytes.Equal(a, b) || len(a) < 10_000 {
		t.Errorf("got %d bytes, then %d", len(a), len(b))
	}
	form.Parts = append(form.Parts, uploadtest.Part{Body: io.LimitReader(strings.NewReader("once"), 4)})
	r := form.Request("/")
	if body, _ := io.ReadAll(r.Body); r.ContentLength != -1 || !bytes.Contains(body, []byte("once")) {
		t.Errorf("got a length of %d, want -1", r.ContentLength)
	}
	if bytes.Contains(form.Bytes(), []byte("once")) {
		t.Error("a reader without a size was read again")
	}
}

// TestFormIsNotChanged: a handler's test makes many forms from one.
func TestFormIsNotChanged(t *testing.T) {
	header := make([]string, 1, 10)
	header[0] = "A: 1"
	form := uploadtest.Form{Parts: []uploadtest.Part{{Header: header}}}
	form.Bytes()
	if got := header[:3]; got[1] != "" || got[2] != "" || len(form.Parts[0].Header) != 1 {
		t.Errorf("got %q", got)
	}
	header[:2][1] = "mine"
	form.Bytes()
	if header[:2][1] != "mine" {
		t.Error("a form writes behind its header")
	}
}

// TestRequestIsAForm: what is right is read by the standard library.
func TestRequestIsAForm(t *testing.T) {
	r := uploadtest.Form{
		Preamble: "for old readers\r\n",
		Parts:    []uploadtest.Part{uploadtest.Value("title", "Ünï"), uploadtest.File("f", "a.txt", []byte("data"))},
	}.Request("/")
	if err := r.ParseMultipartForm(1 << 20); err != nil {
		t.Fatal(err)
	}
	if got := r.FormValue("title"); got != "Ünï" {
		t.Errorf("got %q", got)
	}
	if _, header, err := r.FormFile("f"); err != nil || header.Filename != "a.txt" || header.Size != 4 {
		t.Errorf("got %v, %v", header, err)
	}
	if r.Method != http.MethodPost {
		t.Errorf("got %s, want POST", r.Method)
	}
}

// FuzzForm: whatever is in the parts, a reader finds the same in a form that is closed, unless it holds the boundary.
func FuzzForm(f *testing.F) {
	f.Add("title", "Holiday", "a.png", []byte("data"), "b")
	f.Add(`"`, "\r\n--b", `\"`, []byte("\r\n"), "-")
	f.Add("ü", "", "..", []byte{0, 0xff}, "'()+_,-./:=?")
	f.Fuzz(func(t *testing.T, field, value, filename string, data []byte, boundary string) {
		form := uploadtest.Form{
			Boundary: boundary,
			Parts:    []uploadtest.Part{uploadtest.Value(field, value), uploadtest.File(field, filename, data)},
		}
		r := form.Request("/")
		body := form.Bytes()
		if r.ContentLength != int64(len(body)) {
			t.Fatalf("a Content-Length of %d for %d bytes", r.ContentLength, len(body))
		}
		_, params, err := mime.ParseMediaType(form.ContentType())
		if err != nil || params["boundary"] != boundary || boundary == "" || strings.ContainsAny(boundary, " \t\r\n") ||
			strings.Contains(value+string(data)+field+filename, "--"+boundary) {
			t.Skip()
		}
		parts := multipart.NewReader(bytes.NewReader(body), boundary)
		for i, want := range []string{value, string(data)} {
			p, err := parts.NextRawPart()
			if err != nil {
				if strings.ContainsFunc(field+filename, func(c rune) bool { return c < ' ' || c == 0x7f }) {
					t.Skip() // no header may hold it
				}
				t.Fatalf("part %d is not found: %v", i, err)
			}
			if got, err := io.ReadAll(p); err != nil || string(got) != want {
				t.Fatalf("part %d holds %q, %v, and not what was put in", i, got, err)
			}
		}
		if _, err := parts.NextRawPart(); err != io.EOF {
			t.Fatalf("the form does not end: %v", err)
		}
	})
}
