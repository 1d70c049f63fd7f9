package storage_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/gopalisade/palisade/upload/storage"
)

func Example() {
	path, err := os.MkdirTemp("", "files")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(path) }()
	store, err := storage.NewDirectory(storage.DirectoryConfig{Path: path})
	if err != nil {
		panic(err)
	}
	defer func() { _ = store.Close() }()

	upload := func(ctx context.Context, data []byte) (key string, err error) {
		tx, err := store.Begin(ctx)
		if err != nil {
			return "", err
		}
		defer func() { _ = tx.Rollback(ctx) }() // nothing after a commit
		f, err := tx.Create(ctx)
		if err != nil {
			return "", err
		}
		if _, err := f.Write(data); err != nil {
			return "", err
		}
		// Here the content is looked at, in quarantine.
		err = f.SetMeta(storage.Meta{
			Name: "holiday.png", Type: "image/png", Size: f.Size(), SHA256: sha256.Sum256(data), Owner: "alice", Created: time.Now(),
		})
		if err != nil {
			return "", err
		}
		return f.Key(), tx.Commit(ctx)
	}
	ctx := context.Background()
	key, err := upload(ctx, []byte("a picture"))
	if err != nil {
		panic(err)
	}

	o, err := store.Open(ctx, key)
	if err != nil {
		panic(err)
	}
	defer func() { _ = o.Close() }()
	data, err := io.ReadAll(o)
	fmt.Printf("%s of %s: %s %v\n", o.Meta().Name, o.Meta().Owner, data, err)
	_, err = store.Open(ctx, "../"+key)
	fmt.Println(err)
	// Output:
	// holiday.png of alice: a picture <nil>
	// storage: no such file
}

// A transaction lives as long as the context that it was begun with. Whoever commits after the handler has returned, in a
// goroutine or a queue, finds nothing: the request is over, and what it left in quarantine with it.
func Example_committedTooLate() {
	store := storage.NewMemory(0)
	handler := func(ctx context.Context) (storage.Tx, string) {
		tx, err := store.Begin(ctx)
		if err != nil {
			panic(err)
		}
		f, err := tx.Create(ctx)
		if err != nil {
			panic(err)
		}
		return tx, f.Key()
	}
	request, end := context.WithCancel(context.Background()) // r.Context(), in a server
	tx, key := handler(request)
	end()
	fmt.Println(tx.Commit(context.Background()))
	_, err := store.Open(context.Background(), key)
	fmt.Println(errors.Is(err, storage.ErrNotFound))
	// Output:
	// context canceled
	// true
}
