package sanitize_test

import (
	"net/mail"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/gopalisade/palisade/internal/formats"
	"github.com/gopalisade/palisade/validate/sanitize"
)

// FuzzHTML: sanitised HTML is a fixed point, holds nothing but the closed set of elements and attributes in any parsing
// context, and stays in its place.
func FuzzHTML(f *testing.F) {
	for _, p := range payloads(f) {
		f.Add(p.text)
	}
	all := settings(f)
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > 4096 {
			return
		}
		for name, h := range all {
			if err := invariant(h, s); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// FuzzText: text is a fixed point, and has no markup however often its character references are decoded.
func FuzzText(f *testing.F) {
	for _, p := range payloads(f) {
		f.Add(p.text)
	}
	f.Add(nest(3))
	f.Add("&amp;lt;b&amp;gt;")
	f.Fuzz(func(t *testing.T, s string) {
		if err := plain(s); err != nil {
			t.Error(err)
		}
		if out := sanitize.Text(s); !utf8.ValidString(out) || strings.ContainsFunc(out, control) {
			t.Errorf("text has a control or is no UTF-8: %q", out)
		}
	})
}

func control(r rune) bool { return unicode.IsControl(r) && r != '\t' && r != '\n' }

// FuzzEmail: an address in normal form is a fixed point, is read by other parsers as one address, and fits its limits.
// Its key is a fixed point too, and the same whichever form it is made from.
func FuzzEmail(f *testing.F) {
	for _, s := range []string{
		"a@example.com", "J.Doe+x@MÜNCHEN.de", "\u212A@example.com", "a@xn--a.com", "a@ß.de", "Ａ@ａ。com", "\"a b\"@c.d",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := sanitize.Email(s)
		if takes := formats.EmailIntl(s); takes && err != nil || err == nil && !formats.EmailIntl(got) {
			t.Errorf("%q becomes %q, %v, and the format says %t of it", s, got, err, takes)
		}
		if err != nil {
			return
		}
		if again, err := sanitize.Email(got); again != got || err != nil {
			t.Errorf("an address is no fixed point: %q, then %q, %v", got, again, err)
		}
		if a, err := mail.ParseAddress(got); err != nil || a.Address != got || len(got) > 254 {
			t.Errorf("net/mail reads %q as %v, %v", got, a, err)
		}
		key, err := sanitize.EmailKey(s)
		if err != nil {
			return
		}
		for _, form := range []string{got, key} {
			if again, err := sanitize.EmailKey(form); again != key || err != nil {
				t.Errorf("the key of %q is %q, %v, want %q", form, again, err, key)
			}
		}
	})
}

// FuzzFilename: a file name is a fixed point, one element of a path on every system, and neither hidden nor a device.
func FuzzFilename(f *testing.F) {
	long := strings.Repeat("é", 200) + ".pdf"
	for _, s := range []string{"a.txt", "../a", `a\b`, "CON .txt", ".a", "e\u0301", long, "-", "com¹"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := sanitize.Filename(s)
		if again := sanitize.Filename(got); again != got {
			t.Errorf("a file name is no fixed point: %q, then %q", got, again)
		}
		if got == "" || len(got) > 255 || !utf8.ValidString(got) || !norm.NFC.IsNormalString(got) {
			t.Errorf("%q is empty, too long, no UTF-8 or not composed", got)
		}
		if filepath.Base(got) != got || strings.ContainsAny(got, `/\:*?"<>|`) || !filepath.IsLocal(got) {
			t.Errorf("%q is no element of a path", got)
		}
		if strings.Trim(got, ". ") != got || got[0] == '-' || strings.ContainsFunc(got, unicode.IsControl) {
			t.Errorf("%q begins or ends wrongly, or has a control", got)
		}
		stem, _, _ := strings.Cut(got, ".")
		switch strings.ToUpper(strings.TrimRight(stem, " ")) {
		case "CON", "PRN", "AUX", "NUL", "COM1", "LPT9":
			t.Errorf("%q is a device", got)
		}
	})
}

// FuzzPlaces: what is safe for a cell, a line, a name or a header is a fixed point, and has nothing that ends it.
func FuzzPlaces(f *testing.F) {
	long := strings.Repeat("é", 600)
	for _, s := range []string{"=1", "a;=1", "-5", "\t=1", "a\r\nb", "\x1b[1m", "\u202e", "ن\u200cز", "\xff", long} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for name, place := range map[string]func(string) string{
			"CSVCell": sanitize.CSVCell, "LogLine": sanitize.LogLine, "Name": sanitize.Name, "Header": sanitize.Header,
		} {
			got := place(s)
			if again := place(got); again != got {
				t.Errorf("%s is no fixed point: %q, then %q", name, got, again)
			}
			if name != "CSVCell" && (strings.ContainsFunc(got, unicode.IsControl) || strings.ContainsAny(got, "\u2028\u2029")) {
				t.Errorf("%s has a control: %q", name, got)
			}
			if name != "CSVCell" && !utf8.ValidString(got) {
				t.Errorf("%s is no UTF-8: %q", name, got)
			}
		}
		if got := sanitize.LogLine(s); len(got) > 1024 || strings.ContainsAny(got, "\u202b\u202e\u2067\u200b") {
			t.Errorf("LogLine is too long or reorders: %q", got)
		}
		if got := sanitize.CSVCell(s); got != s && got != "" && strings.ContainsRune("=+-@\t\r＝", []rune(got)[0]) {
			t.Errorf("CSVCell begins a formula: %q", got)
		}
	})
}

// FuzzPRECIS: a user name and a password are fixed points.
func FuzzPRECIS(f *testing.F) {
	for _, s := range []string{"Alice", "ＡＬＩＣＥ", "İ", "ΣΑΣ", "a b", "\u1E9E", "ᾳ", "א1", "🔑"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for name, form := range map[string]func(string) (string, error){
			"Username": sanitize.Username, "Password": sanitize.Password,
		} {
			got, err := form(s)
			if err != nil {
				continue
			}
			if again, err := form(got); again != got || err != nil || got == "" {
				t.Errorf("%s is no fixed point: %q, then %q, %v", name, got, again, err)
			}
		}
	})
}
