package storage_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/gopalisade/palisade/internal/conf"
	"github.com/gopalisade/palisade/upload/storage"
)

// disk mounts a small file system.
func disk(t *testing.T, path, options string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("mounting a file system of 1 MiB needs root")
	}
	err := errors.Join(os.MkdirAll(path, 0o700), syscall.Mount("tmpfs", path, "tmpfs", 0, options+",mode=0700"))
	if err != nil && os.Getenv("PALISADE_REQUIRE") == "1" {
		t.Fatalf("cannot mount a tmpfs: %v, and PALISADE_REQUIRE=1", err)
	} else if err != nil {
		t.Skipf("cannot mount a tmpfs: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(path, 0); err != nil {
			t.Error(err)
		}
	})
}

// TestDiskFull fills a disk in every step of a transaction that needs room.
func TestDiskFull(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "disk")
	disk(t, dir, "size=1m")
	d := open(t, dir)
	commit(t, d, "a small file before")
	empty := tree(t, dir)
	for _, tc := range []struct {
		name string
		sort func(storage.Tx) error
	}{
		{"by one file", func(tx storage.Tx) error {
			return grow(t, tx, 2<<20)
		}},
		{"by the second", func(tx storage.Tx) error {
			put(t, tx, strings.Repeat("x", 600<<10))
			return grow(t, tx, 600<<10)
		}},
		{"by a description", func(tx storage.Tx) error {
			rest := fill(t, dir)
			defer rest()
			return tx.Commit(t.Context())
		}},
		{"by a directory", func(tx storage.Tx) error {
			rest := fill(t, dir)
			defer rest()
			_, err := tx.Create(t.Context())
			if err == nil { // an empty one may fit
				err = tx.Commit(t.Context())
			}
			return err
		}},
	} {
		tx := begin(t, d)
		put(t, tx, "first")
		if err := tc.sort(tx); !errors.Is(err, storage.ErrFull) {
			t.Errorf("%s: got %v, want ErrFull", tc.name, err)
		} else {
			pathless(t, err, dir)
		}
		if err := tx.Rollback(t.Context()); err != nil {
			t.Error(err)
		}
		if now := tree(t, dir); len(now) != len(empty) {
			t.Errorf("%s: left %v, want %v", tc.name, now, empty)
		}
		key := commit(t, d, strings.Repeat("x", 600<<10))[0] // another upload has the room
		if err := d.Delete(t.Context(), key); err != nil {
			t.Error(err)
		}
		empty = tree(t, dir) // the shared directory stays
	}
}

// grow writes in pieces until it fails, and goes on as a careless caller would.
func grow(t *testing.T, tx storage.Tx, size int) error {
	t.Helper()
	f := put(t, tx, "")
	var first error
	piece := make([]byte, 64<<10)
	for written := 0; written < size; written += len(piece) {
		if _, err := f.Write(piece); first == nil {
			first = err
		} else if !errors.Is(err, storage.ErrFull) {
			t.Errorf("a Write after one that failed: got %v, want ErrFull", err)
		}
	}
	if err := f.SetMeta(storage.Meta{Size: f.Size()}); err != nil {
		t.Error(err)
	}
	if err := tx.Commit(t.Context()); !errors.Is(err, storage.ErrFull) {
		t.Errorf("Commit of what was not written whole: got %v, want ErrFull", err)
	}
	return first
}

// fill takes all the room that is left.
func fill(t *testing.T, dir string) (free func()) {
	t.Helper()
	path := filepath.Join(dir, "filler")
	if err := os.WriteFile(path, make([]byte, 2<<20), 0o600); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("filling the disk: %v", err)
	}
	return func() {
		if err := os.Remove(path); err != nil {
			t.Error(err)
		}
	}
}

// TestNoInodes is a disk that has room for bytes, but not for another file.
func TestNoInodes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "disk")
	disk(t, dir, "size=1m,nr_inodes=12")
	d := open(t, dir)
	tx := begin(t, d)
	var err error
	n := 0
	for ; err == nil && n < 20; n++ {
		_, err = tx.Create(t.Context())
	}
	if !errors.Is(err, storage.ErrFull) {
		t.Errorf("after %d: got %v, want ErrFull", n, err)
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Error(err)
	}
	commit(t, d, "one")
}

// TestDevices refuses what no rename can cross, and a disk that takes nothing.
func TestDevices(t *testing.T) {
	for _, name := range []string{"objects", "quarantine"} {
		dir := t.TempDir()
		disk(t, filepath.Join(dir, name), "size=1m")
		d, err := storage.NewDirectory(storage.DirectoryConfig{Path: dir, Interval: -1})
		if faults := conf.All(err); d != nil || len(faults) != 1 || faults[0].Field != "Path" {
			t.Errorf("%s on another disk: got %v", name, err)
			if d != nil {
				_ = d.Close()
			}
		}
		if got := tree(t, dir); len(got) != 2 {
			t.Errorf("%s on another disk: left %v", name, got)
		}
	}
	dir := filepath.Join(t.TempDir(), "disk")
	disk(t, dir, "size=1m,ro")
	if _, err := storage.NewDirectory(storage.DirectoryConfig{Path: dir}); len(conf.All(err)) != 1 {
		t.Errorf("a read-only disk: got %v", err)
	}
}
