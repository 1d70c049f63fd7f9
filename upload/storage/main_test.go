package storage_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gopalisade/palisade/upload/storage"
)

// helperEnv makes the test binary a process that shares a directory with the test: "<mode> <path>".
const helperEnv = "PALISADE_STORAGE_HELPER"

func TestMain(m *testing.M) {
	mode, path, ok := strings.Cut(os.Getenv(helperEnv), " ")
	if !ok {
		os.Exit(m.Run())
	}
	if err := help(mode, path); err != nil {
		fmt.Println("failed", err)
		os.Exit(1)
	}
}

func help(mode, path string) error {
	d, err := storage.NewDirectory(storage.DirectoryConfig{Path: path, Interval: -1})
	if err != nil {
		return err
	}
	switch mode {
	case "loop": // until it is killed
		for {
			if err := five(d, func(word string) { fmt.Println(word) }); err != nil {
				return err
			}
		}
	case "some":
		for range 10 {
			if err := five(d, func(word string) { fmt.Println(word) }); err != nil {
				return err
			}
		}
	case "hold":
		err = five(d, func(word string) {
			fmt.Println(word)
			if strings.HasPrefix(word, "commit") {
				_, _ = io.Copy(io.Discard, os.Stdin) // until the test closes it
			}
		})
	}
	return errors.Join(err, d.Close())
}

// five commits five files, and tells each step.
func five(s storage.Store, tell func(string)) error {
	tx, err := s.Begin(context.Background())
	if err != nil {
		return err
	}
	var keys []string
	for i := range 5 {
		f, err := tx.Create(context.Background())
		if err != nil {
			return err
		}
		keys = append(keys, f.Key())
		data := strings.Repeat(f.Key(), 1000*i)
		tell("step")
		if _, err := io.WriteString(f, data); err != nil {
			return err
		}
		tell("step")
		if err := f.SetMeta(storage.Meta{Name: "a.png", Type: "image/png", Size: int64(len(data))}); err != nil {
			return err
		}
	}
	tell("commit " + strings.Join(keys, " "))
	if err := tx.Commit(context.Background()); err != nil {
		return err
	}
	tell("done")
	return nil
}

// helper is such a process.
type helper struct {
	t     *testing.T
	cmd   *exec.Cmd
	lines *bufio.Scanner
	stdin io.Closer
}

func start(t *testing.T, mode, path string) *helper {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), helperEnv+"="+mode+" "+path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return &helper{t, cmd, bufio.NewScanner(out), in}
}

// next returns a line, or "" at the end.
func (h *helper) next() string {
	if !h.lines.Scan() {
		return ""
	}
	if line := h.lines.Text(); !strings.HasPrefix(line, "failed") {
		return line
	}
	h.t.Fatal(h.lines.Text())
	return ""
}

// keys reads to the next commit.
func (h *helper) keys() []string {
	h.t.Helper()
	for line := h.next(); line != ""; line = h.next() {
		if keys, ok := strings.CutPrefix(line, "commit "); ok {
			return strings.Fields(keys)
		}
	}
	h.t.Fatal("the process ended")
	return nil
}

// kill ends it as no handler can notice.
func (h *helper) kill() {
	h.t.Helper()
	if err := h.cmd.Process.Kill(); err != nil {
		h.t.Fatal(err)
	}
}

// age makes everything look as if nobody had touched it for two hours.
func age(t testing.TB, path string) {
	t.Helper()
	old := time.Now().Add(-2 * time.Hour)
	err := filepath.WalkDir(path, func(p string, e fs.DirEntry, err error) error {
		if err == nil && e.Type()&fs.ModeSymlink == 0 {
			err = os.Chtimes(p, old, old)
		}
		if errors.Is(err, fs.ErrNotExist) { // another process is at work
			return nil
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// tree lists what is below a directory, with its mode.
func tree(t testing.TB, path string) map[string]fs.FileMode {
	t.Helper()
	all := map[string]fs.FileMode{}
	err := filepath.WalkDir(path, func(p string, _ fs.DirEntry, err error) error {
		if err != nil || p == path {
			return err
		}
		info, err := os.Lstat(p)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(path, p)
		all[filepath.ToSlash(rel)] = info.Mode()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// entries is how many there are.
func entries(t testing.TB, path ...string) int {
	t.Helper()
	all, err := os.ReadDir(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}
