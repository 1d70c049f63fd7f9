package sanitize_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gopalisade/palisade/validate/sanitize"
)

// check runs a table of pure functions, and each result again: a second time must change nothing.
func check(t *testing.T, f func(string) string, cases [][3]string) {
	t.Helper()
	for _, tc := range cases {
		name, in, want := tc[0], tc[1], tc[2]
		got := f(in)
		if got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
		if again := f(got); again != got {
			t.Errorf("%s: a second time makes %q of %q", name, again, got)
		}
	}
}

func TestFilename(t *testing.T) {
	a300, e300 := strings.Repeat("a", 300), strings.Repeat("é", 300)
	check(t, sanitize.Filename, [][3]string{
		{"plain", "report.pdf", "report.pdf"},
		{"letters", "Überblick für März (2).pdf", "Überblick für März (2).pdf"},
		{"path", "../../etc/passwd", "passwd"},
		{"Windows path", `C:\Windows\win.ini`, "win.ini"},
		{"both", `a/b\c.txt`, "c.txt"},
		{"drive", "C:win.ini", "C_win.ini"},
		{"stream", "a.txt:b.exe", "a.txt_b.exe"},
		{"forbidden", `a<b>c"d|e?f*g`, "a_b_c_d_e_f_g"},
		{"separators of other sets", "a／b＼c∕d⁄e", "a_b_c_d_e"},
		{"dots", "..", "unnamed"},
		{"wide dots", "．．", "unnamed"},
		{"hidden", ".htaccess", "htaccess"},
		{"trailing dots and spaces", "a.txt. . ", "a.txt"},
		{"leading spaces", "  a.txt", "a.txt"},
		{"option", "-rf", "_rf"},
		{"home", "~root", "_root"},
		{"controls", "a\x00b\x1bc\x7f.txt", "abc.txt"},
		{"line ends", "a\r\nb\u2028c.txt", "a b c.txt"},
		{"spaces that hide an extension", "a.pdf" + strings.Repeat(" \u200b\u3000", 50) + ".exe", "a.pdf .exe"},
		{"marks on marks", "a" + strings.Repeat("\u0301", 40) + ".txt", "á" + strings.Repeat("\u0301", 16) + ".txt"},
		{"signs of money", `..¥..¥windows₩a﹨b`, "_.._windows_a_b"},
		{"wide option", "－rf", "_rf"},
		{"wide home", "～root", "_root"},
		{"wide device", "ＣＯＮ", "_ＣＯＮ"},
		{"wide port", "com１.txt", "_com１.txt"},
		{"wide dot", "CON．txt", "_CON．txt"},
		{"override", "photo\u202egpj.exe", "photogpj.exe"},
		{"invisible", "a\u200b\ufeff\u00ad\u3164b.txt", "ab.txt"},
		{"spaces of other scripts", "a\u00a0b\u3000c", "a b c"},
		{"composed", "e\u0301.txt", "é.txt"},
		{"no UTF-8", "a\xff\xfeb.txt", "a_b.txt"},
		{"device", "CON", "_CON"},
		{"device with extension", "nul.tar.gz", "_nul.tar.gz"},
		{"device with spaces", "aux  .txt", "_aux .txt"},
		{"ports", "com1.txt", "_com1.txt"},
		{"superscript port", "LPT².txt", "_LPT².txt"},
		{"console", "CONIN$", "_CONIN$"},
		{"no devices", "CONSOLE.txt", "CONSOLE.txt"},
		{"no ports", "com10.txt", "com10.txt"},
		{"no port", "com.txt", "com.txt"},
		{"nothing", "", "unnamed"},
		{"slash", "a/", "unnamed"},
		{"spaces", "  ", "unnamed"},
		{"long", a300, a300[:255]},
		{"long with extension", a300 + ".pdf", a300[:251] + ".pdf"},
		{"long in two bytes", e300 + ".pdf", e300[:250] + ".pdf"},
		{"long extension", "a." + a300, "a." + a300[:253]},
		{"cut at a space", a300[:250] + "  a" + ".pdf", a300[:250] + ".pdf"},
		{"device after the cut", "CON" + strings.Repeat(" .", 150) + "x.txt", "_CON.txt"},
	})
}

