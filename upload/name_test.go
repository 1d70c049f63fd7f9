package upload_test

import (
	"net/http"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/gopalisade/palisade/upload"
	"github.com/gopalisade/palisade/upload/content"
	"github.com/gopalisade/palisade/upload/uploadtest"
)

// TestNames: a name is for people, never a path, and its last extension says what the file must be.
func TestNames(t *testing.T) {
	const refused, malformed = "", "/"
	for _, tc := range []struct{ sent, want string }{
		{"a.txt", "a.txt"},
		{`..\\..\\windows\\win.txt`, "win.txt"},
		{"../../etc/a.txt", "a.txt"},
		{"x.php.txt", "x.php.txt"}, // what is stored has no name of its own, and is served as text
		{"A.TXT", "A.TXT"},
		{"a*.txt", "a_.txt"},
		{"*1 = 2.txt", malformed},
		{"a*=b.txt", malformed},
		{"a\\\"; filename*=UTF-8''b.php; x=\\\".txt", malformed}, // which another reader may unquote in another way
		{"a.txt\x00.php", malformed},
		{"a\xff.txt", malformed},
		{"a/", refused},
		{"a.txt/", refused},
		{`C:\x\y.txt`, "y.txt"},
		{`C:\\x\\y.txt`, "y.txt"},
		{"/etc/passwd.txt", "passwd.txt"},
		{"'a.txt'", refused},
		{"=?utf-8?q?a=2Ephp?=.txt", "=_utf-8_q_a=2Ephp_=.txt"}, // as it stands: nobody here decodes it
		{"%2e%2e%2fa.txt", "%2e%2e%2fa.txt"},
		{"a%00.txt", "a%00.txt"},
		{"a.txt.", "a.txt"},
		{"a.txt   ", "a.txt"},
		{"x:ads.txt", "x_ads.txt"},
		{"CON.txt", "_CON.txt"},
		{"nul.txt", "_nul.txt"},
		{"LPT9.tar.txt", "_LPT9.tar.txt"},
		{"con", refused},
		{".htaccess.txt", "htaccess.txt"},
		{".txt", refused},
		{"..txt", refused},
		{"...", refused},
		{"-rf.txt", "_rf.txt"},
		{"\u202etxt.exe.txt", "txt.exe.txt"},
		{"a\u202etxt", refused},
		{"a\u200b.txt", "a.txt"},
		{"\ufeffa.txt", "a.txt"},
		{"a\uff0etxt", refused}, // a dot to the eye alone
		{"a\u2024txt", refused},
		{"e\u0301.txt", "\u00e9.txt"},
		{"a\tb.txt", "a b.txt"},
		{"a\r\n b.txt", "a b.txt"},
		{`a\"b.txt`, "a_b.txt"},
		{"<svg onload=alert(1)>.txt", "_svg onload=alert(1)_.txt"},
		{"x.txt.png", refused},
		{strings.Repeat("n", 300) + ".txt", strings.Repeat("n", 251) + ".txt"},
		{strings.Repeat("ü", 200) + ".txt", strings.Repeat("ü", 125) + ".txt"}, // between two runes
		{strings.Repeat("n", 300) + ".php.txt", strings.Repeat("n", 251) + ".txt"},
		{"Ünïcode 1.txt", "Ünïcode 1.txt"},
		{"x.txt.php", refused},
		{"x.pHp", refused},
		{"x.php::$DATA", refused},
		{"..", refused},
		{".", refused},
		{"/", refused},
		{".htaccess", refused},
		{".user.ini", refused},
		{"web.config", refused},
		{"a.txt%00.php", refused},
		{"a.svg", refused},
		{"a.html", refused},
		{"no extension", refused},
	} {
		t.Run(tc.sent, func(t *testing.T) {
			b := newBench(t, usual())
			got := refused
			b.handled = func(batch *upload.Batch, _ *http.Request) error {
				got = batch.Files("")[0].Name
				return nil
			}
			a := b.send(raw(filePart(tc.sent, "text") + end))
			if a.code == upload.CodeMalformed {
				got = malformed
			}
			if got != tc.want || got == refused && a.code != upload.CodeType || (got == refused || got == malformed) != (a.status >= 400) {
				t.Errorf("got %d %q %q, want %q", a.status, a.code, got, tc.want)
			}
		})
	}
}

