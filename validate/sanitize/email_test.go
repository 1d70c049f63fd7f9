package sanitize_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/internal/formats"
	"github.com/gopalisade/palisade/validate/sanitize"
)

func TestEmail(t *testing.T) {
	local64, label63 := strings.Repeat("a", 64), strings.Repeat("b", 63)
	for _, tc := range []struct{ name, in, want, key string }{
		{"plain", "a@example.com", "a@example.com", "a@example.com"},
		{"case", "John.Doe@EXAMPLE.Com", "John.Doe@example.com", "john.doe@example.com"},
		{"white space", " \t a@example.com\r\n\u00a0", "a@example.com", "a@example.com"},
		{"dots and tags are somebody else's", "J.Doe+News@gmail.com", "J.Doe+News@gmail.com", "j.doe+news@gmail.com"},
		{"marks", "o'neil_x-1=#&*/?^~@example.com", "o'neil_x-1=#&*/?^~@example.com", "o'neil_x-1=#&*/?^~@example.com"},
		{"hyphens of a name that exists", "a@r3---sn.example", "a@r3---sn.example", "a@r3---sn.example"},
		{"domain of letters", "a@MÜNCHEN.de", "a@xn--mnchen-3ya.de", "a@xn--mnchen-3ya.de"},
		{"domain in ASCII", "a@XN--mnchen-3ya.DE", "a@xn--mnchen-3ya.de", "a@xn--mnchen-3ya.de"},
		{"domain of wide letters", "a@ｅxample。com", "a@example.com", "a@example.com"},
		{"composed", "jo\u0308rg@example.com", "jörg@example.com", "jörg@example.com"},
		{"Kelvin sign", "\u212Aelvin@example.com", "Kelvin@example.com", "kelvin@example.com"},
		{"wide local part", "Ａ@example.com", "Ａ@example.com", "a@example.com"},
		{"longest local part", local64 + "@example.com", local64 + "@example.com", local64 + "@example.com"},
		{"longest label", "a@" + label63 + ".com", "a@" + label63 + ".com", "a@" + label63 + ".com"},

		{"option", "-oQ/tmp/x@example.com", "", ""},
		{"formula", "=cmd@example.com", "", ""},
		{"number", "+49@example.com", "", ""},
		{"path", "/etc/passwd@example.com", "", ""},
		{"home", "~root@example.com", "", ""},
		{"apostrophe first", "'a@example.com", "", ""},
		{"apostrophe last", "a'@example.com", "", ""},
		{"combining joiner", "a\u034f@example.com", "", ""},
		{"filler", "\u3164@example.com", "", ""},
		{"variation selector", "a\ufe0f@example.com", "", ""},
		{"mixed scripts", "p\u0430ypal@example.com", "", ""},
		{"mixed scripts in the domain", "a@p\u0430ypal.com", "", ""},
		{"emoji in the domain", "a@i❤.example", "", ""},
		{"empty", "", "", ""},
		{"no at", "example.com", "", ""},
		{"no local part", "@example.com", "", ""},
		{"no domain", "a@", "", ""},
		{"two ats", "a@b@example.com", "", ""},
		{"one label", "a@localhost", "", ""},
		{"empty label", "a@example..com", "", ""},
		{"root", "a@example.com.", "", ""},
		{"hyphen", "a@-example.com", "", ""},
		{"underscore", "a@ex_ample.com", "", ""},
		{"address literal", "a@[127.0.0.1]", "", ""},
		{"address", "a@127.0.0.1", "", ""},
		{"port", "a@example.com:25", "", ""},
		{"leading dot", ".a@example.com", "", ""},
		{"trailing dot", "a.@example.com", "", ""},
		{"two dots", "a..b@example.com", "", ""},
		{"space", "a b@example.com", "", ""},
		{"inner line end", "a@example.com\r\nBcc: b@example.com", "", ""},
		{"line end in the local part", "a\n@example.com", "", ""},
		{"NUL", "a\x00@example.com", "", ""},
		{"quoted", `"<script>"@example.com`, "", ""},
		{"angle brackets", "A <a@example.com>", "", ""},
		{"comment", "a(b)@example.com", "", ""},
		{"list", "a@example.com,b@example.com", "", ""},
		{"backtick", "`a`@example.com", "", ""},
		{"template", "${a}@example.com", "", ""},
		{"pipe", "|a@example.com", "", ""},
		{"percent route", "a%b.example@example.com", "", ""},
		{"bang route", "b!a@example.com", "", ""},
		{"zero-width space", "a\u200bb@example.com", "", ""},
		{"override", "a\u202eb@example.com", "", ""},
		{"override in the domain", "a@exa\u202emple.com", "", ""},
		{"leading mark", "\u0301a@example.com", "", ""},
		{"emoji", "😀@example.com", "", ""},
		{"no UTF-8", "a\xff@example.com", "", ""},
		{"local part too long", local64 + "a@example.com", "", ""},
		{"label too long", "a@" + label63 + "b.com", "", ""},
		{"domain too long", "a@" + strings.Repeat("b.", 130) + "com", "", ""},
		{"too long", local64 + "@" + label63 + "." + label63 + "." + label63 + ".com", "", ""},
		{"far too long", strings.Repeat("a", 5000) + "@example.com", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for what, f := range map[string]struct {
				call func(string) (string, error)
				want string
			}{"Email": {sanitize.Email, tc.want}, "EmailKey": {sanitize.EmailKey, tc.key}} {
				got, err := f.call(tc.in)
				if got != f.want || (err == nil) != (f.want != "") || err != nil && !errors.Is(err, sanitize.ErrEmail) {
					t.Errorf("%s: got %q, %v, want %q", what, got, err, f.want)
				}
			}
		})
	}
}

// A local part may be an address and still have no form in which it can be compared.
func TestEmailKeyRefuses(t *testing.T) {
	for _, s := range []string{
		"1א@example.com", // from right to left, but begins with a number: RFC 5893 section 2
		"ﬁ@example.com",  // compatibility letters
		"ª@example.com",
		"１@example.com", // a wide digit
	} {
		if _, err := sanitize.Email(s); err != nil {
			t.Fatal(err)
		}
		if got, err := sanitize.EmailKey(s); !errors.Is(err, sanitize.ErrEmail) {
			t.Errorf("got %q, %v, want ErrEmail", got, err)
		}
	}
}

// What comes out, the format takes; and what the format takes, comes out.
func TestEmailAgrees(t *testing.T) {
	for _, s := range []string{
		"a@example.com", "O'Brien@example.com", "jürgen@bücher.example", "müller@EXAMPLE.DE", "用户@例子.example",
		"a@пример.рф", "_a@example.com", "1@example.com", "a@ab--c.com", "a@xn--bcher-kva.example", "-a@example.com",
		"pаypal@example.com",
		"a@example.c", "a@example", "a'@example.com", "a@xn--a.com", "ü@ｅｘａｍｐｌｅ.com",
	} {
		out, err := sanitize.Email(s)
		if formats.EmailIntl(s) && err != nil || err == nil && !formats.EmailIntl(out) {
			t.Errorf("%q becomes %q, %v, and the format says %t and %t", s, out, err, formats.EmailIntl(s), formats.EmailIntl(out))
		}
	}
}
