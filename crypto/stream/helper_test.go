package stream_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/secret"
	"github.com/gopalisade/palisade/crypto/stream"
)

// fixed returns key bytes that look random and are the same in every run.
func fixed(seed byte) []byte { return noise(seed, 32) }

// noise returns n bytes that are the same in every run.
func noise(seed byte, n int) []byte {
	out := make([]byte, n)
	x := uint32(seed)*2654435761 + 12345
	for i := range out {
		x = x*1664525 + 1013904223
		out[i] = byte(x >> 24)
	}
	return out
}

// files is what most tests use: key 7 is primary, key 3 active.
type files struct {
	*stream.Files
	ring *field.Ring
}

var invoice = stream.Bind("invoices", "7")

func newFiles(tb testing.TB) files {
	tb.Helper()
	ring, err := field.New(field.Config{Keys: []field.Key{
		{ID: 7, Secret: secret.New(fixed(1)), State: field.Primary},
		{ID: 3, Secret: secret.New(fixed(2))},
	}})
	if err != nil {
		tb.Fatal(err)
	}
	f, err := stream.New(stream.Config{Ring: ring})
	if err != nil {
		tb.Fatal(err)
	}
	return files{f, ring}
}

func (f files) write(dst io.Writer, b stream.Binding, text []byte) error {
	w, err := f.Writer(dst, b)
	if err != nil {
		return err
	}
	defer w.Abort()
	if _, err := w.Write(text); err != nil {
		return err
	}
	return w.Close()
}

func (f files) seal(tb testing.TB, b stream.Binding, text []byte) []byte {
	tb.Helper()
	var out bytes.Buffer
	if err := f.write(&out, b, text); err != nil {
		tb.Fatal(err)
	}
	if len(text) >= 8 && bytes.Contains(out.Bytes(), text[:8]) {
		tb.Fatal("plaintext is in the file")
	}
	return out.Bytes()
}

func (f files) open(b stream.Binding, sealed []byte) ([]byte, error) {
	r, err := f.Reader(bytes.NewReader(sealed), b)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// cause is the one behind an error of opening.
func cause(tb testing.TB, err error) error {
	tb.Helper()
	var open *stream.OpenError
	if !errors.As(err, &open) || !errors.Is(err, stream.ErrOpen) || err.Error() != stream.ErrOpen.Error() {
		tb.Errorf("got %v, want one that matches ErrOpen and says no more", err)
		return err
	}
	return open.Cause
}
