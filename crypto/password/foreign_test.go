package password_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/crypto/password"
)

// TestForeignIsStrict: one spelling, and costs under the ceilings, before any work.
func TestForeignIsStrict(t *testing.T) {
	h := newHasher(t, small()) // 1 MiB
	phc := func(s string) string {
		return strings.ReplaceAll(strings.ReplaceAll(s, "S", salt), "K", "a2V5a2V5a2V5a2V5a2V5a2V5")
	}
	for _, tc := range []struct {
		name, stored string
		want         error
	}{
		{"scrypt", phc("$scrypt$ln=9,r=8,p=1$S$K"), password.ErrMismatch},
		{"PBKDF2", phc("$pbkdf2-sha256$i=1$S$K"), password.ErrMismatch},
		{"Django", django, password.ErrMismatch},

		{"over the memory", rfcScrypt, password.ErrMalformed},
		{"no ln", phc("$scrypt$ln=0,r=8,p=1$S$K"), password.ErrMalformed},
		{"huge ln", phc("$scrypt$ln=63,r=8,p=1$S$K"), password.ErrMalformed},
		{"no r", phc("$scrypt$ln=9,r=0,p=1$S$K"), password.ErrMalformed},
		{"huge r", phc("$scrypt$ln=9,r=4294967295,p=1$S$K"), password.ErrMalformed},
		{"no p", phc("$scrypt$ln=9,r=8,p=0$S$K"), password.ErrMalformed},
		{"huge p", phc("$scrypt$ln=9,r=8,p=17$S$K"), password.ErrMalformed},
		{"other order", phc("$scrypt$r=8,ln=9,p=1$S$K"), password.ErrMalformed},
		{"more costs", phc("$scrypt$ln=9,r=8,p=1,x=1$S$K"), password.ErrMalformed},
		{"leading zero", phc("$scrypt$ln=09,r=8,p=1$S$K"), password.ErrMalformed},
		{"no iterations", phc("$pbkdf2-sha256$i=0$S$K"), password.ErrMalformed},
		{"too many", phc("$pbkdf2-sha256$i=5000001$S$K"), password.ErrMalformed},
		{"far too many", phc("$pbkdf2-sha256$i=4294967296$S$K"), password.ErrMalformed},
		{"another length", phc("$pbkdf2-sha256$i=1,l=99$S$K"), password.ErrMalformed},
		{"length before", phc("$pbkdf2-sha256$l=16,i=1$S$K"), password.ErrMalformed},
		{"a comma", phc("$pbkdf2-sha256$i=1,$S$K"), password.ErrMalformed},
		{"SHA-1", phc("$pbkdf2-sha1$i=1$S$K"), password.ErrMalformed},
		{"no hash", phc("$pbkdf2$i=1$S$K"), password.ErrMalformed},
		{"plain text", "$plain$x$y$z", password.ErrMalformed},
		{"short salt", phc("$pbkdf2-sha256$i=1$c2Fs$K"), password.ErrMalformed},
		{"no salt", phc("$pbkdf2-sha256$i=1$$K"), password.ErrMalformed},
		{"short key", phc("$pbkdf2-sha256$i=1$S$a2V5a2V5a2V5"), password.ErrMalformed},
		{"padding", phc("$pbkdf2-sha256$i=1$S$a2V5a2V5a2V5a2V5a2U="), password.ErrMalformed},
		{"line feed", phc("$pbkdf2-sha256$i=1$S$a2V5a2V5\na2V5a2V5a2V5a2V5"), password.ErrMalformed},
		{"one part more", phc("$pbkdf2-sha256$i=1$S$K$x"), password.ErrMalformed},
		{"too long", phc("$pbkdf2-sha256$i=1$S$" + strings.Repeat("A", 300)), password.ErrMalformed},
		{"Django without padding", strings.TrimSuffix(django, "="), password.ErrMalformed},
		{"Django with a line feed", django[:40] + "\n" + django[40:], password.ErrMalformed},
		{"Django with a leading zero", strings.Replace(django, "$1000$", "$01000$", 1), password.ErrMalformed},
		{"Django with costs like a PHC's", strings.Replace(django, "$1000$", "$1000,x$", 1), password.ErrMalformed},
		{"Django with a short salt", strings.Replace(django, "seasalt123", "sea", 1), password.ErrMalformed},
		{"Django with a space in the salt", strings.Replace(django, "seasalt123", "sea salt123", 1), password.ErrMalformed},
		{"Django with SHA-1", strings.Replace(django, "sha256", "sha1", 1), password.ErrMalformed},
		{"Django's unusable", "!8f3k2jh4g5", password.ErrMalformed},
		{"Django behind a dollar", "$" + django, password.ErrMalformed},
		{"nothing", "$$$$", password.ErrMalformed},
		{"empty", "", password.ErrMalformed},
		{"a name", "scrypt", password.ErrMalformed},
		{"plain text of Django", "plain$$secret", password.ErrMalformed},

		{"passlib", passlib, password.ErrMismatch},
		{"passlib with a plus", strings.Replace(passlib, ".", "+", 1), password.ErrMalformed},
		{"PHC with a dot", strings.Replace(passlib, "$1212$", "$i=1212$", 1), password.ErrMalformed},
		{"passlib with a leading zero", strings.Replace(passlib, "$1212$", "$01212$", 1), password.ErrMalformed},
		{"passlib with costs like a PHC's", strings.Replace(passlib, "$1212$", "$1212,l=32$", 1), password.ErrMalformed},
		{"passlib without iterations", strings.Replace(passlib, "$1212$", "$0$", 1), password.ErrMalformed},
		{"passlib with too many", strings.Replace(passlib, "$1212$", "$5000001$", 1), password.ErrMalformed},
		{"passlib with SHA-1", strings.Replace(passlib, "pbkdf2-sha256", "pbkdf2", 1), password.ErrMalformed},
		{"passlib with unused bits", passlib[:len(passlib)-1] + "R", password.ErrMalformed},
		{"scrypt with iterations", strings.Replace(passlib, "pbkdf2-sha256", "scrypt", 1), password.ErrMalformed},

		{"Django's scrypt over the memory", djangoScrypt, password.ErrMalformed},
		{"Django's scrypt", strings.Replace(djangoScrypt, "$16384$", "$512$", 1), password.ErrMismatch},
		{"Django's scrypt, N no power of two", strings.Replace(djangoScrypt, "$16384$", "$513$", 1), password.ErrMalformed},
		{"Django's scrypt, N is 1", strings.Replace(djangoScrypt, "$16384$", "$1$", 1), password.ErrMalformed},
		{"Django's scrypt, N is 0", strings.Replace(djangoScrypt, "$16384$", "$0$", 1), password.ErrMalformed},
		{"Django's scrypt, N more than 32 bits", strings.Replace(djangoScrypt, "$16384$", "$4294967296$", 1), password.ErrMalformed},
		{"Django's scrypt without p", strings.Replace(djangoScrypt, "$8$1$", "$8$", 1), password.ErrMalformed},
		{"Django's scrypt with a part more", strings.Replace(djangoScrypt, "$8$1$", "$8$1$1$", 1), password.ErrMalformed},
		{"Django's scrypt with r = 0", strings.Replace(djangoScrypt, "$8$1$", "$0$1$", 1), password.ErrMalformed},

		{"Django's Argon2i", "argon2$argon2i$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$YC9+jJCrQhs5R6db7LlN8Q", password.ErrMalformed},
		{"Django's Argon2 without version", "argon2$argon2i$m=8,t=1,p=1$c29tZXNhbHQ$gwQOXSNhxiOxPOA0+PY10P9QFO" +
			"4NAYysnqRt1GSQLE55m+2GYDt9FEjPMHhP2Cuf0nOEXXMocVrsJAtNSsKyfg", password.ErrMalformed},
		{"Argon2 behind its name twice", "argon2$argon2$argon2id$v=19$m=64,t=1,p=1$" + salt + "$" + key, password.ErrMalformed},
		{"Argon2 without dollar", "argon2id$v=19$m=64,t=1,p=1$" + salt + "$" + key, password.ErrMalformed},
		{"bcrypt behind another name", "bcrypt_sha512$" + openwall, password.ErrMalformed},
		{"bcrypt with something between", "bcrypt_sha256$xyz" + openwall, password.ErrMalformed},
		{"bcrypt behind no dollar", "bcrypt$" + openwall[1:], password.ErrMalformed},
		{"bcrypt of SHA-256 over the ceiling", "bcrypt_sha256$$2a$15" + openwall[6:], password.ErrMalformed},
		{"PBKDF2 behind a name", "pbkdf2$" + rfcPBKDF2, password.ErrMalformed},
	} {
		if rehash, err := h.Verify(t.Context(), "pw", tc.stored); !errors.Is(err, tc.want) || rehash {
			t.Errorf("%s: got %t, %v, want %v", tc.name, rehash, err, tc.want)
		}
	}
}

func TestForeignWaits(t *testing.T) {
	cfg := small()
	cfg.MaxQueue, cfg.MemoryBudget = 1, 8<<10
	h := newHasher(t, cfg)
	defer h.Enter(8 << 10)()
	go func() { _, _ = h.Verify(t.Context(), "x", passlib) }()
	for {
		if _, waiting := h.Free(); waiting == 1 {
			break
		}
	}
	if _, err := h.Verify(t.Context(), "x", passlib); !errors.Is(err, password.ErrBusy) {
		t.Errorf("got %v, want %v", err, password.ErrBusy)
	}
}
