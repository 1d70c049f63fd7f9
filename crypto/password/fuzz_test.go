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

// FuzzRead: whatever is read is printable, short, cheap enough, and has no second spelling.
func FuzzRead(f *testing.F) {
	cfg := small()
	cfg.MemoryBudget = 32 << 10
	h := newHasher(f, cfg)
	for _, known := range knownAnswers() {
		f.Add(known.stored)
	}
	f.Fuzz(func(t *testing.T, s string) {
		kib, ok := h.Reads(s)
		if !ok {
			return
		}
		if kib < 0 || kib > 32<<10 {
			t.Errorf("%q may take %d KiB of 32 MiB", s, kib)
		}
		if len(s) > 256 || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }) || strings.Count(s, "$") > 5 {
			t.Errorf("%q is taken for a hash", s)
		}
		for _, other := range []string{s + "\n", s + "=", " " + s, s + "$", "$" + s} {
			if _, ok := h.Reads(other); ok {
				t.Errorf("%q has a second spelling, %q", s, other)
			}
		}
	})
}
