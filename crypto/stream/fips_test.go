package stream_test

import (
	"bytes"
	"crypto/fips140"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/crypto/stream"
	"github.com/gopalisade/palisade/internal/racing"
)

// TestFIPS runs the package's tests again in FIPS 140-3 mode. Under fips140=only there is no writer and no reader, and no
// panic.
func TestFIPS(t *testing.T) {
	if os.Getenv("STREAM_FIPS_CHILD") != "" {
		if !fips140.Enabled() {
			t.Error("not in FIPS mode")
		}
		return
	}
	if racing.Enabled || testing.Short() {
		t.Skip("once is enough")
	}
	for _, tc := range []struct{ mode, run string }{
		{"on", "^Test|^Example"},
		{"only", "^TestOnlyFIPS$|^TestFIPS$"},
	} {
		exe, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), exe, "-test.short", "-test.run="+tc.run)
		cmd.Env = append(os.Environ(), "STREAM_FIPS_CHILD="+tc.mode, "GODEBUG=fips140="+tc.mode)
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), "PASS") {
			t.Errorf("fips140=%s: %v\n%s", tc.mode, err, out)
		}
	}
}

func TestOnlyFIPS(t *testing.T) {
	if os.Getenv("STREAM_FIPS_CHILD") != "only" {
		t.Skip("for the child of TestFIPS")
	}
	sealed := vectors[0].ciphertext(t)
	key := unhex(t, vectors[0].key)
	w, err := stream.NewWriter(new(bytes.Buffer), key, nil)
	r, err2 := stream.NewReader(bytes.NewReader(sealed), key, nil)
	ra, err3 := stream.NewReaderAt(bytes.NewReader(sealed), int64(len(sealed)), key, nil)
	if w != nil || r != nil || ra != nil || err == nil || err2 == nil || err3 == nil {
		t.Errorf("got %v, %v, %v", err, err2, err3)
	}
}
