package servertest

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gopalisade/palisade/internal/eicar"
)

// StartClamd starts ClamAV's daemon for this test, and returns its unix:// URL. It knows one signature: that of [EICAR],
// anywhere in a file.
func StartClamd(t testing.TB) (addr string) {
	t.Helper()
	return Clamd(t).URL
}

// Clamd starts a clamd that the test may stop and start. Options are lines of clamd.conf, and replace those before them of the
// same name: it takes files of 25 MiB, and reports what it could not look at. With the option "TCPAddr 127.0.0.1" its URL is a
// tcp:// one.
func Clamd(t testing.TB, options ...string) *Server {
	t.Helper()
	binary := clamdBinary()
	if binary == "" {
		missing(t, "clamd")
	}
	dir := clamdDirectory(t)
	tcp := slices.ContainsFunc(options, func(line string) bool { return strings.HasPrefix(line, "TCPAddr ") })
	for try := 0; ; try++ { // as with Redis, somebody may be faster at a free port, and then this one ends
		network, address := "unix", filepath.Join(dir, "clamd.sock")
		listen := []string{"LocalSocket " + address}
		if tcp {
			network, address = "tcp", freeAddress(t)
			_, port, _ := net.SplitHostPort(address)
			listen = []string{"TCPSocket " + port}
		}
		file := filepath.Join(dir, "clamd.conf")
		if err := os.WriteFile(file, []byte(clamdConf(dir, append(listen, options...))), 0o600); err != nil {
			t.Fatalf("servertest: %v", err)
		}
		s := &Server{
			URL: network + "://" + address, t: t, stop: syscall.SIGTERM,
			ready: func() error { return askClamd(network, address) },
			command: func() *exec.Cmd {
				cmd := exec.Command(binary, "--config-file="+file)
				cmd.SysProcAttr = mortal(syscall.SIGKILL)
				return cmd
			},
		}
		t.Cleanup(s.Stop)
		err := s.start()
		if err == nil {
			return s
		}
		if !tcp || try == 5 {
			t.Fatalf("servertest: %v", err)
		}
	}
}

// clamdDirectory makes a directory with the signatures and a place for the socket, whose path must be short.
func clamdDirectory(t testing.TB) string {
	t.Helper()
	dir := directory(t, nil)
	if len(dir) > 85 {
		t.Fatalf("servertest: TMPDIR is too long for a socket: %s", dir)
	}
	signature := "Test.Eicar:0:*:" + hex.EncodeToString([]byte(EICAR())) + "\n"
	err := errors.Join(
		os.Mkdir(filepath.Join(dir, "db"), 0o700),
		os.Mkdir(filepath.Join(dir, "tmp"), 0o700),
		os.WriteFile(filepath.Join(dir, "db", "test.ndb"), []byte(signature), 0o600),
	)
	if err != nil {
		t.Fatalf("servertest: %v", err)
	}
	return dir
}

func clamdBinary() string {
	for _, name := range []string{"clamd", "/usr/sbin/clamd", "/usr/local/sbin/clamd"} { // sbin is in few users' PATH
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// clamdConf returns a configuration in which each of the given lines stands instead of those of the same name before it.
func clamdConf(dir string, lines []string) string {
	conf := []string{
		"Foreground yes", "DatabaseDirectory " + dir + "/db", "TemporaryDirectory " + dir + "/tmp", "LocalSocketMode 600",
		"FixStaleSocket yes", "StreamMaxLength 25M", "MaxFileSize 25M", "MaxScanSize 100M", "AlertExceedsMax yes",
		"AlertEncrypted yes", "AlertBrokenMedia yes", "CommandReadTimeout 5",
	}
	for _, line := range lines {
		name, _, _ := strings.Cut(line, " ")
		conf = slices.DeleteFunc(conf, func(c string) bool { return strings.HasPrefix(c, name+" ") })
		conf = append(conf, line)
	}
	return strings.Join(conf, "\n") + "\n"
}

func askClamd(network, address string) error {
	conn, err := net.DialTimeout(network, address, time.Second)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(time.Second))
	if _, err := conn.Write([]byte("zPING\x00")); err != nil {
		return err
	}
	answer := make([]byte, 16)
	n, err := conn.Read(answer)
	if err == nil && string(answer[:n]) != "PONG\x00" {
		err = fmt.Errorf("answered %q", answer[:n])
	}
	return err
}

// Kill sends the server a signal that it cannot refuse: SIGKILL, after which it is gone, and Start starts it again; SIGSTOP and
// SIGCONT.
func (s *Server) Kill(sig syscall.Signal) {
	s.t.Helper()
	err := errors.New("the server does not run")
	if s.cmd != nil {
		err = s.cmd.Process.Signal(sig)
	}
	if err != nil {
		s.t.Fatalf("servertest: %v", err)
	}
	if sig == syscall.SIGKILL {
		<-s.gone
		s.cmd = nil
	}
}

// EICAR returns the harmless file that this clamd finds.
func EICAR() string { return string(eicar.File()) }
