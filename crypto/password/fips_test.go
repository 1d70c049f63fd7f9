package password_test

import (
	"crypto/fips140"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/crypto/password"
	"github.com/gopalisade/palisade/internal/racing"
)

// TestFIPS runs the package's tests again in FIPS 140-3 mode: on uses the validated module, only refuses everything else.
// Nothing is left out but the test that expects salts below 16 bytes to be read.
func TestFIPS(t *testing.T) {
	if os.Getenv("PASSWORD_FIPS_CHILD") != "" {
		if !fips140.Enabled() {
			t.Error("not in FIPS mode")
		}
		return
	}
	if racing.Enabled || testing.Short() {
		t.Skip("once is enough")
	}
	for _, tc := range []struct{ mode, skip string }{
		{"on", ""},
		{"only", "TestForeignIsStrict"},
	} {
		exe, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), exe, "-test.short", "-test.run=^Test|^Example|^Fuzz", "-test.skip=^("+tc.skip+")$")
		cmd.Env = append(os.Environ(), "PASSWORD_FIPS_CHILD=1", "GODEBUG=fips140="+tc.mode)
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), "PASS") {
			t.Errorf("fips140=%s: %v\n%s", tc.mode, err, out)
		}
	}
}

// TestFIPSOnly: what only refuses is a damaged hash there, and no panic of the scrypt package.
func TestFIPSOnly(t *testing.T) {
	cfg := small()
	cfg.MemoryBudget = 32 << 10
	h := newHasher(t, cfg)
	for _, tc := range []struct {
		name, pw, stored string
		refused          bool // by only
	}{
		{"scrypt with a short salt", "pleaseletmein", rfcScrypt, true},
		{"scrypt of Django", letmein, djangoScrypt, true},
		{"PBKDF2 with a short salt", "correct horse", django, true},
		{"scrypt", "test", "$scrypt$ln=8,r=8,p=1$wlhLyXmP8b53bm1NKYVQqg$mTpvG8lzuuDk+DWz8HZIB6Vum6erDuUm0As5yU+VxWA", false},
		{"PBKDF2", "password", passlib, false},
		{"PBKDF2 with SHA-512", "correct horse", pbkdf512, false},
	} {
		want := error(nil)
		if tc.refused && fips140.Enforced() {
			want = password.ErrMalformed
		}
		if _, err := h.Verify(t.Context(), tc.pw, tc.stored); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", tc.name, err, want)
		}
	}
}