// TestHostileNames: whatever a name is, what is kept of it is inert.
func TestHostileNames(t *testing.T) {
	for _, name := range []string{
		"\u202egnp.txt", "a\u200bb.txt", "-rf.txt", "  a  .txt", "CON.txt", "nul.txt", "COM1.txt", "a.txt. . ", "x:ads.txt",
		"<svg onload=alert(1)>.txt", `'; DROP TABLE files; --.txt`, "$(reboot).txt", "a\u0301\u0301\u0301\u0301.txt",
		strings.Repeat("n", 300) + ".txt", strings.Repeat("ü", 200) + ".txt", `a\"b.txt`, "a\u2024b.txt",
	} {
		b := newBench(t, usual())
		b.handled = func(batch *upload.Batch, _ *http.Request) error {
			got := batch.Files("")[0].Name
			if len(got) > 255 || !utf8.ValidString(got) || got != strings.TrimSpace(got) || strings.ContainsAny(got, `/\:<>"|?*`) ||
				strings.HasPrefix(got, ".") || strings.HasPrefix(got, "-") || strings.ContainsFunc(got, func(r rune) bool {
				return unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r)
			}) {
				t.Errorf("%q: got %q", name, got)
			}
			return nil
		}
		if a := b.send(raw(filePart(name, "text") + end)); a.status != 201 && a.code != upload.CodeType && a.code != upload.CodeMalformed {
			t.Errorf("%q: got %d %s", name, a.status, a.code)
		}
	}
}

// TestTypes: name, claim and bytes must agree.
func TestTypes(t *testing.T) {
	png, jpeg := string(uploadtest.Sample(content.PNG)), string(uploadtest.Sample(content.JPEG))
	for _, tc := range []struct {
		name, file, claim, bytes string
		status                   int
		code                     string
	}{
		{"agree", "a.png", "image/png", png, 201, ""},
		{"no claim", "a.png", "", png, 201, ""},
		{"octets", "a.png", "application/octet-stream", png, 201, ""},
		{"another case", "a.PNG", "Image/PNG; x=y", png, 201, ""},
		{"jpg", "a.jpg", "image/jpeg", jpeg, 201, ""},
		{"another claim", "a.png", "image/jpeg", png, 415, "file_type_not_accepted"},
		{"unknown claim", "a.png", "text/html", png, 415, "file_type_not_accepted"},
		{"other bytes", "a.png", "image/png", jpeg, 415, "file_type_not_accepted"},
		{"text as an image", "a.png", "image/png", "<?php", 415, "file_type_not_accepted"},
		{"an image as text", "a.txt", "text/plain", png, 415, "file_type_not_accepted"},
		{"an archive as text", "a.txt", "", "PK\x03\x04 and so on", 415, "file_type_not_accepted"},
		{"not of this field", "a.zip", "", string(uploadtest.Sample(content.ZIP)), 415, "file_type_not_accepted"},
		{"appended", "a.png", "", png + "x", 422, "content_trailing_data"},
		{"cut", "a.png", "", png[:len(png)-4], 422, "content_malformed"},
		{"one byte", "a.png", "", png[:1], 415, "file_type_not_accepted"},
		{"a page in text", "a.txt", "", "some words <script>alert(1)</script>", 422, "content_active"},
		{"a page after much text", "a.txt", "", strings.Repeat("word ", 400) + "<html><body onload=x>", 422, "content_active"},
		{"UTF-16", "a.txt", "", "\xff\xfe<\x00s\x00v\x00g\x00", 422, "content_malformed"},
		{"a drawing without xmlns", "a.txt", "", "<svg onload=alert(1)>", 422, "content_active"},
		{"a pixel flood", "a.png", "", string(uploadtest.Bomb(content.PNG, 12_000)), 422, "content_too_large"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			head := `Content-Disposition: form-data; name="files"; filename="` + tc.file + `"`
			if tc.claim != "" {
				head += "\r\nContent-Type: " + tc.claim
			}
			newBench(t, usual()).want(tc.name, raw(part(head, tc.bytes)+end), tc.status, tc.code)
		})
	}
	for name, data := range uploadtest.Disguises() {
		if a := newBench(t, usual()).send(form(uploadtest.File("files", name, data))); a.status < 400 {
			t.Errorf("%s: got %d", name, a.status)
		}
	}
}
