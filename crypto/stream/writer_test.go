package stream_test

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"github.com/gopalisade/palisade/crypto/stream"
)

func newWriter(tb testing.TB, dst io.Writer) *stream.Writer {
	tb.Helper()
	w, err := stream.NewWriter(dst, fixed(1), context)
	if err != nil {
		tb.Fatal(err)
	}
	return w
}

// Every place at which the disk can be full.
func TestWriterFails(t *testing.T) {
	text, ct := file(t, 2*chunk+5)
	for _, left := range []int{0, 1, front, front + 1, front + sealed - 1, front + sealed, front + 2*sealed, len(ct) - 1} {
		for name, want := range map[string]error{"error": errFull, "short": io.ErrShortWrite} {
			dst := &limited{left: left}
			if name == "error" {
				dst.err = errFull
			}
			w := newWriter(t, dst)
			n, err := w.Write(text)
			if err == nil {
				err = w.Close()
			} else if n > left {
				t.Errorf("%s after %d: %d bytes are said to be written", name, left, n)
			}
			if err != want {
				t.Errorf("%s after %d: got %v", name, left, err)
			}
			before := len(dst.got)
			dst.left = 1 << 20 // there is room again, but the file has a hole
			_, again := w.Write(text)
			_, from := w.ReadFrom(bytes.NewReader(text))
			w.Abort()
			if again != want || from != want || w.Close() != want || len(dst.got) != before {
				t.Errorf("%s after %d: then %v, %v, %v, %d bytes", name, left, again, from, w.Close(), len(dst.got))
			}
		}
	}
}

func TestWriterFailsInSteps(t *testing.T) {
	text, _ := file(t, 3*chunk)
	w := newWriter(t, &limited{left: front + sealed + 1, err: errFull})
	done := 0
	for {
		n, err := w.Write(text[done : done+1000])
		done += n
		if err != nil {
			if err != errFull || n > 1000 || done > 2*chunk {
				t.Errorf("wrote %d, %v", n, err)
			}
			return
		}
	}
}

func TestReadFromFails(t *testing.T) {
	text, _ := file(t, chunk)
	for _, n := range []int{0, 1, chunk - 1, chunk} {
		var out bytes.Buffer
		w := newWriter(t, &out)
		got, err := w.ReadFrom(io.MultiReader(bytes.NewReader(text[:n]), iotest.ErrReader(errFull)))
		if int(got) != n || err != errFull {
			t.Errorf("after %d: read %d, %v", n, got, err)
		}
		if err := w.Close(); err != errFull {
			t.Errorf("after %d: closed with %v, want the source's error", n, err)
		}
		if _, err := open(&out); !errors.Is(err, stream.ErrTruncated) {
			t.Errorf("after %d: opened with %v", n, err)
		}
	}
	w := newWriter(t, io.Discard)
	if _, err := w.ReadFrom(idle{}); err != io.ErrNoProgress {
		t.Errorf("got %v, want io.ErrNoProgress", err)
	}
	w = newWriter(t, &limited{left: 5, err: errFull})
	if n, err := w.ReadFrom(bytes.NewReader(make([]byte, 3*chunk))); n != chunk || err != errFull {
		t.Errorf("got %d, %v, want one chunk and errFull", n, err)
	}
}

func TestClose(t *testing.T) {
	var out bytes.Buffer
	w := newWriter(t, &out)
	_, _ = w.Write([]byte("text"))
	if out.Len() != 0 {
		t.Errorf("%d bytes before Close", out.Len())
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	n := out.Len()
	w.Abort()
	if err := w.Close(); err != nil {
		t.Errorf("a second Close gives %v", err)
	}
	if _, err := w.Write([]byte("more")); err != stream.ErrWriterClosed {
		t.Errorf("Write after Close gives %v", err)
	}
	if _, err := w.Write(nil); err != stream.ErrWriterClosed {
		t.Errorf("empty Write after Close gives %v", err)
	}
	if _, err := w.ReadFrom(bytes.NewReader(nil)); err != stream.ErrWriterClosed {
		t.Errorf("ReadFrom after Close gives %v", err)
	}
	if out.Len() != n {
		t.Errorf("%d bytes after Close", out.Len()-n)
	}
	if text, err := open(&out); err != nil || string(text) != "text" {
		t.Errorf("got %q, %v", text, err)
	}
}

// Without Close a file is not one, at whatever length it ends.
func TestForgottenClose(t *testing.T) {
	for _, n := range sizes {
		text, _ := file(t, n)
		var out bytes.Buffer
		w := newWriter(t, &out)
		_, _ = w.Write(text)
		got, err := open(bytes.NewReader(out.Bytes()))
		if !errors.Is(err, stream.ErrTruncated) || len(got) != n/chunk*chunk {
			t.Errorf("%d: got %d bytes, %v", n, len(got), err)
		}
		if _, err := openAt(out.Bytes()); !errors.Is(err, stream.ErrTruncated) {
			t.Errorf("%d: got %v at random", n, err)
		}
	}
}

func TestAbort(t *testing.T) {
	var out bytes.Buffer
	w := newWriter(t, &out)
	_, _ = w.Write(noise(9, chunk+100))
	w.Abort()
	if bytes.Contains(stream.WriterBuffer(w), noise(9, chunk+100)[chunk:chunk+16]) {
		t.Error("plaintext is still in memory")
	}
	if err := w.Close(); err != stream.ErrWriterClosed {
		t.Errorf("Close after Abort gives %v", err)
	}
	if _, err := open(&out); !errors.Is(err, stream.ErrTruncated) {
		t.Errorf("opened with %v", err)
	}
}

// A writer below that counts or batches must see whole chunks.
func TestWritesOfWholeChunks(t *testing.T) {
	var lengths []int
	w := newWriter(t, writerFunc(func(p []byte) (int, error) {
		lengths = append(lengths, len(p))
		return len(p), nil
	}))
	for range 5 {
		_, _ = w.Write(make([]byte, chunk/2))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if len(lengths) != 3 || lengths[0] != front+sealed || lengths[1] != sealed || lengths[2] != chunk/2+16 {
		t.Errorf("got writes of %v", lengths)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