func TestCSVCell(t *testing.T) {
	check(t, sanitize.CSVCell, [][3]string{
		{"nothing", "", ""},
		{"plain", "a=b", "a=b"},
		{"equals", "=1+1", "'=1+1"},
		{"plus", "+49 30 1234", "'+49 30 1234"},
		{"minus", "-5+cmd|' /C calc'!A0", "'-5+cmd|' /C calc'!A0"},
		{"at", "@SUM(1)", "'@SUM(1)"},
		{"tab", "\t =1", "'\t '=1"},
		{"carriage return", "\r=1", "'\r'=1"},
		{"line feed", "\na", "'\na"},
		{"wide", "＝1", "'＝1"},
		{"wide plus", "＋1", "'＋1"},
		{"wide minus", "－1", "'－1"},
		{"wide at", "＠a", "'＠a"},
		{"small", "﹦1", "'﹦1"},
		{"spaces", "  =1", "  '=1"},
		{"invisible", "\ufeff\u200b=1", "\ufeff\u200b'=1"},
		{"quotation mark", `"=1`, `"'=1`},
		{"negative", "-5", "-5"},
		{"positive", "+5", "+5"},
		{"fraction", "-5.25", "-5.25"},
		{"exponent", "+1.5e-3", "+1.5e-3"},
		{"no number", "-", "'-"},
		{"two signs", "--5", "'--5"},
		{"no exponent", "-5e", "'-5e"},
		{"no fraction", "-5.", "'-5."},
		{"semicolon", "a;=1", "a;'=1"},
		{"comma", `a,"=1`, `a,"'=1`},
		{"bar and tab", "a|=1\t@b", "a|'=1\t'@b"},
		{"line", "a\n-b", "a\n'-b"},
		{"separators", ";;=1", ";;'=1"},
		{"prose", "Hi, @you - and = or; +1", "Hi, @you - and = or; +1"},
		{"behind a separator and a space", "a; =1", "a; =1"},
		{"smiley", "Hi ;-)", "Hi ;'-)"},
		{"written before", "'=1", "'=1"},
	})
}

// No reader, whatever it takes for a separator and however it reads quotation marks, finds a cell that is a formula.
func TestCSVCellReaders(t *testing.T) {
	for _, in := range []string{
		"=1", "a;=1", `a;"=1+1"`, "a,=1", "a\t=1", "a\n=1", `";=1`, `a";"=1`, "a|=1", ";;;=1", `"";"=1`, "＝1;＝1", "a\r\n@b",
	} {
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		if err := w.Write([]string{"id", sanitize.CSVCell(in)}); err != nil {
			t.Fatal(err)
		}
		w.Flush()
		for _, sep := range ",;|\t" {
			ends := func(r rune) bool { return r == sep || r == '\n' || r == '\r' }
			for cell := range strings.FieldsFuncSeq(b.String(), ends) {
				if first, _ := utf8.DecodeRuneInString(strings.Trim(cell, `" `)); strings.ContainsRune("=+-@＝", first) {
					t.Errorf("%q: split at %q a cell is %q", in, sep, cell)
				}
			}
		}
	}
}

