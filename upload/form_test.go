package upload_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/upload"
	"github.com/gopalisade/palisade/upload/content"
	"github.com/gopalisade/palisade/upload/uploadtest"
)

const named = `Content-Disposition: form-data; name="files"; filename="a.txt"`

// TestStructure: what two parsers might read in two ways is refused.
func TestStructure(t *testing.T) {
	ok := filePart("a.txt", "text")
	for _, tc := range []struct {
		name, body string
		status     int
		code       string
	}{
		{"a file", ok + end, 201, ""},
		{"a value", part(`Content-Disposition: form-data; name="title"`, "x") + end, 201, ""},
		{"nothing", end, 201, ""},
		{"white space behind the end", ok + end + " \t\r\n\r\n", 201, ""},
		{"a form control without a file", part(`Content-Disposition: form-data; name="files"; filename=""`, "") + end, 201, ""},
		{"the same with octets", part("Content-Disposition: form-data; name=\"files\"; filename=\"\"\r\nContent-Type: application/octet-stream", "") + end, 201, ""},
		{"no file but bytes", part(`Content-Disposition: form-data; name="files"; filename=""`, "x") + end, 400, "upload_malformed"},
		{"binary", part(named+"\r\nContent-Transfer-Encoding: BINARY", "text") + end, 201, ""},
		{"a look-alike of the end", filePart("a.txt", "--B-\r\n-B--\r\n --B--\r\n--b--") + end, 201, ""},

		{"no end", ok, 400, "upload_incomplete"},
		{"half an end", ok + "--B-", 400, "upload_incomplete"},
		{"a part without an end", "--B\r\n" + named + "\r\n\r\ntext", 400, "upload_incomplete"},
		{"cut off in a header", "--B\r\nContent-Disp", 400, "upload_malformed"},
		{"nothing at all", "\r\n", 400, "upload_malformed"},
		{"epilogue", ok + end + "x", 400, "upload_malformed"},
		{"a part behind the end", ok + end + ok + end, 400, "upload_malformed"},
		{"a second end", ok + end + end, 400, "upload_malformed"},
		{"another boundary", strings.ReplaceAll(ok+end, "--B", "--C"), 400, "upload_malformed"},
		{"quoted-printable", part(named+"\r\nContent-Transfer-Encoding: quoted-printable", "te=78t") + end, 400, "upload_malformed"},
		{"base64", part(named+"\r\nContent-Transfer-Encoding: base64", "dGV4dA==") + end, 400, "upload_malformed"},
		{"two encodings", part(named+"\r\nContent-Transfer-Encoding: 7bit\r\nContent-Transfer-Encoding: 7bit", "text") + end, 400, "upload_malformed"},
		{"two dispositions", part(named+"\r\n"+named, "text") + end, 400, "upload_malformed"},
		{"two types", part(named+"\r\nContent-Type: text/plain\r\nContent-Type: text/html", "text") + end, 400, "upload_malformed"},
		{"no disposition", part("Content-Type: text/plain", "text") + end, 400, "upload_malformed"},
		{"attachment", part(`Content-Disposition: attachment; name="files"; filename="a.txt"`, "text") + end, 400, "upload_malformed"},
		{"no name", part(`Content-Disposition: form-data; filename="a.txt"`, "text") + end, 400, "upload_malformed"},
		{"empty name", part(`Content-Disposition: form-data; name=""; filename="a.txt"`, "text") + end, 400, "upload_malformed"},
		{"two file names", part(named+`; filename="b.php"`, "text") + end, 400, "upload_malformed"},
		{"two names", part(named+`; name="title"`, "text") + end, 400, "upload_malformed"},
		{"extended file name", part(named+"; filename*=UTF-8''b.php", "text") + end, 400, "upload_malformed"},
		{"continued file name", part(`Content-Disposition: form-data; name="files"; filename*0="a."; filename*1="txt"`, "text") + end, 400, "upload_malformed"},
		{"unknown parameter", part(named+`; size="4"`, "text") + end, 400, "upload_malformed"},
		{"unquoted with a semicolon", part(`Content-Disposition: form-data; name="files"; filename=a.php;.txt`, "text") + end, 400, "upload_malformed"},
		{"unclosed quote", part(`Content-Disposition: form-data; name="files"; filename="a.txt`, "text") + end, 400, "upload_malformed"},
		{"NUL", part("Content-Disposition: form-data; name=\"files\"; filename=\"a\x00.txt\"", "text") + end, 400, "upload_malformed"},
		{"not UTF-8", part("Content-Disposition: form-data; name=\"files\"; filename=\"a\xff.txt\"", "text") + end, 400, "upload_malformed"},
		{"a form in a form", part("Content-Disposition: form-data; name=\"files\"\r\nContent-Type: multipart/mixed; boundary=C", "text") + end, 400, "upload_malformed"},
		{"no media type", part(named+"\r\nContent-Type: /", "text") + end, 400, "upload_malformed"},
		{"a header without colon", part(named+"\r\nx", "text") + end, 400, "upload_malformed"},

		{"unknown value", part(`Content-Disposition: form-data; name="CANARY"`, "x") + end, 422, "field_unknown"},
		{"unknown file", part(`Content-Disposition: form-data; name="CANARY"; filename="a.txt"`, "x") + end, 422, "field_unknown"},
		{"unknown control", part(`Content-Disposition: form-data; name="CANARY"; filename=""`, "") + end, 422, "field_unknown"},
		{"a file for a value", part(`Content-Disposition: form-data; name="title"; filename="a.txt"`, "x") + end, 422, "field_unknown"},
		{"a value for a file", part(`Content-Disposition: form-data; name="files"`, "x") + end, 422, "field_unknown"},
		{"another case", part(`Content-Disposition: form-data; name="Files"; filename="a.txt"`, "x") + end, 422, "field_unknown"},
		{"too many files", strings.Repeat(ok, 6) + end, 422, "field_too_often"},
		{"too many values", strings.Repeat(part(`Content-Disposition: form-data; name="title"`, "x"), 3) + end, 422, "field_too_often"},
		{"long value", part(`Content-Disposition: form-data; name="title"`, strings.Repeat("x", 101)) + end, 413, "value_too_large"},
		{"value with NUL", part(`Content-Disposition: form-data; name="title"`, "CANARY\x00") + end, 422, "value_not_text"},
		{"value not UTF-8", part(`Content-Disposition: form-data; name="title"`, "CANARY\xff") + end, 422, "value_not_text"},
		{"empty file", filePart("a.txt", "") + end, 422, "file_empty"},
		{"long file", filePart("a.txt", strings.Repeat("x", 64<<10+1)) + end, 413, "file_too_large"},
		{"large header", part(named+"\r\nX: "+strings.Repeat("x", 32<<10), "text") + end, 413, "upload_too_large"},
		{"many headers", part(named+strings.Repeat("\r\nX: x", 9000), "text") + end, 413, "upload_too_large"},
		{"preamble", strings.Repeat("x\r\n", 16<<10) + ok + end, 400, "upload_malformed"},
		{"10 000 controls", strings.Repeat(part(`Content-Disposition: form-data; name="files"; filename=""`, ""), 10_000) + end, 413, "upload_too_many_parts"},
		{"30 controls", strings.Repeat(part(`Content-Disposition: form-data; name="files"; filename=""`, ""), 30) + end, 413, "upload_too_many_parts"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newBench(t, usual())
			r := raw(tc.body)
			if len(tc.body) > 64<<10 {
				r.ContentLength = -1
			}
			a := b.want(tc.name, r, tc.status, tc.code)
			var told strings.Builder
			told.WriteString(a.body + fmt.Sprintf("%+v", b.events))
			for _, e := range b.events {
				told.WriteString(fmt.Sprint(e.Err))
			}
			if strings.Contains(told.String(), "CANARY") {
				t.Errorf("what was sent is told: %s", told.String())
			}
			if len(b.events) == 0 {
				t.Error("no event")
			}
		})
	}
}

