package stream_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/gopalisade/palisade/crypto/stream"
)

// recovered runs f as net/http runs a handler.
func recovered(f func()) {
	defer func() { _ = recover() }()
	f()
}

// TestDestinationPanics has dst take a chunk and panic, as a handler that is aborted does, and a deferred Close. To seal
// anything else under the number of that chunk would be to use its nonce twice.
func TestDestinationPanics(t *testing.T) {
	for _, n := range []int{chunk, chunk + 100, 2*chunk + 5} {
		for _, at := range []int{1, 2} {
			if at > n/chunk {
				continue
			}
			var out bytes.Buffer
			calls := 0
			w := newWriter(t, writerFunc(func(p []byte) (int, error) {
				calls++
				out.Write(p)
				if calls == at {
					panic("aborted")
				}
				return len(p), nil
			}))
			recovered(func() {
				defer func() { _ = w.Close() }()
				_, _ = w.Write(noise(9, n))
			})
			if calls != at {
				t.Errorf("%d bytes, panic in write %d: %d writes, so that a nonce served twice", n, at, calls)
			}
			if err := w.Close(); err != stream.ErrWriterClosed {
				t.Errorf("%d bytes, panic in write %d: Close gives %v", n, at, err)
			}
			if _, err := open(&out); !errors.Is(err, stream.ErrTruncated) {
				t.Errorf("%d bytes, panic in write %d: opened with %v", n, at, err)
			}
		}
	}
}

// TestCopyPanics copies from a Reader whose source panics.
func TestCopyPanics(t *testing.T) {
	_, ct := file(t, 3*chunk)
	src, err := stream.NewReader(io.MultiReader(bytes.NewReader(ct[:front+sealed+7]), panicking{}), fixed(1), context)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := newWriter(t, &out)
	recovered(func() {
		defer func() { _ = w.Close() }()
		_, _ = io.Copy(w, src)
	})
	if got, err := open(&out); err == nil {
		t.Errorf("a file of %d bytes of %d is whole, after its source panicked", len(got), 3*chunk)
	}
}

type panicking struct{}

func (panicking) Read([]byte) (int, error) { panic("aborted") }
