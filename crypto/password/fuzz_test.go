package password_test

import (
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
