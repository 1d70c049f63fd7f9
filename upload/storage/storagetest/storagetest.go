// Package storagetest checks an implementation of [storage.Store].
//
// Call [Run] from a test of your own; it fails the test wherever the store breaks the contract. Run it under the race detector
// too. What a store leaves behind where no key leads is for tests of its own.
package storagetest

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/gopalisade/palisade/upload/storage"
)

// Run runs the suite. newStore returns a store with room for 16 MiB; it is called for each subtest, and cleans up through
// t.Cleanup.
func Run(t *testing.T, newStore func(t *testing.T) storage.Store) {
	for name, check := range map[string]func(*testing.T, storage.Store){
		"committed files come back":       roundTrip,
		"descriptions stay as they were":  describe,
		"descriptions must fit":           misdescribed,
		"names refused":                   refusedNames,
		"quarantine can be read":          readBack,
		"nothing before commit":           quarantined,
		"readers see all or nothing":      atomicity,
		"rollback leaves nothing":         rollback,
		"after commit all is over":        afterCommit,
		"after rollback all is over":      afterRollback,
		"a failed commit leaves nothing":  failedCommit,
		"discarded files stay out":        discard,
		"commit of nothing":               empty,
		"keys":                            keys,
		"unknown and hostile keys":        hostileKeys,
		"delete":                          remove,
		"concurrent deletions":            concurrentDelete,
		"delete while open":               deleteWhileOpen,
		"concurrent transactions":         concurrentTxs,
		"concurrent use of a transaction": concurrentFiles,
		"end while in use":                endInUse,
		"a cancelled context":             cancelled,
		"the request's context ends":      requestEnds,
	} {
		t.Run(name, func(t *testing.T) { check(t, newStore(t)) })
	}
}

var created = time.Date(2025, 3, 9, 2, 30, 0, 123_456_789, time.UTC)

// content returns bytes that no other file has.
func content(size int) []byte {
	b := make([]byte, size)
	_, _ = rand.Read(b) // never fails
	return b
}

func meta(data []byte) storage.Meta {
	return storage.Meta{
		Name: "holiday.png", Type: "image/png", Size: int64(len(data)), SHA256: sha256.Sum256(data), Owner: "alice", Created: created,
	}
}

// same compares descriptions; times are equal as instants.
func same(a, b storage.Meta) bool {
	equal := a.Created.Equal(b.Created) && a.Created.IsZero() == b.Created.IsZero()
	a.Created, b.Created = time.Time{}, time.Time{}
	return equal && a == b
}

func begin(t *testing.T, s storage.Store) storage.Tx {
	t.Helper()
	tx, err := s.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tx.Rollback(context.Background()) })
	return tx
}

