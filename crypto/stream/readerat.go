package stream

import (
	"io"
	"sync"

	"github.com/gopalisade/palisade/crypto/field"
)

// ReaderAt decrypts any part of a file. It is safe for concurrent use when its source is.
//
// For an [io.ReadSeeker], as [net/http.ServeContent] wants it, there is io.NewSectionReader(r, 0, r.Size()).
type ReaderAt struct {
	src io.ReaderAt
	chunks
	size int64
	id   field.KeyID
	pool sync.Pool
}

// scratch is the memory that one call borrows. It remembers the chunk in it, for calls that read on in small steps.
type scratch struct {
	nonce nonce
	index int64 // -1 for none
	plain []byte
	buf   [sealedSize]byte
}

// NewReaderAt returns a ReaderAt of a file of size bytes that a [Writer] with the same key and context has written. It reads
// the first 56 bytes and the last chunk, so that a file which was cut or extended is noticed here; of the other chunks
// each is authenticated when it is read.
//
// The error matches [ErrOpen], or is that of src.
func NewReaderAt(src io.ReaderAt, size int64, key, context []byte) (*ReaderAt, error) {
	if err := checkArgs("src", src, key); err != nil {
		return nil, err
	}
	return newReaderAt(io.NewSectionReader(src, 0, max(size, 0)), 0, key, context)
}

// newReaderAt reads a file that begins after its header.
func newReaderAt(src *io.SectionReader, id field.KeyID, key, context []byte) (*ReaderAt, error) {
	size, err := plainLen(id, src.Size())
	if err != nil {
		return nil, err
	}
	r := &ReaderAt{src: src, size: size, id: id}
	r.pool.New = func() any { return &scratch{index: -1} }
	s := r.pool.Get().(*scratch)
	defer r.pool.Put(s)
	front := s.buf[:prefixSize]
	if err := readAt(src, front, 0); err != nil {
		return nil, sourceError(id, err)
	}
	if r.chunks, err = openChunks(id, front, key, context); err != nil {
		return nil, err
	}
	if _, err = r.chunk(s, size/chunkSize, nil); err != nil {
		return nil, err
	}
	return r, nil
}

// Size returns the length of the plaintext in bytes.
func (r *ReaderAt) Size() int64 { return r.size }

// ReadAt decrypts into p from off on. Its errors are [io.EOF] where p reaches beyond the end, those of the source as they are,
// and others that match [ErrOpen]; the bytes before them are authentic.
func (r *ReaderAt) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, errOffset
	}
	s := r.pool.Get().(*scratch)
	defer r.pool.Put(s)
	done := 0
	for done < len(p) && off < r.size {
		into := p[done:done:len(p)]
		if off%chunkSize != 0 {
			into = nil
		}
		plain, err := r.chunk(s, off/chunkSize, into)
		if err != nil {
			return done, err
		}
		n := copy(p[done:], plain[off%chunkSize:])
		done += n
		off += int64(n)
	}
	if done < len(p) || off >= r.size && done == 0 {
		return done, io.EOF
	}
	return done, nil
}

// chunk returns chunk i: in the memory behind dst when it has room for all of it, and otherwise in s.
func (r *ReaderAt) chunk(s *scratch, i int64, dst []byte) ([]byte, error) {
	if s.index == i {
		return s.plain, nil
	}
	s.index = -1
	n := int(min(r.size-i*chunkSize, chunkSize))
	sealed := s.buf[:n+tagSize]
	if err := readAt(r.src, sealed, prefixSize+i*sealedSize); err != nil {
		return nil, sourceError(r.id, err)
	}
	own := cap(dst) < n
	if own {
		dst = sealed[:0]
	}
	plain, err := r.aead.Open(dst, r.at(&s.nonce, uint64(i)), sealed, nil)
	if err != nil {
		clear(dst[:n])
		return nil, cannotOpen(r.id, nil)
	}
	if own {
		s.index, s.plain = i, plain
	}
	return plain, nil
}

// readAt fills p, or returns why not.
func readAt(src io.ReaderAt, p []byte, off int64) error {
	n, err := src.ReadAt(p, off)
	switch {
	case n == len(p):
		return nil
	case err == nil:
		return io.ErrNoProgress
	}
	return err
}
