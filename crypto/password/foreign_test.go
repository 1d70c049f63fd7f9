package password_test

import (
	"crypto/fips140"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/crypto/password"
)

// Known answers: scrypt of RFC 7914 section 12, PBKDF2 with the inputs of RFC 6070's fifth case, and two that were computed
// with another implementation.
const (
	rfcScrypt = "$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofLVQylVYT8Pz2LUlwUkKpr55h6F3A1lHkDfzwF7RVdYhw"
	rfcPBKDF2 = "$pbkdf2-sha256$i=4096$c2FsdFNBTFRzYWx0U0FMVHNhbHRTQUxUc2FsdFNBTFRzYWx0$NIyJ28vTKy8y2BS4EW6EzysXNH68GAAYHE4qH7jdU+HGNVGMfaxH6Q"
	pbkdf512  = "$pbkdf2-sha512$i=1000,l=64$MDEyMzQ1Njc4OWFiY2RlZg$OM0FAoIqCVK1sWtxDiffVlBejtLa+ks4TP71JiecwuSZCG8iLbnlIEPOMoVX+i2B2wkSxjQ8CRGR9OkNGuIPMQ"
	django    = "pbkdf2_sha256$1000$seasalt123$KuEnssc6S4MzVSS8Tu48m1RDSrTAn7j3CfgvvjkvfWA="
)

// TestForeign: a hash of before lets in who knows the password, and asks to be replaced.
func TestForeign(t *testing.T) {
	cfg := small()
	cfg.MemoryBudget = 32 << 10
	h := newHasher(t, cfg)
	for _, tc := range []struct{ name, pw, stored string }{
		{"scrypt", "pleaseletmein", rfcScrypt},
		{"PBKDF2 with SHA-256", "passwordPASSWORDpassword", rfcPBKDF2},
		{"PBKDF2 with SHA-512", "correct horse", pbkdf512},
		{"Django", "correct horse", django},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if rehash, err := h.Verify(t.Context(), tc.pw, tc.stored); err != nil || !rehash {
				t.Errorf("got %t, %v, want to be let in and a rehash", rehash, err)
			}
			for _, pw := range []string{tc.pw + "x", tc.pw[1:], strings.ToUpper(tc.pw), tc.pw + "\x00"} {
				if rehash, err := h.Verify(t.Context(), pw, tc.stored); !errors.Is(err, password.ErrMismatch) || rehash {
					t.Errorf("%q: got %t, %v", pw, rehash, err)
				}
			}
		})
	}
	if free, waiting := h.Free(); free != 32<<10 || waiting != 0 {
		t.Errorf("%d KiB free, %d wait", free, waiting)
	}
}

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
		{"short salt", phc("$pbkdf2-sha256$i=1$c2FsdA$K"), password.ErrMalformed},
		{"short key", phc("$pbkdf2-sha256$i=1$S$a2V5a2V5a2V5"), password.ErrMalformed},
		{"padding", phc("$pbkdf2-sha256$i=1$S$a2V5a2V5a2V5a2V5a2U="), password.ErrMalformed},
		{"line feed", phc("$pbkdf2-sha256$i=1$S$a2V5a2V5\na2V5a2V5a2V5a2V5"), password.ErrMalformed},
		{"one part more", phc("$pbkdf2-sha256$i=1$S$K$x"), password.ErrMalformed},
		{"too long", phc("$pbkdf2-sha256$i=1$S$" + strings.Repeat("A", 300)), password.ErrMalformed},
		{"Django without padding", strings.TrimSuffix(django, "="), password.ErrMalformed},
		{"Django with a line feed", django[:40] + "\n" + django[40:], password.ErrMalformed},
		{"Django with a leading zero", strings.Replace(django, "$1000$", "$01000$", 1), password.ErrMalformed},
		{"Django with costs like a PHC's", strings.Replace(django, "$1000$", "$1000,x$", 1), password.ErrMalformed},
		{"Django with a short salt", strings.Replace(django, "seasalt123", "salt", 1), password.ErrMalformed},
		{"Django with a space in the salt", strings.Replace(django, "seasalt123", "sea salt123", 1), password.ErrMalformed},
		{"Django with SHA-1", strings.Replace(django, "sha256", "sha1", 1), password.ErrMalformed},
		{"Django's unusable", "!8f3k2jh4g5", password.ErrMalformed},
		{"Django behind a dollar", "$" + django, password.ErrMalformed},
		{"nothing", "$$$$", password.ErrMalformed},
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
	go func() { _, _ = h.Verify(t.Context(), "x", django) }()
	for {
		if _, waiting := h.Free(); waiting == 1 {
			break
		}
	}
	if _, err := h.Verify(t.Context(), "x", django); !errors.Is(err, password.ErrBusy) {
		t.Errorf("got %v, want %v", err, password.ErrBusy)
	}
}

// TestFIPS runs the package's tests again in FIPS 140-3 mode. With only, what the standard refuses is left out.
func TestFIPS(t *testing.T) {
	if os.Getenv("PASSWORD_FIPS_CHILD") != "" {
		if !fips140.Enabled() {
			t.Error("not in FIPS mode")
		}
		return
	}
	for mode, skip := range map[string]string{"on": "", "only": "TestForeign|TestForeignIsStrict"} { // salts below 16 bytes
		exe, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), exe, "-test.run=^Test(Hash|Rehash|Bcrypt|PHC|Foreign|FIPS)|^Example", "-test.skip=^("+skip+")$")
		cmd.Env = append(os.Environ(), "PASSWORD_FIPS_CHILD=1", "GODEBUG=fips140="+mode)
		if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "PASS") {
			t.Errorf("fips140=%s: %v\n%s", mode, err, out)
		}
	}
}
