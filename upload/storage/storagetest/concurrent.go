package storagetest

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gopalisade/palisade/upload/storage"
)

// concurrentTxs commits every other one of many.
func concurrentTxs(t *testing.T, s storage.Store) {
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for round := range 5 {
				if err := one(t, s, (worker+round)%2 == 0); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

func one(t *testing.T, s storage.Store, keep bool) error {
	tx, err := s.Begin(t.Context())
	if err != nil {
		return err
	}
	files := map[string][]byte{}
	for range 3 {
		f, err := tx.Create(t.Context())
		if err != nil {
			return err
		}
		data := content(2000)
		_, err = f.Write(data)
		if err = errors.Join(err, f.SetMeta(meta(data))); err != nil {
			return err
		}
		files[f.Key()] = data
	}
	end := tx.Rollback
	if keep {
		end = tx.Commit
	}
	if err := end(t.Context()); err != nil {
		return err
	}
	for key, want := range files {
		data, _, err := read(t.Context(), s, key)
		if keep && (err != nil || !bytes.Equal(data, want)) || !keep && !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("committed: %t; got %d bytes, %v", keep, len(data), err)
		}
	}
	return nil
}

// concurrentFiles writes and reads the files of one transaction at the same time.
func concurrentFiles(t *testing.T, s storage.Store) {
	tx := begin(t, s)
	var mu sync.Mutex
	files := map[string][]byte{}
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			f, err := tx.Create(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			var data []byte
			for range 20 {
				part := content(500)
				if _, err := f.Write(part); err != nil {
					t.Error(err)
				}
				data = append(data, part...)
				got := make([]byte, len(part))
				if n, err := f.ReadAt(got, int64(len(data)-len(part))); n != len(part) || !bytes.Equal(got, part) {
					t.Errorf("got %d bytes, %v", n, err)
				}
			}
			if err := f.SetMeta(meta(data)); err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			files[f.Key()] = data
		})
	}
	wg.Wait()
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	for key, data := range files {
		wantData(t, s, key, data)
	}
}

// endInUse ends a transaction under a writer: no byte of a Write that came later is in what was committed.
func endInUse(t *testing.T, s storage.Store) {
	for _, keep := range []bool{true, false} {
		tx := begin(t, s)
		f := write(t, tx, []byte("data"))
		busy := create(t, tx)
		if err := busy.SetMeta(meta(nil)); err != nil {
			t.Fatal(err)
		}
		var over atomic.Bool
		var wg sync.WaitGroup
		wg.Go(func() {
			for late := false; ; late = over.Load() {
				_, err := busy.ReadAt(make([]byte, 1), 0)
				if errors.Is(err, storage.ErrDone) {
					break
				}
				if late {
					t.Errorf("ReadAt after the end: got %v, want ErrDone", err)
					break
				}
			}
			if n, err := f.Write([]byte("late")); n != 0 || !errors.Is(err, storage.ErrDone) {
				t.Errorf("got %d, %v; want ErrDone", n, err)
			}
		})
		end := tx.Rollback
		if keep {
			end = tx.Commit
		}
		if err := end(context.Background()); err != nil {
			t.Error(err)
		}
		over.Store(true)
		wg.Wait()
		if keep {
			wantData(t, s, f.Key(), []byte("data"))
		} else {
			wantGone(t, s, "after rollback", f.Key(), busy.Key())
		}
	}
}
