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
		{"published vector", "U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", nil},
		{"published vector, 2y", "U*U", "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", nil},
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
