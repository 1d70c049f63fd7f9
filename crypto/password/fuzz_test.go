package password_test

import (
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"github.com/gopalisade/palisade/crypto/password"
)

func FuzzPHC(f *testing.F) {
	f.Add("$argon2id$v=19$m=64,t=1,p=1$" + salt + "$" + key)
	f.Add("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW")
	f.Fuzz(func(t *testing.T, s string) {
		if got, ok := password.Parse(s, 1024); ok && got != s {
			t.Errorf("%q has a second spelling, %q", s, got)
		}
		if password.IsBcrypt(s, 14) {
			if cost, err := bcrypt.Cost([]byte(s)); err != nil || cost > 14 || len(s) != 60 {
				t.Errorf("%q is taken for bcrypt: cost %d, %v", s, cost, err)
			}
		}
	})
}

// FuzzForeign: whatever is read is printable, short, and no other hash of ours.
func FuzzForeign(f *testing.F) {
	for _, s := range []string{rfcScrypt, rfcPBKDF2, pbkdf512, django} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !password.IsForeign(s, 32<<10) {
			return
		}
		if _, ok := password.Parse(s, 32<<10); ok || password.IsBcrypt(s, 14) {
			t.Errorf("%q is two kinds of hash", s)
		}
		if len(s) > 256 || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }) || strings.Count(s, "$") > 4 {
			t.Errorf("%q is taken for a hash", s)
		}
		for _, other := range []string{s + "\n", s + "=", " " + s} {
			if password.IsForeign(other, 32<<10) {
				t.Errorf("%q has a second spelling, %q", s, other)
			}
		}
	})
}
