package servertest

import (
	"bufio"
	"crypto/rand"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// StartRedis starts a redis-server for this test, and returns its redis:// URL.
func StartRedis(t testing.TB) (url string) {
	t.Helper()
	return Redis(t).URL
}

// Redis starts a redis-server, with further options, that the test may stop and start. It forgets everything when it stops.
func Redis(t testing.TB, options ...string) *Server {
	t.Helper()
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		missing(t, "redis-server")
	}
	dir := directory(t, nil)
	// The port is chosen before the server listens there: somebody may be faster, and the password shows who answers.
	for try := 0; ; try++ {
		address, password := freeAddress(t), rand.Text()
		_, port, _ := net.SplitHostPort(address)
		s := &Server{
			URL: "redis://:" + password + "@" + address + "/0", t: t, stop: syscall.SIGTERM,
			ready: func() error { return ping(address, password) },
			command: func() *exec.Cmd {
				cmd := exec.Command(binary, append([]string{
					"--bind", "127.0.0.1", "--port", port, "--requirepass", password, "--dir", dir,
					"--save", "", "--appendonly", "no", "--daemonize", "no",
				}, options...)...)
				cmd.SysProcAttr = mortal(syscall.SIGKILL)
				return cmd
			},
		}
		t.Cleanup(s.Stop)
		err := s.start()
		if err == nil {
			return s
		}
		if try == 5 {
			t.Fatalf("servertest: %v", err)
		}
	}
}

// freeAddress returns an address on the loopback interface where nobody listens now.
func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("servertest: %v", err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func ping(address, password string) error {
	conn, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(time.Second))
	if _, err := fmt.Fprintf(conn, "AUTH %s\r\n", password); err != nil {
		return err
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err == nil && strings.TrimSpace(line) != "+OK" {
		err = fmt.Errorf("answered %q", line)
	}
	return err
}
