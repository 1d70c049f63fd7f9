package field_test

import (
	"crypto/fips140"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/internal/racing"
)

// TestFIPS runs the package's tests again in FIPS 140-3 mode: on uses the validated module, only refuses everything else.
// Nothing of the package is left out; of the tests it is those that build vectors with ciphers of their own.
func TestFIPS(t *testing.T) {
	if os.Getenv("FIELD_FIPS_CHILD") != "" {
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
		{"only", "TestXAESAccumulated"}, // draws short nonces for cipher.NewGCM
	} {
		exe, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), exe, "-test.short", "-test.run=^Test|^Example", "-test.skip=^("+tc.skip+")$")
		cmd.Env = append(os.Environ(), "FIELD_FIPS_CHILD=1", "GODEBUG=fips140="+tc.mode)
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), "PASS") {
			t.Errorf("fips140=%s: %v\n%s", tc.mode, err, out)
		}
	}
}
