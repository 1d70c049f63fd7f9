package sanitize_test

import (
	"html"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/validate/sanitize"
)

func TestText(t *testing.T) {
	for _, tc := range []struct{ name, in, want string }{
		{"nothing", "", ""},
		{"plain", "it's 5 < 6 & 7 > 6, \"so\" <3", "it's 5 < 6 & 7 > 6, \"so\" <3"},
		{"query", "?a=1&copy=2&quot=3&b", "?a=1&copy=2&quot=3&b"},
		{"more of a query", "?a=1&lt=3&amp=4&lt5&amplifier &ampamplifier", "?a=1&lt=3&amp=4&lt5&amplifier &ampamplifier"},
		{"references in a row", "&ampamp;lt;b>&ampAMP&#60;b>&amp;lt=3&amp ", "&&lt=3& "},
		{"white space stays", "  a\n\n\tb  ", "  a\n\n\tb  "},
		{"line ends", "a\r\nb\rc", "a\nb\nc"},
		{"controls", "a\x00b\x1b[1mc\u0085d", "ab[1mcd"},
		{"no UTF-8", "a\xffb\uFFFD", "a\uFFFDb\uFFFD"},
		{"tags", `<b>a</b> &amp; <a href="http://h">b</a>`, "a & b"},
		{"blocks are lines", "<h1>a</h1><p>b</p><ul><li>c</li><li>d</ul>e<br>f", "a\nb\nc\nd\ne\nf"},
		{"lines are not doubled", "<p>a</p>\n<p>b</p>\n", "a\nb\n"},
		{"cells", "<tr><td>a</td><td>b</td></tr><tr><td>c", "a b\nc"},
		{"references", "&eacute;&#233;&#xE9;&#233 &nbsp;&semi;", "ééé\u00e9 \u00a0;"},
		{"two characters", "&NotEqualTilde;", "\u2242\u0338"},
		{"unknown references", "&notit; &foo; &; & &# &#x; &#xg", "&notit; &foo; &; & &# &#x; &#xg"},
		{"control references", "a&#1;b&#0;c&#x1b;d&#13;e", "ab\uFFFDcd\ne"},
		{
			"content that is not shown",
			"a<script>b</script><style>c</style><template>d<template>e</template>f</template>g<iframe>h</iframe>",
			"ag",
		},
		{"unfinished script", "use <script> here? <b>Thanks", "use < script> here? Thanks"},
		{"address", "Ada <ada@example.com> wrote", "Ada < ada@example.com> wrote"},
		{"URL", "see <https://example.com/x>", "see < https://example.com/x>"},
		{"comparison", "if a<b && c>d then", "if a< b && c>d then"},
		{"type", "map<string,int>", "map< string,int>"},
		{"comments", "a<!-- <b> -->b<!doctype html>c<?x?>d", "abcd"},
		{"no tags", "a</>b</ c>d", "a< />b< / c>d"},
		{"comments in what is not shown", "a<template><!-- </template>b", "ab"},
		{"unfinished", "a<b c", "a< b c"},
		{"unfinished in a tag", "a<b x=\"<script>c", "a< b x=\"< script>c"},
		{"unfinished end", "I </3 you", "I < /3 you"},
		{"unfinished comment", "a <!-- b", "a < !-- b"},
		{"last character", "a<", "a<"},
		{"last characters", "a</", "a< /"},
		{"raw text", "<textarea><b>a</b></textarea><xmp><i>b</xmp>", "ab"},
		{"encoded once", "a&lt;script&gt;b&lt;/script&gt;c", "ac"},
		{"encoded twice", "a&amp;lt;script&amp;gt;b&amp;lt;/script&amp;gt;c", "ac"},
		{"encoded in three ways", "a&#38;#x26;lt;b>b", "ab"},
		{"without semicolons", "a&LTb&GT;b&ltb>c&#60b>d&#x3Ci>e&ampltb>f", "abcdef"},
		{"reference in a reference", "a&am&#112;;lt;b>b", "ab"},
		{"reference cut by a tag", "a&am<b>p;lt;i>b", "ab"},
		{"reference cut by a control", "a&l&#1;t;b>b", "ab"},
		{"tag cut by a tag", "a<<b>i>b", "ab"},
		{"tag cut by a comment", "a<<!-- -->i>b", "ab"},
		{"leading zeros", "&#" + strings.Repeat("0", 100) + "60;b>a", "a"},
		{"overflow", "&#4294967356;b>a", sanitize.Text(html.UnescapeString("&#4294967356;b>a"))},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := sanitize.Text(tc.in); got != tc.want {
				t.Errorf("got  %q\nwant %q", got, tc.want)
			}
			if err := plain(tc.in); err != nil {
				t.Error(err)
			}
		})
	}
}

// nest needs n rounds of decoding before a tag is there: each uncovers the semicolon of the reference before.
func nest(n int) string { return "&&num" + strings.Repeat("&semi", n) + ";60;b>a" }

func TestTextRounds(t *testing.T) {
	for _, layers := range []int{1, 2, 15, 16, 17, 18, 100, 5000} {
		plainly := strings.Repeat("amp;", layers)
		for name, s := range map[string]string{
			"ampersands": "a&" + plainly + "lt;script&" + plainly + "gt;b",
			"nested":     nest(layers),
			"tags":       strings.Repeat("<", layers) + strings.Repeat("b>", layers),
			"mixed":      strings.Repeat("&lt", layers) + strings.Repeat("<b>b&gt;", layers),
			"digits":     "&" + strings.Repeat("#3&", layers) + strings.Repeat("#56;", layers) + "lt;b>",
		} {
			if err := plain(s); err != nil {
				t.Errorf("%d %s: %v", layers, name, err)
			}
		}
	}
	// Beyond the bound nothing is left that could be decoded or be a tag.
	for _, tc := range []struct {
		layers int
		want   string
	}{{5, "1 < 2 a"}, {12, "1 < 2 a"}, {40, "1  2 num" + strings.Repeat("semi", 24) + ";60;b>a"}} {
		if got := sanitize.Text("1 < 2 " + nest(tc.layers)); got != tc.want {
			t.Errorf("%d layers: got %q, want %q", tc.layers, got, tc.want)
		}
	}
}

func TestTextPayloads(t *testing.T) {
	for _, p := range payloads(t) {
		encoded := p.text
		for range 4 {
			if err := plain(encoded); err != nil {
				t.Errorf("line %d: %v", p.line, err)
			}
			encoded = html.EscapeString(encoded)
		}
	}
}

func TestTextLinear(t *testing.T) {
	for _, bomb := range append([]string{"&am&#112;;", "&amp;lt", "&l<b>t", "&a", "&#60", "<<b>b>"}, bombs...) {
		linear(t, bomb, func(s string) { sanitize.Text(s) })
	}
}