// TestCutOff cuts a form everywhere: no part of it is ever kept.
func TestCutOff(t *testing.T) {
	whole := filePart("a.txt", "some text") + part(`Content-Disposition: form-data; name="title"`, "x") + filePart("b.png", string(uploadtest.Sample(content.PNG))) + "--B--"
	b := newBench(t, usual())
	for i := range len(whole) {
		if a := b.send(raw(whole[:i])); a.status < 400 {
			t.Fatalf("cut at %d: got %d", i, a.status)
		}
	}
	b.want("whole", raw(whole), 201, "")
}

func TestRequests(t *testing.T) {
	body := filePart("a.txt", "text") + end
	for _, tc := range []struct {
		name   string
		change func(*http.Request)
		status int
		code   string
	}{
		{"no type", func(r *http.Request) { r.Header.Del("Content-Type") }, 415, "unsupported_media_type"},
		{"two types", func(r *http.Request) { r.Header.Add("Content-Type", "multipart/form-data; boundary=B") }, 415, "unsupported_media_type"},
		{"JSON", func(r *http.Request) { r.Header.Set("Content-Type", "application/json") }, 415, "unsupported_media_type"},
		{"mixed", func(r *http.Request) { r.Header.Set("Content-Type", "multipart/mixed; boundary=B") }, 415, "unsupported_media_type"},
		{"no boundary", func(r *http.Request) { r.Header.Set("Content-Type", "multipart/form-data") }, 415, "unsupported_media_type"},
		{"extended boundary", func(r *http.Request) { r.Header.Set("Content-Type", "multipart/form-data; boundary*=utf-8''B") }, 415, "unsupported_media_type"},
		{"long boundary", func(r *http.Request) {
			r.Header.Set("Content-Type", "multipart/form-data; boundary="+strings.Repeat("B", 71))
		}, 415, "unsupported_media_type"},
		{"boundary with a space at its end", func(r *http.Request) { r.Header.Set("Content-Type", `multipart/form-data; boundary="B "`) }, 415, "unsupported_media_type"},
		{"boundary with a star", func(r *http.Request) { r.Header.Set("Content-Type", `multipart/form-data; boundary="B;"`) }, 415, "unsupported_media_type"},
		{"charset", func(r *http.Request) { r.Header.Set("Content-Type", "multipart/form-data; boundary=B; charset=UTF-8") }, 201, ""},
		{"another charset", func(r *http.Request) { r.Header.Set("Content-Type", "multipart/form-data; boundary=B; charset=utf-7") }, 415, "unsupported_media_type"},
		{"another parameter", func(r *http.Request) { r.Header.Set("Content-Type", "multipart/form-data; boundary=B; x=y") }, 415, "unsupported_media_type"},
		{"gzip", func(r *http.Request) { r.Header.Set("Content-Encoding", "gzip") }, 415, "unsupported_media_type"},
		{"identity", func(r *http.Request) { r.Header.Set("Content-Encoding", "identity") }, 201, ""},
		{"no body", func(r *http.Request) { r.Body, r.ContentLength = http.NoBody, 0 }, 400, "upload_malformed"},
		{"says it is large", func(r *http.Request) { r.ContentLength = 1 << 40 }, 413, "upload_too_large"},
		{"stopped by a reader before", func(r *http.Request) {
			r.Body = http.MaxBytesReader(nil, r.Body, 20)
		}, 413, "upload_too_large"},
		{"read before", func(r *http.Request) { _ = r.FormValue("x") }, 500, "internal_server_error"},
		{"broken off", func(r *http.Request) { r.Body = uploadtest.Break(r.Body, 90, io.ErrClosedPipe) }, 400, "upload_incomplete"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := raw(body)
			tc.change(r)
			a := newBench(t, usual()).send(r)
			if a.status != tc.status || a.code != tc.code && tc.status != 500 {
				t.Errorf("got %d %s, want %d %q", a.status, a.body, tc.status, tc.code)
			}
		})
	}
}

