package storagetest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gopalisade/palisade/upload/storage"
)

func quarantined(t *testing.T, s storage.Store) {
	tx, other := begin(t, s), begin(t, s)
	f := write(t, tx, []byte("data"))
	wantGone(t, s, "before commit", f.Key())
	if err := s.Delete(t.Context(), f.Key()); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("Delete before commit: got %v, want ErrNotFound", err)
	}
	if err := other.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantGone(t, s, "when another is committed", f.Key())
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantData(t, s, f.Key(), []byte("data"))
}

// atomicity has readers who know the keys before: once one of them has seen one file, all are there for everybody.
func atomicity(t *testing.T, s storage.Store) {
	for range 5 {
		tx := begin(t, s)
		var files [][]byte
		var keys []string
		for range 5 {
			files = append(files, content(1000))
			keys = append(keys, write(t, tx, files[len(files)-1]).Key())
		}
		var seen atomic.Bool
		var wg sync.WaitGroup
		for reader := range 4 {
			wg.Go(func() {
				for i, n := reader, 0; n < len(keys); i++ {
					must := seen.Load()
					data, m, err := read(t.Context(), s, keys[i%len(keys)])
					switch {
					case err == nil && bytes.Equal(data, files[i%len(keys)]) && same(m, meta(data)):
						seen.Store(true)
						n++
					case !must && errors.Is(err, storage.ErrNotFound):
					default:
						t.Errorf("a part of a transaction: got %d bytes, %v, after it was seen or committed: %t", len(data), err, must)
						return
					}
				}
			})
		}
		if err := tx.Commit(t.Context()); err != nil {
			t.Error(err)
		}
		seen.Store(true) // and never later than this
		wg.Wait()
	}
}

func rollback(t *testing.T, s storage.Store) {
	for _, ctx := range []context.Context{t.Context(), ended()} {
		tx := begin(t, s)
		a, b := write(t, tx, content(100)), create(t, tx)
		if err := tx.Rollback(ctx); err != nil {
			t.Errorf("got %v, want none", err)
		}
		wantGone(t, s, "after rollback", a.Key(), b.Key())
	}
}

func ended() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// over checks that nothing is possible any more.
func over(t *testing.T, tx storage.Tx, f storage.File) {
	t.Helper()
	key, size := f.Key(), f.Size()
	_, errCreate := tx.Create(t.Context())
	n, errWrite := f.Write([]byte("more"))
	_, errRead := f.ReadAt(make([]byte, 1), 0)
	for what, err := range map[string]error{
		"Commit": tx.Commit(t.Context()), "Create": errCreate, "Write": errWrite, "ReadAt": errRead,
		"SetMeta": f.SetMeta(meta([]byte("other"))), "Discard": f.Discard(),
	} {
		if !errors.Is(err, storage.ErrDone) {
			t.Errorf("%s: got %v, want ErrDone", what, err)
		}
	}
	if n != 0 || f.Key() != key || f.Size() != size {
		t.Errorf("%d bytes were written", n)
	}
	for range 2 {
		if err := tx.Rollback(t.Context()); err != nil {
			t.Errorf("Rollback: got %v, want none", err)
		}
	}
}

func afterCommit(t *testing.T, s storage.Store) {
	tx := begin(t, s)
	f := write(t, tx, []byte("data"))
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	over(t, tx, f)
	wantData(t, s, f.Key(), []byte("data"))
}

func afterRollback(t *testing.T, s storage.Store) {
	tx := begin(t, s)
	f := write(t, tx, []byte("data"))
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	over(t, tx, f)
	wantGone(t, s, "after rollback", f.Key())
}

func failedCommit(t *testing.T, s storage.Store) {
	tx := begin(t, s)
	f := write(t, tx, []byte("data"))
	if err := tx.Commit(ended()); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	over(t, tx, f)
	wantGone(t, s, "after a failed commit", f.Key())
}

func remove(t *testing.T, s storage.Store) {
	keys := commit(t, s, []byte("one"), []byte("two"), nil)
	other := commit(t, s, []byte("other"))[0]
	for i, key := range keys {
		if err := s.Delete(t.Context(), key); err != nil {
			t.Errorf("got %v, want none", err)
		}
		wantGone(t, s, "deleted", keys[:i+1]...)
		if err := s.Delete(t.Context(), key); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("again: got %v, want ErrNotFound", err)
		}
		if i == 0 {
			wantData(t, s, keys[1], []byte("two"))
		}
	}
	wantData(t, s, other, []byte("other"))
}

func concurrentDelete(t *testing.T, s storage.Store) {
	keys := commit(t, s, []byte("one"), []byte("two"))
	for _, key := range keys {
		var deleted atomic.Int64
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if err := s.Delete(t.Context(), key); err == nil {
					deleted.Add(1)
				} else if !errors.Is(err, storage.ErrNotFound) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if deleted.Load() != 1 {
			t.Errorf("of 8 deletions at once %d succeeded, want 1", deleted.Load())
		}
	}
}

func deleteWhileOpen(t *testing.T, s storage.Store) {
	want := content(1000)
	key := commit(t, s, want)[0]
	o, err := s.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = o.Close() }()
	if err := s.Delete(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	commit(t, s, content(1000))
	if data, err := io.ReadAll(o); err == nil && !bytes.Equal(data, want) {
		t.Errorf("got %d other bytes", len(data))
	}
}

func cancelled(t *testing.T, s storage.Store) {
	key := commit(t, s, []byte("data"))[0]
	if _, err := s.Begin(ended()); !errors.Is(err, context.Canceled) {
		t.Errorf("Begin: got %v, want context.Canceled", err)
	}
	if _, err := s.Open(ended(), key); !errors.Is(err, context.Canceled) {
		t.Errorf("Open: got %v, want context.Canceled", err)
	}
	if err := s.Delete(ended(), key); !errors.Is(err, context.Canceled) {
		t.Errorf("Delete: got %v, want context.Canceled", err)
	}
	wantData(t, s, key, []byte("data"))
	tx := begin(t, s)
	if _, err := tx.Create(ended()); !errors.Is(err, context.Canceled) {
		t.Errorf("Create: got %v, want context.Canceled", err)
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Errorf("Commit after it: got %v, want none", err)
	}
}

// requestEnds is a client that goes away.
func requestEnds(t *testing.T, s storage.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	tx, err := s.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	f := write(t, tx, []byte("data"))
	cancel()
	if n, err := f.Write([]byte("more")); n != 0 || err == nil {
		t.Errorf("Write: got %d, %v; want an error", n, err)
	}
	if _, err := tx.Create(t.Context()); err == nil {
		t.Error("Create: got no error")
	}
	if err := tx.Commit(t.Context()); err == nil {
		t.Error("Commit: got no error")
	}
	wantGone(t, s, "after the request ended", f.Key())
	if err := tx.Rollback(ctx); err != nil {
		t.Errorf("Rollback: got %v, want none", err)
	}
}
