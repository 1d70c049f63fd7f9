package storage_test

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"github.com/gopalisade/palisade/upload/storage"
)

// TestClaim begins processes while the janitor of another one is at work all the time: each must hold its lock afterwards,
// or it would look dead.
func TestClaim(t *testing.T) {
	dir := t.TempDir()
	first := open(t, dir)
	stop := make(chan struct{})
	var janitor sync.WaitGroup
	janitor.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				_, _ = first.Clean(t.Context())
			}
		}
	})
	var all []*storage.Directory
	for range 150 {
		d, err := storage.NewDirectory(storage.DirectoryConfig{Path: dir, Interval: -1, NoSync: true})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, d)
	}
	close(stop)
	janitor.Wait()
	locks, err := filepath.Glob(filepath.Join(dir, "quarantine", "*", "lock"))
	if err != nil || len(locks) != 1+len(all) {
		t.Fatalf("got %d locks, %v, want %d", len(locks), err, 1+len(all))
	}
	for _, path := range locks {
		if !locked(t, path) {
			t.Error("a process that lives holds no lock")
		}
	}
	for _, d := range all {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}
}

func locked(t *testing.T, path string) bool {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	return errors.Is(syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB), syscall.EWOULDBLOCK)
}
