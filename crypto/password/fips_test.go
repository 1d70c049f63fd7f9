package password_test

import (
	"crypto/fips140"
	"os"
	"os/exec"
	"strings"
	"testing"
)

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
