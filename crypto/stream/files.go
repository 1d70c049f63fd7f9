package stream

import (
	"io"

	"github.com/gopalisade/palisade/crypto/field"
)

// Files writes files under the primary key of a ring and opens those of all its keys, each under its name only. It is safe
// for concurrent use; a nil Files is one whose ring is closed. Streams that have begun go on when their key is disabled or
// the ring closed.
type Files struct{ ring *field.Ring }

// purpose is what the ring's derived keys are told apart by.
const purpose = "palisade/stream/v1"

// key derives the input key of all files of one of the ring's keys; 0 is the primary.
func (f *Files) key(id field.KeyID) (field.KeyID, []byte, error) {
	if f == nil {
		return 0, nil, field.ErrClosed
	}
	return f.ring.Derive(purpose, id)
}

// Writer returns a [Writer] of the file that b names, under the primary key. The error is [ErrBinding] or
// [field.ErrClosed].
func (f *Files) Writer(dst io.Writer, b Binding) (*Writer, error) {
	if err := checkArgs("dst", dst); err != nil {
		return nil, err
	}
	if !b.check() {
		return nil, ErrBinding
	}
	id, key, err := f.key(0)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	head := header(id)
	return newWriter(dst, head, newSalt(), key, b.context(head))
}

// Reader returns a [Reader] of the file that b names. It reads the first 62 bytes of src. The error matches [ErrOpen], or is
// that of src.
func (f *Files) Reader(src io.Reader, b Binding) (*Reader, error) {
	if err := checkArgs("src", src); err != nil {
		return nil, err
	}
	head := make([]byte, HeaderSize)
	if _, err := fill(src, head); err != nil {
		return nil, sourceError(0, err)
	}
	id, key, err := f.open(head, b)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	return newReader(src, id, key, b.context(head))
}

// ReaderAt returns a [ReaderAt] of the file of size bytes that b names. It reads the first 62 bytes and the last chunk. The
// error matches [ErrOpen], or is that of src.
func (f *Files) ReaderAt(src io.ReaderAt, size int64, b Binding) (*ReaderAt, error) {
	if err := checkArgs("src", src); err != nil {
		return nil, err
	}
	head := make([]byte, HeaderSize)
	whole := io.NewSectionReader(src, 0, max(size, 0))
	if err := readAt(whole, head, 0); err != nil {
		return nil, sourceError(0, err)
	}
	id, key, err := f.open(head, b)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	return newReaderAt(io.NewSectionReader(whole, HeaderSize, size-HeaderSize), id, key, b.context(head))
}

// open finds the key of a file by its header, and tries no other.
func (f *Files) open(head []byte, b Binding) (field.KeyID, []byte, error) {
	info, err := Inspect(head)
	if err != nil {
		return 0, nil, err
	}
	if !b.check() {
		return 0, nil, cannotOpen(info.KeyID, ErrBinding)
	}
	_, key, err := f.key(info.KeyID)
	if err != nil {
		return 0, nil, cannotOpen(info.KeyID, err)
	}
	return info.KeyID, key, nil
}

// NeedsReseal reports whether a file, of which the first [HeaderSize] bytes are enough, is of another key than the primary. A
// damaged file may pass. The error matches [ErrOpen]: a file that cannot be opened is a finding and not a reason to reseal.
func (f *Files) NeedsReseal(head []byte) (stale bool, err error) {
	info, err := Inspect(head)
	if err != nil {
		return false, err
	}
	for _, id := range []field.KeyID{info.KeyID, 0} {
		id, key, err := f.key(id)
		clear(key)
		if err != nil {
			return false, cannotOpen(info.KeyID, err)
		}
		stale = id != info.KeyID
	}
	return stale, nil
}

// Reseal opens src and writes it to dst again under the primary key, with the same name. It returns the length of the
// plaintext. When it fails, dst has no whole file: write to a new place, and put that in the old one's afterwards.
//
// The error matches [ErrOpen], or is that of src or dst.
func (f *Files) Reseal(dst io.Writer, src io.Reader, b Binding) (int64, error) {
	r, err := f.Reader(src, b)
	if err != nil {
		return 0, err
	}
	w, err := f.Writer(dst, b)
	if err != nil {
		return 0, err
	}
	defer w.Abort()
	n, err := io.Copy(w, r)
	if err != nil {
		return n, err
	}
	return n, w.Close()
}
