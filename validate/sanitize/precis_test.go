package sanitize_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/validate/sanitize"
)

func TestUsername(t *testing.T) {
	long := strings.Repeat("a", 1024)
	for _, tc := range []struct{ name, in, want string }{
		{"plain", "alice", "alice"},
		{"case", "ALICE", "alice"},
		{"wide", "ＡＬＩＣＥ", "alice"},
		{"composed", "jo\u0308rg", "jörg"},
		{"Kelvin sign", "\u212Aelvin", "kelvin"},
		{"no final sigma", "ΣΑΣ", "σασ"},
		{"dotted I", "İ", "i\u0307"},
		{"symbols of ASCII", "a_b-c.d+e@f", "a_b-c.d+e@f"},
		{"longest", long, long},
		{"empty", "", ""},
		{"space", "a b", ""},
		{"tab", "a\tb", ""},
		{"control", "a\x00b", ""},
		{"zero-width space", "a\u200bb", ""},
		{"override", "a\u202eb", ""},
		{"emoji", "a😀", ""},
		{"ligature", "ﬁ", ""},
		{"roman number", "Ⅳ", ""},
		{"both directions", "אa1", ""},
		{"no UTF-8", "a\xff", ""},
		{"too long", long + "a", ""},
	} {
		got, err := sanitize.Username(tc.in)
		if got != tc.want || (err == nil) != (tc.want != "") || err != nil && !errors.Is(err, sanitize.ErrUsername) {
			t.Errorf("%s: got %q, %v, want %q", tc.name, got, err, tc.want)
		}
	}
}

func TestPassword(t *testing.T) {
	for _, tc := range []struct{ name, in, want string }{
		{"plain", "Correct Horse", "Correct Horse"},
		{"spaces stay", "  a  ", "  a  "},
		{"spaces of other scripts", "a\u3000b\u00a0c", "a b c"},
		{"composed", "jo\u0308rg", "jörg"},
		{"case and width stay", "ＡａA", "ＡａA"},
		{"emoji", "🔑🔑", "🔑🔑"},
		{"markup", "<b>&amp;\"'", "<b>&amp;\"'"},
		{"empty", "", ""},
		{"control", "a\tb", ""},
		{"emoji of two characters", "pass❤\ufe0f", ""},
		{"NUL", "a\x00b", ""},
		{"no UTF-8", "a\xff", ""},
		{"too long", strings.Repeat("a", 1025), ""},
	} {
		got, err := sanitize.Password(tc.in)
		if got != tc.want || (err == nil) != (tc.want != "") || err != nil && !errors.Is(err, sanitize.ErrPassword) {
			t.Errorf("%s: got %q, %v, want %q", tc.name, got, err, tc.want)
		}
	}
}

func TestErrors(t *testing.T) {
	const secret = "hunter\x00two"
	_, email := sanitize.Email(secret)
	_, name := sanitize.Username(secret)
	_, password := sanitize.Password(secret)
	_, long := newHTML(t, sanitize.HTMLConfig{MaxInput: 1}).Sanitize(secret)
	for _, tc := range []struct {
		err, is error
		code    string
	}{
		{email, sanitize.ErrEmail, "email_malformed"},
		{name, sanitize.ErrUsername, "username_malformed"},
		{password, sanitize.ErrPassword, "password_malformed"},
		{long, sanitize.ErrTooLong, "text_too_long"},
	} {
		e, ok := errors.AsType[*sanitize.Error](tc.err)
		if !ok || !errors.Is(tc.err, tc.is) || e.Code() != tc.code || e.HTTPStatus() != 422 {
			t.Errorf("got %#v, want code %s", tc.err, tc.code)
			continue
		}
		text := e.Error()
		if !strings.HasPrefix(text, tc.is.Error()+": ") || strings.Contains(text, "hunter") || strings.Contains(text, "two") {
			t.Errorf("got %q: it must name the failure and not the text", text)
		}
	}
}
