package stream

import (
	"crypto/rand"
	"io"
)

// Writer encrypts what is written to it. Only [Writer.Close] makes a whole file of it: one without its last chunk does not
// open, which is what should become of half an upload. It is not safe for concurrent use.
type Writer struct {
	// buf holds plaintext from lead on, and is encrypted in place. The first write to dst begins before lead, with what
	// stands in front of the chunks. It is the first field, so that chunks begin where a cache line does.
	buf  [lead + sealedSize]byte
	from int
	n    int // bytes of plaintext

	dst io.Writer
	chunks
	count uint64 // of chunks that were sealed
	nonce nonce
	err   error
	whole bool // has its last chunk
}

const lead = 64 // at least what stands in front

// NewWriter returns a Writer of one file, encrypted under a random key of [KeySize] bytes. The context says what the file
// is: it must be the same when reading, is stored nowhere, and may be empty. Nothing is written before the first full
// chunk, or Close; then chunks are written one by one, of 16400 bytes each.
func NewWriter(dst io.Writer, key, context []byte) (*Writer, error) {
	if err := checkArgs("dst", dst, key); err != nil {
		return nil, err
	}
	return newWriter(dst, nil, newSalt(), key, context)
}

func newWriter(dst io.Writer, head, salt, key, context []byte) (*Writer, error) {
	c, commitment, err := newChunks(key, salt, context)
	if err != nil {
		return nil, err
	}
	w := &Writer{dst: dst, chunks: c, from: lead - len(head) - prefixSize}
	front := append(append(w.buf[w.from:w.from], head...), salt...)
	copy(w.buf[w.from+len(front):], commitment)
	return w, nil
}

// newSalt draws a salt; with 192 bits none comes twice.
func newSalt() []byte {
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // it never fails
	return salt
}

// Write encrypts p. The error is dst's, [ErrTooLarge] or [ErrWriterClosed]; after the first of them every call fails with
// the same, Close too.
func (w *Writer) Write(p []byte) (int, error) {
	if w.err != nil {
		return 0, w.err
	}
	done := 0
	for done < len(p) {
		rest := p[done:]
		if w.n == 0 && len(rest) >= chunkSize { // no need to copy it first
			if !w.chunk(rest[:chunkSize]) {
				return done, w.err
			}
			done += chunkSize
			continue
		}
		n := copy(w.room(), rest)
		if w.n += n; w.n == chunkSize && !w.chunk(w.text()) {
			return done, w.err
		}
		done += n
	}
	return done, nil
}

// ReadFrom encrypts src up to its end. An error of src fails the Writer for good: a deferred Close must not make a whole
// file of half a source.
func (w *Writer) ReadFrom(src io.Reader) (int64, error) {
	var done int64
	ended := false
	defer func() {
		if !ended { // src panicked, or failed
			w.Abort()
		}
	}()
	for w.err == nil {
		n, err := fill(src, w.room())
		w.n += n
		done += int64(n)
		switch {
		case err == io.EOF:
			ended = true
			return done, nil
		case err != nil:
			w.fail(err)
		default:
			w.chunk(w.text())
		}
	}
	return done, w.err
}

// Close encrypts what is left as the last chunk. It does not close dst. A second call returns what the first did.
func (w *Writer) Close() error {
	if w.err == nil && w.seal(w.text()) {
		w.whole = true
		w.fail(ErrWriterClosed)
	}
	if w.whole {
		return nil
	}
	return w.err
}

// Abort leaves the file without its end, so that it never opens, and overwrites the plaintext that was not encrypted yet.
// After Close it does nothing: defer it, and close where all went well.
func (w *Writer) Abort() {
	if w.err == nil {
		w.fail(ErrWriterClosed)
	}
}

// room is where plaintext goes, and text the plaintext that is there.
func (w *Writer) room() []byte { return w.buf[lead+w.n : lead+chunkSize] }
func (w *Writer) text() []byte { return w.buf[lead : lead+w.n] }

// chunk seals a chunk that is not the last one, and leaves a number for that.
func (w *Writer) chunk(plain []byte) bool {
	if w.count >= maxChunks-1 {
		w.fail(ErrTooLarge)
		return false
	}
	return w.seal(plain)
}

// seal encrypts plain, which lies at text or outside of buf, and writes it. It reports whether that went well.
func (w *Writer) seal(plain []byte) bool {
	sealed := w.aead.Seal(w.buf[lead:lead], w.at(&w.nonce, w.count), plain, nil)
	out := w.buf[w.from : lead+len(sealed)]
	w.err = ErrWriterClosed // where dst panics: nothing else may be sealed under this number
	n, err := w.dst.Write(out)
	w.err = nil
	if err == nil && n != len(out) {
		err = io.ErrShortWrite
	}
	if err != nil {
		w.fail(err)
		return false
	}
	w.count++
	w.from, w.n = lead, 0
	return true
}

func (w *Writer) fail(err error) {
	w.err = err
	clear(w.buf[:])
}

// fill reads until buf is full, and returns io.EOF only when src ended before.
func fill(src io.Reader, buf []byte) (n int, err error) {
	idle := 0
	for n < len(buf) && err == nil {
		var m int
		m, err = src.Read(buf[n:])
		if m < 0 || m > len(buf)-n {
			return n, errRead
		}
		n += m
		if m > 0 {
			idle = 0
		} else if idle++; idle == maxIdle && err == nil {
			err = io.ErrNoProgress
		}
	}
	if n == len(buf) {
		return n, nil // the next call learns what was wrong
	}
	return n, err
}

const maxIdle = 100 // reads of nothing, as bufio has it
