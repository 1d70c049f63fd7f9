package storage

import (
	"context"
	"io"
)

// Store keeps files. It must be safe for concurrent use, by several processes where several share it; package storagetest
// checks an implementation.
type Store interface {
	// Begin starts a transaction: one for each request, with the request's context. It lives while ctx does, after which its
	// files take no more bytes and the store may roll it back.
	Begin(ctx context.Context) (Tx, error)
	// Open returns a committed file, or ErrNotFound, which is also the answer to whatever cannot be a key.
	Open(ctx context.Context, key string) (Object, error)
	// Delete removes a committed file, or returns ErrNotFound: of several calls at once, one succeeds. Who has the file open
	// reads on, or gets an error, and never other bytes.
	Delete(ctx context.Context, key string) error
}

// Tx is a transaction: files that become visible together or never. Its methods, and those of its files, may be called at
// the same time. When it has ended, all but Rollback return ErrDone.
type Tx interface {
	// Create adds an empty file in quarantine, which nobody else can open.
	Create(ctx context.Context) (File, error)
	// Commit makes all files visible, each with its description, and then returns. It fails with ErrMeta where one has no
	// description or another size than it says, and with the first error of a Write. An error means that none is visible, and
	// ends the transaction. Without files it succeeds.
	Commit(ctx context.Context) error
	// Rollback removes all files, also when ctx has ended. After the end it does nothing and returns nil: defer it.
	Rollback(ctx context.Context) error
}

// File is a file in quarantine. One with a descriptor of its own in this process, open for reading and writing, is a
// [syscall.Conn] too, for scanners that take one.
type File interface {
	io.Writer // appends
	io.ReaderAt
	Size() int64 // bytes written
	Key() string // made by the store: at least 128 random bits, in letters and digits
	// SetMeta describes the file; the last call counts. It fails as [Meta.Check] does.
	SetMeta(m Meta) error
	// Discard takes the file out of its transaction: the original of which a sanitised copy is kept.
	Discard() error
}

// Object is a committed file, which nobody can change. Its methods may be called as often as those of an [os.File].
type Object interface {
	io.ReadSeekCloser
	io.ReaderAt
	Meta() Meta
}
