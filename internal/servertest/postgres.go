package servertest

import (
	"net"
	"net/url"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// StartPostgres starts a PostgreSQL server for this test, and returns the postgres:// URL of its one database. Starting it
// takes seconds: subtests share one, each in a schema of its own (append "&search_path=" and a name).
func StartPostgres(t testing.TB) (dsn string) {
	t.Helper()
	return Postgres(t).URL
}

// Postgres starts a PostgreSQL server that the test may stop and start.
func Postgres(t testing.TB) *Server {
	t.Helper()
	bin := postgresBin()
	if bin == "" {
		missing(t, "postgres with initdb")
	}
	attr, err := humble(syscall.SIGQUIT)
	if err != nil {
		t.Fatalf("servertest: %v", err)
	}
	dir := directory(t, attr)
	run := func(name string, args ...string) *exec.Cmd {
		cmd := exec.Command(filepath.Join(bin, name), args...)
		cmd.Dir, cmd.SysProcAttr, cmd.Env = dir, attr, []string{"LC_ALL=C", "PATH=" + bin, "TZ=UTC"}
		return cmd
	}
	data := filepath.Join(dir, "data")
	// The directory is closed to other users, and the server listens nowhere else: nobody needs a password.
	out, err := run("initdb", "--pgdata", data, "--username", "postgres", "--auth", "trust",
		"--encoding", "UTF8", "--no-sync").CombinedOutput()
	if err != nil {
		t.Fatalf("servertest: initdb: %v: %s", err, out)
	}
	s := &Server{
		URL: "postgres://postgres@/postgres?host=" + url.QueryEscape(dir) + "&sslmode=disable",
		t:   t, stop: syscall.SIGINT,
		command: func() *exec.Cmd {
			return run("postgres", "-D", data, "-k", dir, "-h", "", "-c", "fsync=off", "-c", "full_page_writes=off",
				"-c", "max_connections=200", "-c", "shared_buffers=16MB")
		},
		ready: func() error { return askPostgres(filepath.Join(dir, ".s.PGSQL.5432")) },
	}
	t.Cleanup(s.Stop)
	s.Start()
	return s
}

// postgresBin returns the directory of the newest server that is installed.
func postgresBin() string {
	if path, err := exec.LookPath("postgres"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil && complete(filepath.Dir(path)) {
			return filepath.Dir(path)
		}
	}
	dirs, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	for i := len(dirs) - 1; i >= 0; i-- {
		if complete(dirs[i]) {
			return dirs[i]
		}
	}
	return ""
}

func complete(dir string) bool {
	for _, name := range []string{"postgres", "initdb"} {
		if _, err := exec.LookPath(filepath.Join(dir, name)); err != nil {
			return false
		}
	}
	return true
}

// askPostgres starts a session as far as the server's first answer: R asks who we are, E is an error, such as "starting up".
func askPostgres(socket string) error {
	conn, err := net.DialTimeout("unix", socket, time.Second)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(time.Second))
	const params = "\x00\x03\x00\x00user\x00postgres\x00database\x00postgres\x00\x00" // protocol 3.0
	if _, err := conn.Write(append([]byte{0, 0, 0, byte(4 + len(params))}, params...)); err != nil {
		return err
	}
	var kind [1]byte
	if _, err := conn.Read(kind[:]); err != nil {
		return err
	}
	if kind[0] != 'R' {
		return errNotReady
	}
	return nil
}
