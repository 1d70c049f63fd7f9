package formats_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/internal/formats"
)

func TestBase64(t *testing.T) {
	check(t, formats.Base64, []string{"AA==", "AAA=", "AAAA", "+/+/", "aGVsbG8gd29ybGQ=", "/w==", "09az"}, []no{
		{"no padding", "AA"},
		{"half the padding", "AA="},
		{"too much padding", "AAAA===="},
		{"three signs", "A==="},
		{"only padding", "===="},
		{"padding inside", "AA==AAAA"},
		{"padding between", "A=A="},
		{"bits left over", "AB=="},
		{"bits left over, three", "AAB="},
		{"bits of a slash", "A/=="},
		{"other alphabet", "-_-_"},
		{"line break", "AAAA\nAAAA"},
		{"line breaks of fours", "\r\n\r\n"},
		{"space", "AAA "},
		{"five", "AAAAA"},
		{"not ASCII", "ÄÄ"},
	})
	check(t, formats.Base64URL, []string{"AA==", "-_-_", "_w=="}, []no{
		{"no padding", "AA"}, {"other alphabet", "+/+/"}, {"bits left over", "-_=="},
	})
	check(t, formats.Base64RawURL, []string{"AA", "AAA", "AAAA", "_w", "-_-_", "a0Q"}, []no{
		{"padding", "AA=="},
		{"one", "A"},
		{"five", "AAAAA"},
		{"bits left over", "AB"},
		{"bits left over, three", "AAB"},
		{"bits of a digit", "A1"},
		{"other alphabet", "+w"},
	})
}

// TestBase64Last puts every byte last, where some of its bits are left over.
func TestBase64Last(t *testing.T) {
	for c := range 256 {
		for _, s := range []string{"A" + string([]byte{byte(c)}) + "==", "AA" + string([]byte{byte(c)}) + "="} {
			_, err := base64.StdEncoding.Strict().DecodeString(s)
			if got, want := formats.Base64(s), err == nil && !strings.ContainsAny(s, "\r\n"); got != want {
				t.Errorf("%q: got %t, want %t", s, got, want)
			}
		}
	}
}

func TestJSON(t *testing.T) {
	check(t, formats.JSON, []string{`{}`, `[]`, `null`, `"a"`, `1.5e3`, ` {"a":1} `, `{"a":1,"a":2}`}, []no{
		{"trailing", `{}x`},
		{"two values", `{}{}`},
		{"NUL behind", "{}\x00"},
		{"space", " "},
		{"open", `{"a":`},
		{"comma last", `[1,]`},
		{"single quotes", `{'a':1}`},
		{"comment", `{}//`},
		{"byte order mark", "\ufeff{}"},
		{"broken UTF-8", "\"\xff\""},
		{"not a number", "NaN"},
		{"leading zero", "01"},
		{"control in a string", "\"a\nb\""},
		{"long", `"` + strings.Repeat("a", 64<<10) + `"`},
		{"deep", strings.Repeat("[", 60<<10)},
	})
}

func TestJSONPointer(t *testing.T) {
	check(t, formats.JSONPointer, []string{
		"", "/", "/a/0/-", "/a~1b", "/m~0n", "/~01", "//", "/ü", "/c%d", "/ ", "/" + strings.Repeat("a", 1023),
	}, []no{
		{"no slash", "a"},
		{"fragment", "#/a"},
		{"tilde last", "/a~"},
		{"tilde and 2", "/a~2"},
		{"two tildes", "/~~0"},
		{"tilde and slash", "/~/a"},
		{"broken UTF-8", "/\xff"},
		{"long", "/" + strings.Repeat("a", 1024)},
	})
}
