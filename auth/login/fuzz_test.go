package login_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gopalisade/palisade/auth/login"
)

// FuzzPolicy wants an answer for whatever people type: the same one twice, never with the password in it, and none that gets
// better when the same is typed once more.
func FuzzPolicy(f *testing.F) {
	f.Add("Password12345678", "alice@example.com")
	f.Add("correct horse battery staple", "")
	f.Add("\xff\xfe aaaa", "\xff.\xfe")
	f.Add(strings.Repeat("x", 1025), "x")
	p := newPolicy(f, login.PolicyConfig{Words: []string{"palisade"}})
	f.Fuzz(func(t *testing.T, password, about string) {
		err := p.Check(t.Context(), password, about)
		got := codes(t, err)
		if again := codes(t, p.Check(t.Context(), password, about)); again != got {
			t.Errorf("%q is judged %q, then %q", password, got, again)
		}
		if err != nil && len(password) > 30 && strings.Contains(err.Error(), password) {
			t.Errorf("the error holds the password: %v", err)
		}
		if strings.Contains(got, "common") && len(password) < 300 && utf8.ValidString(password) {
			if twice := codes(t, p.Check(t.Context(), password+password, about)); !strings.Contains(twice, "common") {
				t.Errorf("%q is common, and written twice it is not", password)
			}
		}
		if alone := codes(t, p.Check(t.Context(), password)); alone == "" && got != "" && got != "about_you" {
			t.Errorf("%q is good, and %q for %q", password, got, about)
		}
	})
}