// TestRefusedEarly: what cannot be taken is refused before its bytes come.
func TestRefusedEarly(t *testing.T) {
	for _, head := range []string{
		`Content-Disposition: form-data; name="files"; filename="a.exe"`,
		`Content-Disposition: form-data; name="other"; filename="a.png"`,
		"Content-Disposition: form-data; name=\"files\"; filename=\"a.png\"\r\nContent-Type: text/html",
		`Content-Disposition: form-data; name="files"; filename="a.png"`, // whose bytes are no PNG's
	} {
		body := &endless{head: strings.NewReader("--B\r\n" + head + "\r\n\r\n")}
		r := httptest.NewRequest("POST", "/", body)
		r.Header.Set("Content-Type", "multipart/form-data; boundary=B")
		if a := newBench(t, usual()).send(r); a.status < 400 || body.read > 16<<10 {
			t.Errorf("%s: got %d after %d bytes", head, a.status, body.read)
		}
	}
}

func TestValues(t *testing.T) {
	b := newBench(t, usual())
	b.handled = func(batch *upload.Batch, r *http.Request) error {
		if batch.Value("title") != "one" || len(batch.Values("title")) != 2 || batch.Value("none") != "" {
			t.Errorf("got %q", batch.Values("title"))
		}
		if r.FormValue("title") != "one" || r.FormValue("q") != "1" || r.PostFormValue("q") != "" {
			t.Errorf("got %v", r.Form)
		}
		if rest, err := io.ReadAll(r.Body); err != nil || len(rest) > 0 {
			t.Errorf("got a body: %q %v", rest, err)
		}
		if err := r.ParseMultipartForm(1 << 20); err != nil {
			t.Error(err)
		}
		if got := batch.Files(""); len(got) != 1 || got[0].Field != "files" || len(batch.Files("other")) != 0 {
			t.Errorf("got %v", got)
		}
		text := make([]byte, 4)
		if _, err := batch.Files("files")[0].ReadAt(text, 0); err != nil || string(text) != "text" {
			t.Errorf("got %q %v", text, err)
		}
		return nil
	}
	r := form(uploadtest.Value("title", "one"), uploadtest.File("files", "a.txt", []byte("text")), uploadtest.Value("title", "two"))
	r.URL.RawQuery = "q=1&title=query"
	b.want("values", r, 201, "")
	if b.store.committed() != 0 {
		t.Error("files were kept without a commit")
	}
}

func TestRequired(t *testing.T) {
	cfg := usual()
	cfg.Fields[0].Required, cfg.Values[0].Required, cfg.ValuesFirst = true, true, true
	b := newBench(t, cfg)
	file, value := sample("a.png", content.PNG), uploadtest.Value("title", "x")
	b.want("both", form(value, file), 201, "")
	b.want("no file", form(value), 422, "field_required")
	b.want("no value", form(file), 422, "field_required")
	b.want("empty value", form(uploadtest.Value("title", ""), file), 422, "field_required")
	b.want("value behind the file", form(file, value), 422, "values_first")
	a := b.want("which", form(value), 422, "field_required")
	if !strings.Contains(a.body, `"files"`) {
		t.Errorf("got %s, want the field's name", a.body)
	}
}
