// Package servertest starts the real servers that tests of stores need.
//
// Each server listens on the loopback interface or on a socket in a directory of its own, and ends with its test: it is
// stopped by its own process id, also when the test binary is killed (on Linux). Where the server is not installed the test is
// skipped, or fails under PALISADE_REQUIRE=1.
package servertest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Server is a server that belongs to one test.
type Server struct {
	URL string // redis://… or postgres://…; the same after a restart

	t       testing.TB
	command func() *exec.Cmd
	ready   func() error // asks once
	stop    os.Signal
	cmd     *exec.Cmd
	output  *output
	gone    chan struct{}
}

var errNotReady = errors.New("not ready")

// patience bounds how long a server may take to answer, and to end: much, on a machine that is busy with other tests.
const patience = 30 * time.Second

// Start starts the server again after Stop, with the data that it kept on disk.
func (s *Server) Start() {
	s.t.Helper()
	if err := s.start(); err != nil {
		s.t.Fatalf("servertest: %v", err)
	}
}

func (s *Server) start() error {
	if s.cmd != nil {
		return errors.New("the server runs already")
	}
	s.cmd, s.output, s.gone = s.command(), &output{}, make(chan struct{})
	s.cmd.Stdout, s.cmd.Stderr = s.output, s.output
	if err := s.cmd.Start(); err != nil {
		s.cmd = nil
		return err
	}
	go func(cmd *exec.Cmd, gone chan struct{}) {
		_ = cmd.Wait()
		close(gone)
	}(s.cmd, s.gone)
	err := s.wait()
	if err != nil {
		s.Stop()
	}
	return err
}

// wait asks until the server answers or is gone.
func (s *Server) wait() error {
	name := filepath.Base(s.cmd.Path)
	var err error
	for begin := time.Now(); time.Since(begin) < patience; {
		if err = s.ready(); err == nil {
			return nil
		}
		select {
		case <-s.gone:
			return fmt.Errorf("%s ended: %s", name, s.output)
		case <-time.After(5 * time.Millisecond):
		}
	}
	return fmt.Errorf("%s does not answer: %w: %s", name, err, s.output)
}

// Stop ends the server and waits until it is gone. A server that is stopped already stays so.
func (s *Server) Stop() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Signal(s.stop)
	select {
	case <-s.gone:
	case <-time.After(patience):
		_ = s.cmd.Process.Kill()
		<-s.gone
	}
	s.cmd = nil
}

// missing skips the test, or fails it where every server is required.
func missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("PALISADE_REQUIRE") == "1" {
		t.Fatalf("servertest: %s is not installed, and PALISADE_REQUIRE=1", what)
	}
	t.Skipf("servertest: %s is not installed", what)
}

// directory makes a short-named directory that the server's user owns: the path of a socket holds about 100 bytes, and those
// of t.TempDir are closed to other users.
func directory(t testing.TB, owner *syscall.SysProcAttr) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "palisade")
	if err == nil {
		err = give(dir, owner)
	}
	if err != nil {
		t.Fatalf("servertest: %v", err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Errorf("servertest: %v", err)
		}
	})
	return dir
}

// output keeps the end of what a server says.
type output struct {
	mu   sync.Mutex
	text []byte
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text = append(o.text, p...)
	o.text = o.text[max(0, len(o.text)-2048):]
	return len(p), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return strconv.Quote(string(bytes.TrimSpace(o.text)))
}
