package formats_test

import (
	"strings"
	"testing"

	"github.com/gopalisade/palisade/internal/formats"
)

func TestAlphabets(t *testing.T) {
	for _, tc := range []struct {
		name   string
		format func(string) bool
		want   func(c byte) bool
	}{
		{"Alpha", formats.Alpha, func(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }},
		{"AlphaNum", formats.AlphaNum, func(c byte) bool {
			return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		}},
		{"ASCII", formats.ASCII, func(c byte) bool { return c <= 127 }},
		{"PrintASCII", formats.PrintASCII, func(c byte) bool { return 32 <= c && c <= 126 }},
		{"Digits", formats.Digits, func(c byte) bool { return '0' <= c && c <= '9' }},
		{"Hex", formats.Hex, func(c byte) bool { return strings.IndexByte("0123456789abcdefABCDEF", c) >= 0 }},
	} {
		for c := range 256 { // every byte, first, last and alone
			for _, s := range []string{string([]byte{byte(c)}), "0" + string([]byte{byte(c)}), string([]byte{byte(c), '0'})} {
				if tc.name == "Alpha" {
					s = strings.ReplaceAll(s, "0", "a")
					if c == '0' {
						continue
					}
				}
				if got, want := tc.format(s), tc.want(byte(c)); got != want {
					t.Errorf("%s(%q): got %t, want %t", tc.name, s, got, want)
				}
			}
		}
	}
}

func TestDecimal(t *testing.T) {
	check(t, formats.Decimal, []string{"0", "00.50", "-1", "+1.25", "12345678901234567890.1"}, []no{
		{"no digits", "-"},
		{"no whole", ".5"},
		{"no fraction", "5."},
		{"two points", "1.2.3"},
		{"two signs", "--1"},
		{"exponent", "1e5"},
		{"hexadecimal", "0x10"},
		{"not a number", "NaN"},
		{"infinity", "Inf"},
		{"thousands", "1,000"},
		{"underscore", "1_000"},
		{"space", " 1"},
		{"other digits", "١٢"},
		{"full width", "１"},
	})
}

func TestSlug(t *testing.T) {
	check(t, formats.Slug, []string{"a", "2024", "hello-world", "a-1-b", strings.Repeat("a", 128)}, []no{
		{"hyphen first", "-a"},
		{"hyphen last", "a-"},
		{"two hyphens", "a--b"},
		{"upper case", "Hello"},
		{"underscore", "a_b"},
		{"dots", "../a"},
		{"slash", "a/b"},
		{"escape", "a%2fb"},
		{"letter of another script", "аbc"},
		{"too long", strings.Repeat("a", 129)},
	})
}

func TestCase(t *testing.T) {
	check(t, formats.Lowercase, []string{"a", "ß", "straße 1!", "яж", "漢", "ı"}, []no{
		{"ASCII", "aB"}, {"Cyrillic", "Яж"}, {"title case", "ǅ"}, {"Kelvin sign", "\u212a"}, {"full width", "Ａ"},
	})
	check(t, formats.Uppercase, []string{"A", "ÄÖ 1!", "Я", "漢"}, []no{
		{"ASCII", "Ab"}, {"Cyrillic", "Яж"}, {"title case", "ǅ"}, {"long s", "ſ"}, {"dotless i", "ı"},
	})
}
