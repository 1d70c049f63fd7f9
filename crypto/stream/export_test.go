package stream

import "io"

// NewWriterSalt is [NewWriter] with a salt that was drawn before, as vectors have it.
func NewWriterSalt(dst io.Writer, key, context, salt []byte) (*Writer, error) {
	return newWriter(dst, nil, salt, key, context)
}

// SkipWriter makes the next chunk the one of a number.
func SkipWriter(w *Writer, count uint64) { w.count = count }

// SkipReader makes the next chunk the one of a number.
func SkipReader(r *Reader, count uint64) { r.count = count }

// MaxChunks is the ceiling of the format.
const MaxChunks = maxChunks

// Context is what a binding authenticates.
func Context(b Binding) []byte { return b.context(nil) }

// WriterBuffer is the memory that plaintext goes through.
func WriterBuffer(w *Writer) []byte { return w.buf[:] }
