//go:build unix

package storage_test

import (
	"bytes"
	"errors"
	"io"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/gopalisade/palisade/upload/storage"
)

// TestDescriptor is for scanners that are handed one.
func TestDescriptor(t *testing.T) {
	tx := begin(t, open(t, t.TempDir()))
	f := put(t, tx, "data").(interface {
		storage.File
		syscall.Conn
	})
	conn, err := f.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 10)
	var n int
	if err := conn.Control(func(fd uintptr) {
		n, err = syscall.Pread(int(fd), got, 0)
		_, _ = syscall.Seek(int(fd), 1, io.SeekStart)
	}); err != nil {
		t.Fatal(err)
	}
	if err != nil || string(got[:n]) != "data" {
		t.Errorf("read through the descriptor: got %q, %v", got[:n], err)
	}
	if _, err := io.WriteString(f, "more"); err != nil {
		t.Fatal(err)
	}
	if n, _ := f.ReadAt(got, 0); !bytes.Equal(got[:n], []byte("datamore")) {
		t.Errorf("after somebody moved its position: got %q", got[:n])
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := f.SyscallConn(); !errors.Is(err, storage.ErrDone) {
		t.Errorf("after the end: got %v, want ErrDone", err)
	}
}

// TestPipe has one where a file was: whoever opened it would wait for ever.
func TestPipe(t *testing.T) {
	dir := t.TempDir()
	d := open(t, dir)
	for i, key := range commit(t, d, "one", "two") {
		place, name := storage.Place(key)
		path := filepath.Join(dir, place, name+[]string{"", ".meta"}[i])
		plant(t, path, func(path string) error { return syscall.Mkfifo(path, 0o600) })
		if data, err := content(t, d, key); !errors.Is(err, storage.ErrDamaged) {
			t.Errorf("got %q, %v; want ErrDamaged", data, err)
		}
	}
}
