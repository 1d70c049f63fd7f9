//go:build unix

package servertest

import (
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// Chromium opens the page in a headless browser until done says that the page has reported. The browser resolves no
// host name, so that a page reaches the test's own server and nothing else. All its processes have ended when Chromium
// returns.
func Chromium(t testing.TB, url string, done func() bool) {
	t.Helper()
	binary := chromiumBinary()
	if binary == "" {
		missing(t, "chromium")
	}
	dir := directory(t, nil)
	attr := mortal(syscall.SIGKILL)
	if attr == nil {
		attr = &syscall.SysProcAttr{}
	}
	attr.Setpgid = true // the browser is many processes, which end as one group
	cmd := exec.Command(binary, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
		"--disable-extensions", "--disable-background-networking", "--disable-component-update", "--disable-sync",
		"--disable-breakpad", "--mute-audio", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
		"--user-data-dir="+dir, url)
	cmd.SysProcAttr, cmd.Env = attr, append(os.Environ(), "HOME="+dir)
	s := &Server{
		URL: url, t: t, stop: syscall.SIGTERM,
		command: func() *exec.Cmd { return cmd },
		ready:   func() error { return nil },
	}
	defer endGroup(cmd)
	defer s.Stop()
	s.Start()
	for begin := time.Now(); !done(); {
		select {
		case <-s.gone:
			t.Fatalf("servertest: %s ended: %s", binary, s.output)
		case <-time.After(5 * time.Millisecond):
		}
		if time.Since(begin) > 4*patience { // a page does more than a server that starts
			t.Fatalf("servertest: the page does not report: %s", s.output)
		}
	}
}

func chromiumBinary() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// endGroup kills what is left of the command's process group, and waits until it is gone.
func endGroup(cmd *exec.Cmd) {
	if cmd.Process == nil {
		return
	}
	for begin := time.Now(); time.Since(begin) < 5*time.Second; time.Sleep(5 * time.Millisecond) {
		if syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) != nil {
			return
		}
	}
}