func TestLogLine(t *testing.T) {
	a := strings.Repeat("a", 2000)
	check(t, sanitize.LogLine, [][3]string{
		{"nothing", "", ""},
		{"plain", `user "ä" logged in: C:\new`, `user "ä" logged in: C:\new`},
		{"forged line", "a\r\nERROR b", `a\r\nERROR b`},
		{"escape", "\x1b[2Ja\u009b1m", `\x1b[2Ja\u009b1m`},
		{"controls", "\x00\x07\x08\t\x7f", `\x00\a\b\t\x7f`},
		{"separators", "a\u2028b\u2029c\u0085d", `a\u2028b\u2029c\u0085d`},
		{"bidirectional", "a\u202eb\u2066c", `a\u202eb\u2066c`},
		{"zero-width", "a\u200b\ufeffb", `a\u200b\ufeffb`},
		{"blank letters", "a\u3164\u2800b", `a\u3164\u2800b`},
		{"tags", "a\U000E0041", `a\U000e0041`},
		{"private and unassigned", "\ue000\u0378", `\ue000\u0378`},
		{"no UTF-8", "a\xff\x80b", `a\xff\x80b`},
		{"replacement", "\uFFFD", "\uFFFD"},
		{"longest", a[:1024], a[:1024]},
		{"too long", a, a[:1021] + "…"},
		{"cut before an escape", a[:1018] + "\u202eb", a[:1018] + "…"},
		{"cut before a letter", a[:1021] + "éé", a[:1021] + "…"},
	})
}

func TestName(t *testing.T) {
	check(t, sanitize.Name, [][3]string{
		{"nothing", "", ""},
		{"plain", "Seán O'Brien-Łuk, Jr.", "Seán O'Brien-Łuk, Jr."},
		{"spaces", " \tAda \n\u00a0 Lovelace\u3000", "Ada Lovelace"},
		{"composed", "Jo\u0308rg", "Jörg"},
		{"controls", "A\x00d\x1ba\u0085", "Ada"},
		{"invisible", "A\u200bd\ufeffa\u00ad", "Ada"},
		{"bidirectional", "\u202eadA\u202c", "adA"},
		{"blank", "\u3164\u2800\u200b", ""},
		{"joiner in Persian", "حسن\u200cزاده", "حسن\u200cزاده"},
		{"joiner in Latin", "A\u200cd\u200da", "Ada"},
		{"joiners in a row", "ن\u200c\u200dز", "ن\u200dز"},
		{"joiner at the end", "ن\u200c", "ن"},
		{"joiner behind a space", "ن \u200cز", "ن ز"},
		{"no UTF-8", "A\xff", "A\uFFFD"},
		{"marks out of order", "ا\u0301\u064e\u200dب", "ا\u064e\u0301ب"},
		{"marks that change places", "ا\u0301\u200b\u064e\u200dب", "ا\u064e\u0301ب"},
		{
			"joiners that fall one by one", "ا\u0301\u200b" + strings.Repeat("\u064e\u200d", 8) + "ب",
			"ا" + strings.Repeat("\u064e", 8) + "\u0301ب",
		},
		{"marks on marks", "Z" + strings.Repeat("\u0301", 40) + "a", "\u0179" + strings.Repeat("\u0301", 15) + "a"},
	})
}

func TestHeader(t *testing.T) {
	check(t, sanitize.Header, [][3]string{
		{"nothing", "", ""},
		{"plain", "Re: a  b", "Re: a  b"},
		{"second field", "a\r\nBcc: b@example.com", "a Bcc: b@example.com"},
		{"body", "a\r\n\r\n<script>", "a <script>"},
		{"line feed", "a\nb", "a b"},
		{"carriage return", "a\rb", "a b"},
		{"controls", "\x00a\x0b\x0c\tb\x7f", "a b"},
		{"separators", "a\u2028b\u2029c\u0085d", "a b c d"},
		{"ends", " \ta\r\n", "a"},
		{"letters", "Grüße", "Grüße"},
		{"no UTF-8", "a\xffb", "a\uFFFDb"},
	})
}

func TestPlacesLinear(t *testing.T) {
	for name, f := range map[string]func(string) string{
		"Filename": sanitize.Filename, "CSVCell": sanitize.CSVCell, "LogLine": sanitize.LogLine, "Name": sanitize.Name,
		"Header": sanitize.Header,
		"Email":  func(s string) string { s, _ = sanitize.Email(s); return s },
	} {
		t.Run(name, func(t *testing.T) {
			for _, bomb := range []string{"a", ".", " ", "\u0301", ";=", "\u200c", "\xff", "@", "\r"} {
				linear(t, bomb, func(s string) { f(s) })
			}
		})
	}
}