func create(t *testing.T, tx storage.Tx) storage.File {
	t.Helper()
	f, err := tx.Create(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// write makes a file that can be committed.
func write(t *testing.T, tx storage.Tx, data []byte) storage.File {
	t.Helper()
	f := create(t, tx)
	if n, err := f.Write(data); n != len(data) || err != nil {
		t.Fatalf("got %d, %v", n, err)
	}
	if err := f.SetMeta(meta(data)); err != nil {
		t.Fatal(err)
	}
	return f
}

// commit returns the keys of committed files.
func commit(t *testing.T, s storage.Store, files ...[]byte) []string {
	t.Helper()
	tx := begin(t, s)
	var keys []string
	for _, data := range files {
		keys = append(keys, write(t, tx, data).Key())
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	return keys
}

// read returns all of an object.
func read(ctx context.Context, s storage.Store, key string) ([]byte, storage.Meta, error) {
	o, err := s.Open(ctx, key)
	if err != nil {
		return nil, storage.Meta{}, err
	}
	data, err := io.ReadAll(o)
	return data, o.Meta(), errors.Join(err, o.Close())
}

func wantGone(t *testing.T, s storage.Store, when string, keys ...string) {
	t.Helper()
	for _, key := range keys {
		if data, _, err := read(t.Context(), s, key); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("%s: got %d bytes, %v; want ErrNotFound", when, len(data), err)
		}
	}
}

func wantData(t *testing.T, s storage.Store, key string, want []byte) {
	t.Helper()
	data, m, err := read(t.Context(), s, key)
	if err != nil || !bytes.Equal(data, want) || !same(m, meta(want)) {
		t.Errorf("got %d bytes with %+v, %v; want the %d that were committed", len(data), m, err, len(want))
	}
}

func roundTrip(t *testing.T, s storage.Store) {
	var files [][]byte
	for _, size := range []int{0, 1, 511, 64 << 10, 64<<10 + 1, 1 << 20} {
		files = append(files, content(size))
	}
	for i, key := range commit(t, s, files...) {
		want := files[i]
		wantData(t, s, key, want)
		o, err := s.Open(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		middle := int64(len(want) / 2)
		if at, err := o.Seek(middle, io.SeekStart); at != middle || err != nil {
			t.Errorf("Seek: got %d, %v; want %d", at, err, middle)
		}
		if rest, err := io.ReadAll(o); err != nil || !bytes.Equal(rest, want[middle:]) {
			t.Errorf("from the middle: got %d bytes, %v", len(rest), err)
		}
		if end, err := o.Seek(0, io.SeekEnd); end != int64(len(want)) || err != nil {
			t.Errorf("size by Seek: got %d, %v; want %d", end, err, len(want))
		}
		readAt(t, o, want)
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	}
}

// readAt reads what is there, and what is not.
func readAt(t *testing.T, r io.ReaderAt, want []byte) {
	t.Helper()
	got := make([]byte, len(want))
	if n, err := r.ReadAt(got, 0); n != len(want) || err != nil && !errors.Is(err, io.EOF) || !bytes.Equal(got, want) {
		t.Errorf("ReadAt: got %d of %d bytes, %v", n, len(want), err)
	}
	if n, err := r.ReadAt(make([]byte, 7), int64(len(want))-int64(min(len(want), 3))); n != min(len(want), 3) || err != io.EOF {
		t.Errorf("ReadAt over the end: got %d, %v; want io.EOF", n, err)
	}
	if n, err := r.ReadAt(got[:min(1, len(got))], -1); n != 0 || err == nil && len(got) > 0 {
		t.Errorf("ReadAt before the start: got %d, %v", n, err)
	}
}

func readBack(t *testing.T, s storage.Store) {
	f := create(t, begin(t, s))
	var want []byte
	for _, size := range []int{3, 0, 70_000, 1} {
		part := content(size)
		if n, err := f.Write(part); n != size || err != nil {
			t.Fatalf("got %d, %v", n, err)
		}
		clear(part[:min(2, size)]) // what Write was given is the caller's again
		kept := make([]byte, size)
		if n, err := f.ReadAt(kept, int64(len(want))); n != size || err != nil && !errors.Is(err, io.EOF) {
			t.Errorf("got %d of %d bytes, %v", n, size, err)
		}
		if size > 2 && (bytes.Equal(kept, part) || !bytes.Equal(kept[2:], part[2:])) {
			t.Error("what was read is not what was written")
		}
		want = append(want, kept...)
		if f.Size() != int64(len(want)) {
			t.Errorf("Size: got %d, want %d", f.Size(), len(want))
		}
		readAt(t, f, want)
	}
}

func empty(t *testing.T, s storage.Store) {
	tx := begin(t, s)
	if err := tx.Commit(t.Context()); err != nil {
		t.Errorf("got %v, want none", err)
	}
	if err := tx.Commit(t.Context()); !errors.Is(err, storage.ErrDone) {
		t.Errorf("again: got %v, want ErrDone", err)
	}
}

func discard(t *testing.T, s storage.Store) {
	tx := begin(t, s)
	original, copied := write(t, tx, []byte("original")), write(t, tx, []byte("copy"))
	undescribed := create(t, tx)
	for _, f := range []storage.File{original, undescribed} {
		if err := f.Discard(); err != nil {
			t.Error(err)
		}
		if _, err := f.Write([]byte("more")); !errors.Is(err, storage.ErrDone) {
			t.Errorf("Write afterwards: got %v, want ErrDone", err)
		}
		if err := f.Discard(); !errors.Is(err, storage.ErrDone) {
			t.Errorf("again: got %v, want ErrDone", err)
		}
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Errorf("got %v, want none: what was discarded needs no description", err)
	}
	wantGone(t, s, "discarded", original.Key(), undescribed.Key())
	wantData(t, s, copied.Key(), []byte("copy"))

	tx = begin(t, s)
	if err := errors.Join(write(t, tx, []byte("only")).Discard(), tx.Commit(t.Context())); err != nil {
		t.Errorf("all discarded: got %v, want none", err)
	}
}
