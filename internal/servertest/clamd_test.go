package servertest_test

import (
	"crypto/md5"
	"encoding/hex"
	"strings"
	"syscall"
	"testing"

	"github.com/gopalisade/palisade/internal/servertest"
)

func TestClamd(t *testing.T) {
	for _, tc := range []struct {
		name        string
		options     []string
		wantNetwork string
	}{
		{"socket", nil, "unix"},
		{"tcp", []string{"TCPAddr 127.0.0.1", "MaxFileSize 1M"}, "tcp"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := servertest.Clamd(t, tc.options...)
			network, address, _ := strings.Cut(s.URL, "://")
			if network != tc.wantNetwork || network == "unix" && len(address) >= 100 {
				t.Errorf("got %s", s.URL)
			}
			restart(t, s, network, address)
			s.Kill(syscall.SIGKILL)
			if dial(network, address) == nil {
				t.Error("killed: got an answer, want none")
			}
			s.Start() // over the socket that it left
			if err := dial(network, address); err != nil {
				t.Errorf("started again: got %v", err)
			}
		})
	}
	if addr := servertest.StartClamd(t); !strings.HasPrefix(addr, "unix:///") {
		t.Errorf("got %s", addr)
	}
}

func TestClamdNoStart(t *testing.T) {
	tb := &recorder{TB: t}
	tb.run(func() { servertest.Clamd(tb, "NoSuchOption yes") })
	if !strings.Contains(tb.failed, "clamd ended") || !strings.Contains(tb.failed, "NoSuchOption") {
		t.Errorf("got %q", tb.failed)
	}
	s := servertest.Clamd(tb)
	s.Stop()
	tb.run(func() { s.Kill(syscall.SIGKILL) })
	if !strings.Contains(tb.failed, "does not run") {
		t.Errorf("killed when stopped: got %q", tb.failed)
	}
}

// TestEICAR compares with the published sum: a file that is almost right is found by nobody.
func TestEICAR(t *testing.T) {
	sum := md5.Sum([]byte(servertest.EICAR()))
	if got, want := hex.EncodeToString(sum[:]), "44d88612fea8a8f36de82e1278abb02f"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
