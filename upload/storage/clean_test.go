package storage_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gopalisade/palisade/upload/storage"
)

// abandon leaves what a killed process leaves, the lock not held.
func abandon(t testing.TB, dir string) (process string) {
	t.Helper()
	process = filepath.Join(dir, "quarantine", "abcdefgh23456777")
	tx := filepath.Join(process, "bcdefgh234567722")
	if err := os.MkdirAll(tx, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(process, "lock"), "")
	write(t, filepath.Join(tx, "file"), "data")
	return process
}

func TestClean(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(t *testing.T, process string)
		want   int
		gone   bool
	}{
		{"all of it is old", func(*testing.T, string) {}, 1, true},
		{"no lock, and old", func(t *testing.T, p string) { plant(t, filepath.Join(p, "lock"), nothing) }, 1, false},
		{"a new file", func(t *testing.T, p string) { write(t, filepath.Join(p, "bcdefgh234567722", "new"), "") }, 0, false},
		{"a file that is written", func(t *testing.T, p string) {
			write(t, filepath.Join(p, "bcdefgh234567722", "file"), "x")
		}, 0, false},
		{"a new transaction beside it", func(t *testing.T, p string) {
			if err := os.Mkdir(filepath.Join(p, "cdefgh2345677222"), 0o700); err != nil {
				t.Fatal(err)
			}
		}, 1, false},
		{"a new process", func(t *testing.T, p string) { write(t, filepath.Join(p, "lock"), "x") }, 1, false},
		{"nothing but the lock", func(t *testing.T, p string) { plant(t, filepath.Join(p, "bcdefgh234567722"), nothing) }, 0, true},
		{"an old file instead of the process", func(t *testing.T, p string) {
			plant(t, p, func(p string) error { return os.WriteFile(p, nil, 0o600) })
			age(t, p)
		}, 1, true},
		{"a new link instead of the process", func(t *testing.T, p string) { plant(t, p, linkTo(t.TempDir())) }, 0, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := t.TempDir()
			process := abandon(t, dir)
			d := open(t, dir)
			age(t, filepath.Join(dir, "quarantine"))
			tc.change(t, process)
			n, err := d.Clean(t.Context())
			_, left := os.Lstat(process)
			if n != tc.want || err != nil || errors.Is(left, fs.ErrNotExist) != tc.gone {
				t.Errorf("got %d, %v, and then %v; want %d, gone %t", n, err, left, tc.want, tc.gone)
			}
			if tc.want == 0 {
				return
			}
			if n, err := d.Clean(t.Context()); n != 0 || err != nil {
				t.Errorf("again: got %d, %v; want none", n, err)
			}
		})
	}
}

func nothing(string) error { return nil }

// TestCleanFollowsNoLink has one in a dead process's quarantine: it goes, what it points to stays.
func TestCleanFollowsNoLink(t *testing.T) {
	dir := t.TempDir()
	d := open(t, dir)
	key := commit(t, d, "kept")[0]
	process := abandon(t, dir)
	out, check := outside(t, key)
	place, _ := storage.Place(key)
	if err := errors.Join(
		os.Symlink(out, filepath.Join(process, "bcdefgh234567722", "out")),
		os.Symlink("../../../"+place, filepath.Join(process, "bcdefgh234567722", "in")),
	); err != nil {
		t.Fatal(err)
	}
	age(t, process)
	if n, err := d.Clean(t.Context()); n != 1 || err != nil {
		t.Errorf("got %d, %v; want 1", n, err)
	}
	check()
	if data, err := content(t, d, key); data != "kept" || err != nil {
		t.Errorf("got %q, %v", data, err)
	}
}

