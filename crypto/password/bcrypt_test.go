package password_test

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"github.com/gopalisade/palisade/crypto/password"
)

func TestBcrypt(t *testing.T) {
	h := newHasher(t, small())
	long := strings.Repeat("a", 72)
	hash := func(pw string) string {
		b, err := bcrypt.GenerateFromPassword([]byte(pw), 4)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	for _, tc := range []struct {
		name, pw, stored string
		want             error
	}{
		{"72 bytes", long, hash(long), nil},
		{"73 bytes", long + "E", hash(long), password.ErrMismatch},
		{"NUL repeats the key", "a\x00a", hash("a"), password.ErrMismatch},
		{"NUL for nothing", "\x00", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy", password.ErrMismatch},
		{"nothing", "", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy", password.ErrEmpty},
		{"published vector", "U*U", openwall, nil},
		{"published vector, 2y", "U*U", "$2y" + openwall[3:], nil},
		{"published vector, 2b", "U*U", "$2b" + openwall[3:], nil},
		// crypt_blowfish answers what an old version got wrong in a way of its own, and the library does not.
		{"sign extension", "\xff\xff\xa3", "$2a$05$/OK.fbVrR/bpIqNJ5ianF.nqd1wy.pTMdcvrRWxyiGL2eMz.2a85.", password.ErrMismatch},
		{"sign extension, 2x", "\xa3", "$2x$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e", password.ErrMalformed},
		{"sign extension, as 2b", "\xa3", "$2b$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e", password.ErrMismatch},
		{"version 1a", "pw", "$1a" + hash("pw")[3:], password.ErrMalformed},
		{"version 2", "pw", "$2$" + hash("pw")[4:], password.ErrMalformed},
		{"cost 15", "pw", "$2a$15" + hash("pw")[6:], password.ErrMalformed},
		{"trailing byte", "pw", hash("pw") + "x", password.ErrMalformed},
		{"version 2x", "pw", "$2x" + hash("pw")[3:], password.ErrMalformed},
		{"version 2Z", "pw", "$2Z" + hash("pw")[3:], password.ErrMalformed},
		{"separator", "pw", hash("pw")[:6] + "x" + hash("pw")[7:], password.ErrMalformed},
		{"cost 31", "pw", "$2a$31" + hash("pw")[6:], password.ErrMalformed},
		{"cost 03", "pw", "$2a$03" + hash("pw")[6:], password.ErrMalformed},
		{"cost signed", "pw", "$2a$+4" + hash("pw")[6:], password.ErrMalformed},
		{"alphabet", "pw", hash("pw")[:59] + "!", password.ErrMalformed},
		{"unused bits", "pw", hash("pw")[:28] + "/" + hash("pw")[29:], password.ErrMalformed},
		{"cut", "pw", hash("pw")[:59], password.ErrMalformed},
	} {
		if _, err := h.Verify(t.Context(), tc.pw, tc.stored); !errors.Is(err, tc.want) {
			t.Errorf("%s: got %v, want %v", tc.name, err, tc.want)
		}
	}
}

func TestMaxBcryptCost(t *testing.T) {
	cfg := small()
	cfg.MaxBcryptCost = 4
	if _, err := newHasher(t, cfg).Verify(t.Context(), "U*U", openwall); !errors.Is(err, password.ErrMalformed) {
		t.Errorf("cost 5 over a ceiling of 4: got %v", err)
	}
	cfg.MaxBcryptCost = 5
	if _, err := newHasher(t, cfg).Verify(t.Context(), "U*U", openwall); err != nil {
		t.Errorf("cost 5 under a ceiling of 5: got %v", err)
	}
}
