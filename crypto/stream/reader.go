package stream

import (
	"crypto/subtle"
	"io"

	"github.com/gopalisade/palisade/crypto/field"
)

// Reader decrypts a file from its beginning. It shows nothing of a chunk that is not authentic, but has shown the chunks
// before by then: only [io.EOF] says that the file is whole. It is not safe for concurrent use.
type Reader struct {
	src io.Reader
	chunks
	count uint64 // of chunks that were read
	nonce nonce
	id    field.KeyID // for errors

	buf   [sealedSize]byte
	plain []byte // of buf, still to be read
	err   error  // after plain
}

// NewReader returns a Reader of what a [Writer] with the same key and context has written. It reads the first 56 bytes of
// src, which tell whether key and context are those of the file.
//
// The error matches [ErrOpen], or is that of src.
func NewReader(src io.Reader, key, context []byte) (*Reader, error) {
	if err := checkArgs("src", src, key); err != nil {
		return nil, err
	}
	return newReader(src, 0, key, context)
}

func newReader(src io.Reader, id field.KeyID, key, context []byte) (*Reader, error) {
	r := &Reader{src: src, id: id}
	front := r.buf[:prefixSize]
	if _, err := fill(src, front); err != nil {
		return nil, sourceError(id, err)
	}
	var err error
	if r.chunks, err = openChunks(id, front, key, context); err != nil {
		return nil, err
	}
	return r, nil
}

// openChunks is [newChunks] of a file that is there.
func openChunks(id field.KeyID, front, key, context []byte) (chunks, error) {
	c, commitment, err := newChunks(key, front[:saltSize], context)
	if err == nil && subtle.ConstantTimeCompare(commitment, front[saltSize:]) != 1 {
		err = cannotOpen(id, nil)
	}
	return c, err
}

// sourceError tells the end of a file that should go on from what its source could not read.
func sourceError(id field.KeyID, err error) error {
	if err == io.EOF {
		return cannotOpen(id, ErrTruncated)
	}
	return err
}

// Read decrypts into p. Its errors are [io.EOF] after the last chunk was found authentic, those of the source as they are,
// and others that match [ErrOpen]. After the first of them every call fails with the same.
func (r *Reader) Read(p []byte) (int, error) {
	if len(r.plain) == 0 && r.err == nil {
		switch {
		case len(p) >= chunkSize: // no need to copy it later
			if n := len(r.next(p[:0:chunkSize])); n > 0 {
				return n, nil
			}
		case len(p) > 0:
			r.plain = r.next(r.buf[:0])
		}
	}
	if len(r.plain) == 0 {
		return 0, r.err
	}
	n := copy(p, r.plain)
	r.plain = r.plain[n:]
	return n, nil
}

// WriteTo decrypts all that is left. Its errors are those of [Reader.Read] without io.EOF, and those of dst, after which
// reading may go on. To a [Writer] it is [Writer.ReadFrom], which an error or a panic ends.
func (r *Reader) WriteTo(dst io.Writer) (int64, error) {
	if w, ok := dst.(*Writer); ok {
		return w.ReadFrom(r)
	}
	var done int64
	for {
		if len(r.plain) > 0 {
			n, err := dst.Write(r.plain)
			if n < 0 || n > len(r.plain) {
				n, err = 0, errWrite
			}
			if err == nil && n < len(r.plain) {
				err = io.ErrShortWrite
			}
			done += int64(n)
			r.plain = r.plain[n:]
			if err != nil {
				return done, err
			}
		}
		if r.err == io.EOF {
			return done, nil
		}
		if r.err != nil {
			return done, r.err
		}
		r.plain = r.next(r.buf[:0])
	}
}

// next decrypts a chunk to dst, which has room for it. It sets err when there is none after it.
func (r *Reader) next(dst []byte) []byte {
	n, err := fill(r.src, r.buf[:])
	switch {
	case err != nil && err != io.EOF:
		r.err = err
		return nil
	case n < tagSize:
		r.err = cannotOpen(r.id, ErrTruncated)
		return nil
	case n == sealedSize && r.count >= maxChunks-1: // which has no number left for the one behind it
		r.err = cannotOpen(r.id, ErrTooLarge)
		return nil
	}
	plain, openErr := r.aead.Open(dst, r.at(&r.nonce, r.count), r.buf[:n], nil)
	if openErr != nil {
		clear(dst[:n-tagSize]) // of what may be the caller's memory
		r.err = cannotOpen(r.id, nil)
		return nil
	}
	r.count++
	r.err = err // a short chunk is the last one
	return plain
}
