package formats_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/gopalisade/palisade/internal/formats"
)

func TestPrintable(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		line, page bool // is it accepted in one line, and on a page of lines?
	}{
		{"empty", "", true, true},
		{"words", "Grüezi, 世界!", true, true},
		{"emoji with joiners", "👩\u200d💻", true, true},
		{"Hebrew", "שלום\u200f", true, true},
		{"line break", "a\nb", false, true},
		{"line breaks of Windows", "a\r\nb\r\n", false, true},
		{"tab", "a\tb", false, true},
		{"carriage return", "a\rb", false, false},
		{"carriage return last", "a\r", false, false},
		{"two carriage returns", "a\r\r\n", false, false},
		{"line separator", "a\u2028b", false, true},
		{"paragraph separator", "a\u2029b", false, true},
		{"NUL", "a\x00", false, false},
		{"escape sequence", "\x1b[31m", false, false},
		{"vertical tab", "a\vb", false, false},
		{"delete", "a\x7f", false, false},
		{"C1 control", "a\u0085b", false, false},
		{"C1 escape", "\u009b31m", false, false},
		{"right-to-left override", "a\u202eb", false, false},
		{"left-to-right embedding", "a\u202ab", false, false},
		{"isolate", "a\u2066b\u2069", false, false},
		{"noncharacter", "a\ufffe", false, false},
		{"noncharacter of Arabic", "a\ufdd0", false, false},
		{"last noncharacter", "a\U0010ffff", false, false},
		{"replacement character", "a\ufffd", true, true},
		{"tags", "a\U000E0041\U000E007F", false, false},
		{"annotation", "a\ufff9b\ufffac\ufffb", false, false},
		{"byte order mark in front", "\ufeffa", false, false},
		{"byte order mark inside", "a\ufeffb", true, true},
		{"broken UTF-8", "a\xff", false, false},
		{"overlong", "\xc0\xaf", false, false},
		{"surrogate", "\xed\xa0\x80", false, false},
		{"half a character", "a\xe4\xb8", false, false},
	} {
		if line, page := formats.Printable(tc.text, false), formats.Printable(tc.text, true); line != tc.line || page != tc.page {
			t.Errorf("%s: %q: got %t in a line and %t on a page, want %t and %t", tc.name, tc.text, line, page, tc.line, tc.page)
		}
	}
}

func TestPrintableCharacters(t *testing.T) {
	for r := range rune(unicode.MaxRune + 1) {
		if 0xD800 <= r && r <= 0xDFFF {
			continue // not in UTF-8
		}
		want := !unicode.In(r, unicode.Cc, unicode.Noncharacter_Code_Point, unicode.Zl, unicode.Zp) &&
			!strings.ContainsRune("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufff9\ufffa\ufffb\ufeff", r) &&
			(r < 0xE0000 || r > 0xE007F)
		if got := formats.Printable(string(r), false); got != want {
			t.Errorf("%U: got %t, want %t", r, got, want)
		}
	}
}

func TestSingleScript(t *testing.T) {
	check(t, formats.SingleScript, []string{
		"", "123 !?", "alice", "Jürgen", "Ærøskøbing", "привет", "Ελλάδα", "東京タワーとTokyo", "台北ㄅTaipei", "서울漢字Seoul", "שלום",
		"नमस्ते", "a\u0301", "привет 123 😀", "ａｂｃ", "ไทย",
	}, []no{
		{"Cyrillic in Latin", "pаypal"},
		{"Latin in Cyrillic", "приbет"},
		{"Greek in Latin", "αpple"},
		{"Greek in Cyrillic", "αприл"},
		{"Cherokee in Latin", "Ꭺpple"},
		{"Armenian in Latin", "hօuse"},
		{"Latin in Hebrew", "שלוםa"},
		{"Arabic in Hebrew", "שלוםب"},
		{"Korean with Japanese", "서울とうきょう"},
		{"Japanese with Chinese letters", "とㄅ"},
		{"Cyrillic with Han", "а漢"},
		{"mathematical and Cyrillic", "𝐚а漢"},
		{"not assigned", "\u0378"},
		{"private use", "\ue000a"},
	})
}
