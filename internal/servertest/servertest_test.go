package servertest_test

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gopalisade/palisade/internal/servertest"
)

func TestRedis(t *testing.T) {
	s := servertest.Redis(t)
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	restart(t, s, "tcp", u.Host)
}

func TestPostgres(t *testing.T) {
	s := servertest.Postgres(t)
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	restart(t, s, "unix", u.Query().Get("host")+"/.s.PGSQL.5432")
}

// restart wants a server that listens while it is started, and only then.
func restart(t *testing.T, s *servertest.Server, network, address string) {
	t.Helper()
	for range 2 {
		if err := dial(network, address); err != nil {
			t.Errorf("started: got %v", err)
		}
		s.Stop()
		s.Stop()
		if dial(network, address) == nil {
			t.Error("stopped: got an answer, want none")
		}
		s.Start()
	}
}

func dial(network, address string) error {
	conn, err := net.DialTimeout(network, address, time.Second)
	if err == nil {
		_ = conn.Close()
	}
	return err
}

func TestNothingIsLeft(t *testing.T) {
	var servers []*servertest.Server
	t.Run("servers", func(t *testing.T) {
		servers = append(servers, servertest.Redis(t), servertest.Postgres(t))
	})
	for _, s := range servers {
		u, err := url.Parse(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		if dir := u.Query().Get("host"); dir != "" {
			if _, err := os.Stat(dir); !os.IsNotExist(err) {
				t.Errorf("%s is left: %v", dir, err)
			}
		} else if dial("tcp", u.Host) == nil {
			t.Errorf("%s still answers", u.Host)
		}
	}
}

func TestMissing(t *testing.T) {
	t.Setenv("PATH", "")
	for _, tc := range []struct {
		name, require string
		wantFail      bool
	}{{"skipped", "", false}, {"required", "1", true}} {
		t.Run(tc.name, func(t *testing.T) {
			t.Setenv("PALISADE_REQUIRE", tc.require)
			tb := &recorder{TB: t}
			tb.run(func() { servertest.StartRedis(tb) })
			if (tb.failed != "") != tc.wantFail || tb.skipped == tc.wantFail {
				t.Errorf("got failed %q, skipped %t, want failed %t", tb.failed, tb.skipped, tc.wantFail)
			}
		})
	}
}

// TestOutsidePath looks where Debian puts the programs.
func TestOutsidePath(t *testing.T) {
	t.Setenv("PATH", "")
	if servertest.StartPostgres(t) == "" {
		t.Error("got no URL")
	}
}

// TestNoStart wants a failure that says what the server said.
func TestNoStart(t *testing.T) {
	tb := &recorder{TB: t}
	s := servertest.Postgres(tb)
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	tb.run(s.Start)
	if !strings.Contains(tb.failed, "runs already") {
		t.Errorf("started twice: got %q", tb.failed)
	}
	s.Stop()
	if err := os.RemoveAll(u.Query().Get("host") + "/data"); err != nil {
		t.Fatal(err)
	}
	tb.run(s.Start)
	if !strings.Contains(tb.failed, "postgres ended") || !strings.Contains(tb.failed, "data") {
		t.Errorf("without data: got %q", tb.failed)
	}
}

// recorder sees how a test would have ended.
type recorder struct {
	testing.TB
	failed  string
	skipped bool
}

func (r *recorder) run(f func()) {
	defer func() { _ = recover() }()
	f()
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.failed = fmt.Sprintf(format, args...)
	panic("ended")
}

func (r *recorder) Skipf(string, ...any) {
	r.skipped = true
	panic("ended")
}
