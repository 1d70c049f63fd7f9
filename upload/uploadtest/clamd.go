//go:build !plan9

package uploadtest

import (
	"testing"

	"github.com/gopalisade/palisade/internal/servertest"
)

// Clamd starts ClamAV's daemon for this test, and returns its address, for clamav.Config. It knows one signature, that of
// EICAR anywhere in a file, and takes files of up to 25 MiB. Where clamd is not installed the test is skipped, or fails if the
// environment says PALISADE_REQUIRE=1.
func Clamd(t testing.TB) (addr string) {
	t.Helper()
	return servertest.StartClamd(t)
}
