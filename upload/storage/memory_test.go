package storage_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/upload/storage"
	"github.com/gopalisade/palisade/upload/storage/storagetest"
)

func TestMemoryConformance(t *testing.T) {
	storagetest.Run(t, func(*testing.T) storage.Store { return storage.NewMemory(0) })
}

// TestMemoryFull counts what is in quarantine, what is committed, and files without bytes.
func TestMemoryFull(t *testing.T) {
	s := storage.NewMemory(4096)
	key := commit(t, s, strings.Repeat("x", 1000))[0]
	tx := begin(t, s)
	f := put(t, tx, strings.Repeat("y", 1000))
	for range 2 {
		if n, err := io.WriteString(f, strings.Repeat("z", 2000)); n != 0 || !errors.Is(err, storage.ErrFull) {
			t.Errorf("got %d, %v; want ErrFull", n, err)
		}
	}
	if n, err := io.WriteString(f, "z"); n != 0 || !errors.Is(err, storage.ErrFull) {
		t.Errorf("what would fit, after what did not: got %d, %v; want ErrFull", n, err)
	}
	if err := tx.Commit(t.Context()); !errors.Is(err, storage.ErrFull) {
		t.Errorf("Commit of what was not written whole: got %v, want ErrFull", err)
	}
	tx = begin(t, s)
	n := 0
	var err error
	for ; err == nil; n++ {
		_, err = tx.Create(t.Context())
	}
	if n != 6 || !errors.Is(err, storage.ErrFull) { // 1512 are taken, and 5 times 512 fit
		t.Errorf("empty file %d: got %v, want ErrFull at the 6th", n, err)
	}
	if err := errors.Join(tx.Rollback(t.Context()), s.Delete(t.Context(), key)); err != nil {
		t.Fatal(err)
	}
	commit(t, s, strings.Repeat("x", 4096-512)) // all of it is there again
}

// TestMemoryMakesRoom takes it from requests that have ended.
func TestMemoryMakesRoom(t *testing.T) {
	s := storage.NewMemory(4096)
	ctx, cancel := context.WithCancel(t.Context())
	forgotten, err := s.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	f := put(t, forgotten, strings.Repeat("x", 3000))
	tx := begin(t, s)
	if _, err := tx.Create(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Create(t.Context()); !errors.Is(err, storage.ErrFull) {
		t.Errorf("beside a request that lives: got %v, want ErrFull", err)
	}
	cancel()
	commit(t, s, strings.Repeat("y", 3000))
	if _, err := f.ReadAt(make([]byte, 1), 0); !errors.Is(err, storage.ErrDone) {
		t.Errorf("got %v, want ErrDone", err)
	}
}
