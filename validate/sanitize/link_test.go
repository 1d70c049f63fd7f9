package sanitize_test

import (
	"strings"
	"testing"

	"github.com/gopalisade/palisade/validate/sanitize"
)

func TestHTMLLinks(t *testing.T) {
	long := "http://h/" + strings.Repeat("a", 2048)
	for _, tc := range []struct {
		in             string
		want, relative string // the href, or empty where the element goes
	}{
		{"http://example.com", "http://example.com", "http://example.com"},
		{
			" HTTPS://Example.com:8/a?b=c&amp;d=e#f ",
			"https://example.com:8/a?b=c&amp;d=e#f",
			"https://example.com:8/a?b=c&amp;d=e#f",
		},
		{"https://example.com/a|b", "https://example.com/a%7Cb", "https://example.com/a%7Cb"},
		{"mailto:a@example.com?subject=b", "mailto:a@example.com?subject=b", "mailto:a@example.com?subject=b"},
		{"/a", "", "/a"},
		{"a/b?c#d", "", "a/b?c#d"},
		{"#a", "", "#a"},
		{"", "", ""},
		{"//example.com", "", ""},
		{"///example.com", "", ""},
		{"////example.com", "", ""},
		{`/\example.com`, "", ""},
		{`\\example.com`, "", ""},
		{`\/example.com`, "", ""},
		{"/&#9;/example.com", "", ""},
		{"/ /example.com", "", ""},
		{"http:/example.com", "", ""},
		{"http:example.com", "", ""},
		{"http:///example.com", "", ""},
		{"http://:80/", "", ""},
		{`https:\\example.com`, "", ""},
		{`https://a\@example.com`, "", ""},
		{"https://user@example.com", "", ""},
		{"https://a:b@example.com", "", ""},
		{"https://example.com/%zz", "", ""},
		{"https://example.com/a b", "", ""},
		{"https://example.com/\u202ea", "", ""},
		{"https://example.com/\u00a0a", "", ""},
		{"http://192.0.2.1/", "http://192.0.2.1/", "http://192.0.2.1/"},
		{"http://[2001:db8::1]:80/", "http://[2001:db8::1]:80/", "http://[2001:db8::1]:80/"},
		{"https://r3---sn.example:", "https://r3---sn.example", "https://r3---sn.example"},
		{"https://münchen.example/ö", "https://xn--mnchen-3ya.example/%C3%B6", "https://xn--mnchen-3ya.example/%C3%B6"},
		{"https://m%C3%BCnchen.example", "https://xn--mnchen-3ya.example", "https://xn--mnchen-3ya.example"},
		{"https://good.example。evil.example", "https://good.example.evil.example", "https://good.example.evil.example"},
		{"https://good.example%E3%80%82evil.example", "https://good.example.evil.example", "https://good.example.evil.example"},
		{"http://%C2%ADevil.example", "http://evil.example", "http://evil.example"},
		{"https://good.example%EF%BC%8Fevil.example", "", ""},
		{"http://127.1", "", ""},
		{"http://0x7f.1/", "", ""},
		{"http://%EF%BC%91%EF%BC%92%EF%BC%97.1", "", ""},
		{"http://%EF%BC%91%EF%BC%92%EF%BC%97.0.0.1", "", ""},
		{"http://xn--a.example", "", ""},
		{"http://[::ffff:127.0.0.1]/", "", ""},
		{"http://[fe80::1%25eth0]/", "", ""},
		{"http://x&quot;y.example", "", ""},
		{"http://a_b.example", "", ""},
		{"http://example.com.", "", ""},
		{"http://example.com:0", "", ""},
		{"http://example.com:99999", "", ""},
		{"mailto:a@example.com%0d%0aBcc:b", "", ""},
		{"mailto:a@example.com?subject=a%0ABcc:b", "", ""},
		{"mailto:a@example.com?subject=100%", "", ""},
		{"mailto:", "", ""},
		{"mailto://example.com", "", ""},
		{"ftp://example.com", "", ""},
		{"tel:1", "", ""},
		{"javascript:hit(1)", "", ""},
		{"java&#10;script:hit(1)", "", ""},
		{"&#1;javascript:hit(1)", "", ""},
		{"javascript&colon;hit(1)", "", ""},
		{"vbscript:hit(1)", "", ""},
		{"data:image/svg+xml,<svg>", "", ""},
		{"x:y", "", ""},
		{long, "", ""},
	} {
		for name, c := range map[string]struct {
			cfg  sanitize.HTMLConfig
			want string
		}{
			"absolute": {sanitize.HTMLConfig{}, tc.want},
			"relative": {sanitize.HTMLConfig{RelativeLinks: true}, tc.relative},
		} {
			want := "x"
			if c.want != "" {
				want = `<a href="` + c.want + `"` + relText + ">x</a>"
			}
			got, err := newHTML(t, c.cfg).Sanitize(`<a href="` + tc.in + `" target=_top rel=opener>x</a>`)
			if got != want || err != nil {
				t.Errorf("%s %.60q: got %q, %v, want %q", name, tc.in, got, err, want)
			}
		}
	}
}