// TestCleanOwn holds for transactions of this process: they live while their request does, however old they are.
func TestCleanOwn(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		d, err := storage.NewDirectory(storage.DirectoryConfig{Path: dir, Interval: -1})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		forgotten, err := d.Begin(ctx)
		if err != nil {
			t.Fatal(err)
		}
		put(t, forgotten, "data")
		live := begin(t, d)
		key := put(t, live, "data").Key()
		stuck, err := filepath.Glob(filepath.Join(dir, "quarantine", "*", "lock"))
		if err != nil {
			t.Fatal(err)
		}
		leftover := filepath.Join(filepath.Dir(stuck[0]), "abcdefgh23456777")
		if err := os.Mkdir(leftover, 0o700); err != nil {
			t.Fatal(err)
		}
		clean := func(when string, want int) {
			t.Helper()
			if n, err := d.Clean(t.Context()); n != want || err != nil {
				t.Errorf("%s: got %d, %v; want %d", when, n, err, want)
			}
		}
		age(t, filepath.Join(dir, "quarantine")) // the file system has another clock
		clean("what a rollback failed to remove", 1)
		cancel()
		clean("a request that just ended", 0)
		time.Sleep(2 * time.Hour)
		clean("a request that ended long ago", 1)
		if err := forgotten.Commit(t.Context()); !errors.Is(err, storage.ErrDone) {
			t.Errorf("got %v, want ErrDone", err)
		}
		if err := live.Commit(t.Context()); err != nil {
			t.Errorf("a slow request: %v", err)
		}
		if data, err := content(t, d, key); data != "data" || err != nil {
			t.Errorf("got %q, %v", data, err)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestCleanCancelled(t *testing.T) {
	dir := t.TempDir()
	abandon(t, dir)
	d := open(t, dir)
	age(t, filepath.Join(dir, "quarantine"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if n, err := d.Clean(ctx); n != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("got %d, %v; want context.Canceled", n, err)
	}
}

// TestCleanUnknownOwner has a lock that cannot be opened: that is no proof that its owner is dead.
func TestCleanUnknownOwner(t *testing.T) {
	dir := t.TempDir()
	process := abandon(t, dir)
	d := open(t, dir)
	plant(t, filepath.Join(process, "lock"), linkTo("/etc/passwd"))
	age(t, filepath.Join(dir, "quarantine"))
	n, err := d.Clean(t.Context())
	if _, left := os.Lstat(filepath.Join(process, "bcdefgh234567722", "file")); n != 0 || err == nil || left != nil {
		t.Errorf("got %d, %v, and then %v; want an error, and the file", n, err, left)
	} else {
		pathless(t, err, dir)
	}
}

// TestCleanReports has what cannot be read.
func TestCleanReports(t *testing.T) {
	dir := t.TempDir()
	d := open(t, dir)
	plant(t, filepath.Join(dir, "quarantine"), func(p string) error { return os.Symlink("/", p) })
	if n, err := d.Clean(t.Context()); n != 0 || err == nil {
		t.Errorf("got %d, %v; want an error", n, err)
	} else {
		pathless(t, err, dir)
	}
}

func TestJanitor(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		type report struct {
			n   int
			err error
		}
		reports := make(chan report, 10)
		d, err := storage.NewDirectory(storage.DirectoryConfig{
			Path: dir, Interval: time.Minute, Report: func(n int, err error) { reports <- report{n, err} },
		})
		if err != nil {
			t.Fatal(err)
		}
		process := abandon(t, dir)
		old := time.Now().Add(-2 * time.Hour)
		for _, path := range []string{"bcdefgh234567722/file", "bcdefgh234567722", "lock", "."} {
			if err := os.Chtimes(filepath.Join(process, path), old, old); err != nil {
				t.Fatal(err)
			}
		}
		begun := time.Now()
		for i, want := range []int{1, 0} {
			if got := <-reports; got.n != want || got.err != nil || time.Since(begun) != time.Duration(i+1)*time.Minute {
				t.Errorf("after %v: got %+v, want %d", time.Since(begun), got, want)
			}
		}
		if err := d.Close(); err != nil { // or the bubble never ends
			t.Error(err)
		}
	})
}
