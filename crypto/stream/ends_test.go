package stream_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"math"
	"sync"
	"testing"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/secret"
	"github.com/gopalisade/palisade/crypto/stream"
)

func endsKey() []byte {
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	return key
}

func endsFiles(t testing.TB) (*stream.Files, *field.Ring) {
	t.Helper()
	ring, err := field.New(field.Config{Keys: []field.Key{
		{ID: 1, Secret: secret.New(endsKey()), State: field.Primary},
		{ID: 2, Secret: secret.New(endsKey())},
	}})
	if err != nil {
		t.Fatal(err)
	}
	files, err := stream.New(stream.Config{Ring: ring})
	if err != nil {
		t.Fatal(err)
	}
	return files, ring
}

func endsSeal(t testing.TB, files *stream.Files, text []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := files.Writer(&out, stream.Bind("a", "b"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func noPanic(t *testing.T, name string, f func()) {
	t.Helper()
	defer func() {
		if p := recover(); p != nil {
			t.Errorf("%s: panic: %v", name, p)
		}
	}()
	f()
}

type funcWriter func([]byte) (int, error)

func (f funcWriter) Write(p []byte) (int, error) { return f(p) }

type funcReader func([]byte) (int, error)

func (f funcReader) Read(p []byte) (int, error) { return f(p) }

type funcReaderAt func([]byte, int64) (int, error)

func (f funcReaderAt) ReadAt(p []byte, off int64) (int, error) { return f(p, off) }

// TestImpossibleCounts: io.Copy answers errors to these, where this package panics.
func TestImpossibleCounts(t *testing.T) {
	files, _ := endsFiles(t)
	sealed := endsSeal(t, files, make([]byte, 50_000))
	for _, n := range []int{-1, 1 << 20} {
		noPanic(t, "Reader.WriteTo", func() {
			r, err := files.Reader(bytes.NewReader(sealed), stream.Bind("a", "b"))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := r.WriteTo(funcWriter(func([]byte) (int, error) { return n, nil })); err == nil {
				t.Error("WriteTo: no error")
			}
		})
		noPanic(t, "Writer.ReadFrom", func() {
			w, err := files.Writer(io.Discard, stream.Bind("a", "b"))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.ReadFrom(funcReader(func([]byte) (int, error) { return n, io.EOF })); err == nil {
				t.Error("ReadFrom: no error")
			}
		})
		noPanic(t, "Files.Reader", func() {
			if _, err := files.Reader(funcReader(func([]byte) (int, error) { return n, nil }), stream.Bind("a", "b")); err == nil {
				t.Error("Reader: no error")
			}
		})
	}
}

// TestDeferredCloseAfterReader has the error path of the documentation of ReadFrom: an error of the source, and a deferred Close.
// It holds for a plain source, and must for one that has WriteTo, such as the Reader of this very package.
func TestDeferredCloseAfterReader(t *testing.T) {
	files, _ := endsFiles(t)
	sealed := endsSeal(t, files, make([]byte, 50_000))
	cut := sealed[:len(sealed)-700]
	var out bytes.Buffer
	func() error {
		r, err := files.Reader(bytes.NewReader(cut), stream.Bind("a", "b"))
		if err != nil {
			return err
		}
		w, err := files.Writer(&out, stream.Bind("a", "copy"))
		if err != nil {
			return err
		}
		defer w.Close()
		_, err = io.Copy(w, r)
		return err
	}()
	r, err := files.Reader(bytes.NewReader(out.Bytes()), stream.Bind("a", "copy"))
	if err == nil {
		n, err := io.Copy(io.Discard, r)
		if err == nil {
			t.Errorf("a file of %d bytes of 50000 is whole, after its source failed", n)
		}
	}
}

// TestSourcePanics: the same, where the source panics and net/http recovers.
func TestSourcePanics(t *testing.T) {
	files, _ := endsFiles(t)
	var out bytes.Buffer
	func() {
		defer func() { _ = recover() }()
		w, _ := files.Writer(&out, stream.Bind("a", "b"))
		defer w.Close()
		n := 0
		_, _ = w.ReadFrom(funcReader(func(p []byte) (int, error) {
			if n++; n > 30 {
				panic("http: abort")
			}
			return copy(p, make([]byte, 1000)), nil
		}))
	}()
	r, err := files.Reader(bytes.NewReader(out.Bytes()), stream.Bind("a", "b"))
	if err == nil {
		if n, err := io.Copy(io.Discard, r); err == nil {
			t.Errorf("a file of %d bytes is whole, after its source panicked", n)
		}
	}
}

func TestSizes(t *testing.T) {
	files, ring := endsFiles(t)
	text := make([]byte, 50_000)
	for i := range text {
		text[i] = byte(i >> 8)
	}
	sealed := endsSeal(t, files, text)
	for _, size := range []int64{
		math.MinInt64, -1, 0, 5, 6, 61, 62, 77, 78, int64(len(sealed)) - 1, int64(len(sealed)) + 1, int64(len(sealed)) - 16400,
		62 + 16400, 62 + 16, 62 + 16400*3, 1 << 62, math.MaxInt64 - 1, math.MaxInt64,
	} {
		noPanic(t, "ReaderAt", func() {
			if _, err := files.ReaderAt(bytes.NewReader(sealed), size, stream.Bind("a", "b")); err == nil {
				t.Errorf("size %d: no error", size)
			}
			// A source that has bytes everywhere.
			if _, err := files.ReaderAt(funcReaderAt(func(p []byte, off int64) (int, error) {
				if off < int64(len(sealed)) {
					copy(p, sealed[off:])
				}
				return len(p), nil
			}), size, stream.Bind("a", "b")); err == nil {
				t.Errorf("size %d: no error of an endless source", size)
			}
		})
	}
	r, err := files.ReaderAt(bytes.NewReader(sealed), int64(len(sealed)), stream.Bind("a", "b"))
	if err != nil {
		t.Fatal(err)
	}
	for _, off := range []int64{math.MaxInt64, math.MaxInt64 - 5, r.Size(), r.Size() - 1, 16383, 16384, 0} {
		p := make([]byte, 20)
		n, err := r.ReadAt(p, off)
		want := 0
		if off < r.Size() {
			want = copy(make([]byte, 20), text[off:])
		}
		if n != want || (n < len(p)) != (err == io.EOF) || n > 0 && !bytes.Equal(p[:n], text[off:off+int64(n)]) {
			t.Errorf("%d: %d, %v", off, n, err)
		}
	}
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 500 {
				off := int64((i*7919 + g*104729) % 50_000)
				p := make([]byte, (i*31)%40_000)
				n, err := r.ReadAt(p, off)
				if err != nil && err != io.EOF || !bytes.Equal(p[:n], text[off:off+int64(n)]) {
					t.Errorf("%d: %d %v", off, n, err)
				}
			}
		})
	}
	wg.Wait()
	// The header's key id is authentic, though the other key is there too.
	other := bytes.Clone(sealed)
	other[5] = 2
	if _, err := files.Reader(bytes.NewReader(other), stream.Bind("a", "b")); !errors.Is(err, stream.ErrOpen) {
		t.Errorf("other key: %v", err)
	}
	if err := ring.SetPrimary(2); err != nil {
		t.Fatal(err)
	}
	if err := ring.Disable(1); err != nil {
		t.Fatal(err)
	}
	if _, err := files.Reader(bytes.NewReader(sealed), stream.Bind("a", "b")); !errors.Is(err, field.ErrKeyDisabled) {
		t.Errorf("disabled: %v", err)
	}
	if _, err := files.NeedsReseal(sealed[:6]); !errors.Is(err, field.ErrKeyDisabled) {
		t.Errorf("disabled: %v", err)
	}
}
