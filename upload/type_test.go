package upload_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/upload"
	"github.com/gopalisade/palisade/upload/content"
	"github.com/gopalisade/palisade/upload/uploadtest"
)

var allTypes = append(content.Images(), content.PDF, content.Text, content.ZIP)

// everything is usual, with all types.
func everything() upload.Config {
	cfg := usual()
	cfg.Fields[0].Types = allTypes
	return cfg
}

// TestAgreement: of all combinations of extension, claim and bytes, those pass in which nothing contradicts.
func TestAgreement(t *testing.T) {
	for _, ext := range allTypes {
		for _, claim := range append([]content.Type{"", "application/octet-stream", "text/html", "image/svg+xml"}, allTypes...) {
			for _, bytes := range allTypes {
				head := `Content-Disposition: form-data; name="files"; filename="a.` + ext.Extensions()[0] + `"`
				if claim != "" {
					head += "\r\nContent-Type: " + string(claim)
				}
				status, code := 415, upload.CodeType
				if ext == bytes && (claim == "" || claim == "application/octet-stream" || claim == ext) {
					status, code = 201, ""
				}
				b := newBench(t, everything())
				b.handled = func(batch *upload.Batch, _ *http.Request) error {
					if got := batch.Files("")[0].Type; got != bytes {
						t.Errorf("got %s, want %s", got, bytes)
					}
					return nil
				}
				b.want(string(ext+" "+claim+" "+bytes), raw(part(head, string(uploadtest.Sample(bytes)))+end), status, code)
			}
		}
	}
}

// TestLies are files that detectors of types call text or an image, and browsers and servers something else.
func TestLies(t *testing.T) {
	jpg := string(uploadtest.Sample(content.JPEG))
	words := strings.Repeat("word ", 300)
	wide := func(s string) string {
		var out strings.Builder
		out.WriteString("\xff\xfe")
		for _, c := range []byte(s) {
			out.Write([]byte{c, 0})
		}
		return out.String()
	}
	for _, tc := range []struct {
		name, ext, data string
		status          int
		code            string
	}{
		{"a page after 1.5 KB of text", "txt", words + "<!DOCTYPE html><html><body onload=alert(1)>", 422, "content_active"},
		{"a word, then a script", "txt", "word <script>alert(1)</script>", 422, "content_active"},
		{"a page after a BOM", "txt", "\xef\xbb\xbf<html><body onload=alert(1)>", 422, "content_active"},
		{"a page in UTF-16", "txt", wide("<html><script>alert(1)</script>"), 422, "content_malformed"},
		{"a script of a namespace", "txt", `<?xml version="1.0"?><h:script xmlns:h="http://www.w3.org/1999/xhtml">alert(1)</h:script>`, 422, "content_active"},
		{"a drawing without namespace", "txt", `<svg onload="alert(1)"></svg>`, 422, "content_active"},
		{"a drawing with a prefix", "txt", `<s:svg xmlns:s="http://www.w3.org/2000/svg" onload="alert(1)"/>`, 422, "content_active"},
		{"a drawing", "txt", `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`, 422, "content_active"},
		{"PHP", "txt", "<?php system($_GET[0]);", 422, "content_active"},
		{"a saved page", "txt", "MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n<html><script>alert(1)</script>", 422, "content_active"},
		{"an application of HTML", "txt", "<hta:application id=x><script>alert(1)</script>", 422, "content_active"},
		{"a signature, then a script", "gif", "GIF89a=1;<script>alert(1)</script>", 422, "content_too_large"},
		{"a signature, then PHP", "gif", "GIF89a<?php __HALT_COMPILER(); ?>", 422, "content_too_large"},
		{"a bitmap's signature, then a page", "png", "BM<html><script>alert(1)</script>", 415, upload.CodeType},
		{"a PDF behind 600 bytes", "pdf", strings.Repeat("x", 600) + string(uploadtest.Sample(content.PDF)), 415, upload.CodeType},
		{"a PDF in text", "txt", strings.Repeat("x", 600) + string(uploadtest.Sample(content.PDF)), 422, "content_active"},
		{"PHP behind an image", "jpg", jpg + "<?php system($_GET[0]);", 422, "content_trailing_data"},
		{"an archive behind an image", "jpg", jpg + string(uploadtest.Zip("a.class", []byte("x"))), 422, "content_trailing_data"},
		{"a page under an image's name", "jpg", "<html><script>alert(1)</script>", 415, upload.CodeType},
		{"a drawing language", "png", "push graphic-context\nviewbox 0 0 1 1\nimage over 0,0 0,0 'x:y'\npop graphic-context", 415, upload.CodeType},
		{"a list to play", "gif", "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\nfile:///etc/passwd\n", 415, upload.CodeType},
		// Text is served as text, as a download: what no browser runs passes.
		{"settings of a server", "txt", "AddType application/x-httpd-php .txt\n", 201, ""},
		{"less than", "txt", "1 < 2, and 3 > 2", 201, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			newBench(t, everything()).want(tc.name, raw(filePart("a."+tc.ext, tc.data)+end), tc.status, tc.code)
		})
	}
}

// TestAttack sends what the kit sends to users' handlers.
func TestAttack(t *testing.T) {
	b := newBench(t, everything())
	uploadtest.Attack(t, b.h, uploadtest.Target{
		Field: "files", Types: allTypes, MaxBytes: 64 << 10, Max: 5, Stored: func() int { return b.store.committed() + b.store.open() },
	})
}
