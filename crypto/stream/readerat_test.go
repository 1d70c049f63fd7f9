package stream_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/gopalisade/palisade/crypto/stream"
	"github.com/gopalisade/palisade/internal/racing"
)

func newReaderAt(tb testing.TB, src io.ReaderAt, size int) *stream.ReaderAt {
	tb.Helper()
	r, err := stream.NewReaderAt(src, int64(size), fixed(1), context)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

func TestReadAt(t *testing.T) {
	text, ct := file(t, 3*chunk+100)
	r := newReaderAt(t, bytes.NewReader(ct), len(ct))
	if r.Size() != int64(len(text)) {
		t.Errorf("Size is %d, want %d", r.Size(), len(text))
	}
	offsets := []int{0, 1, chunk - 1, chunk, chunk + 1, 2 * chunk, 3 * chunk, 3*chunk + 99, 3*chunk + 100, 3*chunk + 101, 1 << 40}
	lengths := []int{0, 1, 2, 100, 101, chunk - 1, chunk, chunk + 1, 2 * chunk, 4 * chunk}
	for _, off := range offsets {
		for _, n := range lengths {
			want := bytes.NewReader(text)
			mine, theirs := make([]byte, n+10), make([]byte, n+10)
			got, err := r.ReadAt(mine[:n], int64(off)) // with capacity behind it, which is not to be touched
			wantN, wantErr := want.ReadAt(theirs[:n], int64(off))
			if got != wantN || err != wantErr || !bytes.Equal(mine, theirs) {
				t.Errorf("%d at %d: got %d, %v, want %d, %v", n, off, got, err, wantN, wantErr)
			}
		}
	}
	if n, err := r.ReadAt(make([]byte, 1), -1); n != 0 || err == nil || errors.Is(err, stream.ErrOpen) {
		t.Errorf("before the beginning: got %d, %v", n, err)
	}
	if err := iotest.TestReader(io.NewSectionReader(r, 0, r.Size()), text); err != nil {
		t.Error(err)
	}
}

// An empty file has nothing to read, but has been found authentic.
func TestReadAtEmpty(t *testing.T) {
	_, ct := file(t, 0)
	r := newReaderAt(t, bytes.NewReader(ct), len(ct))
	if n, err := r.ReadAt(make([]byte, 1), 0); r.Size() != 0 || n != 0 || err != io.EOF {
		t.Errorf("got %d, %v of %d", n, err, r.Size())
	}
}

func TestReadAtConcurrently(t *testing.T) {
	text, ct := file(t, 4*chunk+100)
	r := newReaderAt(t, bytes.NewReader(ct), len(ct))
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			buffer := make([]byte, 700+i*5000)
			for step := range 50 {
				off := (i*7919 + step*1237) % (len(text) - len(buffer))
				if _, err := r.ReadAt(buffer, int64(off)); err != nil || !bytes.Equal(buffer, text[off:off+len(buffer)]) {
					t.Errorf("%d at %d: %v", len(buffer), off, err)
				}
			}
		})
	}
	group.Wait()
}

// A forged chunk does not spoil the others, nor is it forgotten.
func TestReadAtForged(t *testing.T) {
	text, ct := file(t, 4*chunk)
	ct[front+sealed+100] ^= 1
	r := newReaderAt(t, bytes.NewReader(ct), len(ct))
	buffer := make([]byte, 1000)
	for range 2 {
		for _, tc := range []struct {
			name string
			off  int64
			want int
		}{
			{"before", 100, 1000},
			{"across", chunk - 10, 10},
			{"inside", chunk + 5000, 0},
			{"after", 2 * chunk, 1000},
		} {
			n, err := r.ReadAt(buffer, tc.off)
			if n != tc.want || !bytes.Equal(buffer[:n], text[tc.off:tc.off+int64(n)]) || n < 1000 && cause(t, err) != nil {
				t.Errorf("%s: got %d, %v, want %d", tc.name, n, err, tc.want)
			}
		}
	}
}

// Whoever reads on in small steps, as archive/zip does, decrypts each chunk once.
func TestReadAtSmallSteps(t *testing.T) {
	if racing.Enabled {
		t.Skip("sync.Pool forgets on purpose")
	}
	text, ct := file(t, 2*chunk+100)
	src := &changing{ct: ct}
	r := newReaderAt(t, src, len(ct))
	src.reads = 0
	for off := 0; off < len(text); off += 100 {
		buffer := make([]byte, min(100, len(text)-off))
		if _, err := r.ReadAt(buffer, int64(off)); err != nil || !bytes.Equal(buffer, text[off:off+len(buffer)]) {
			t.Fatalf("at %d: %v", off, err)
		}
	}
	if src.reads > 30 { // of 330 calls: a garbage collection or another processor costs one more
		t.Errorf("%d reads of the source, want about one for each of 3 chunks", src.reads)
	}
}

// changing is a source that another process writes to.
type changing struct {
	ct    []byte
	err   error
	nil   bool
	reads int
}

func (c *changing) ReadAt(p []byte, off int64) (int, error) {
	c.reads++
	if c.err != nil {
		return 0, c.err
	}
	if c.nil {
		return 0, nil
	}
	return bytes.NewReader(c.ct).ReadAt(p, off)
}

func TestReadAtChangingSource(t *testing.T) {
	_, ct := file(t, 4*chunk)
	src := &changing{ct: ct}
	r := newReaderAt(t, src, len(ct))
	buffer := make([]byte, 1000)

	src.ct = ct[:front+2*sealed+50]
	if n, err := r.ReadAt(buffer, 2*chunk); n != 0 || cause(t, err) != stream.ErrTruncated {
		t.Errorf("cut: got %d, %v", n, err)
	}
	src.err = errFull
	if n, err := r.ReadAt(buffer, 0); n != 0 || err != errFull {
		t.Errorf("broken: got %d, %v", n, err)
	}
	if _, err := stream.NewReaderAt(src, int64(len(ct)), fixed(1), context); err != errFull {
		t.Errorf("broken: opened with %v", err)
	}
	src.err, src.nil = nil, true
	if n, err := r.ReadAt(buffer, 0); n != 0 || err != io.ErrNoProgress {
		t.Errorf("nothing: got %d, %v", n, err)
	}
	src.ct, src.nil = ct, false
	if n, err := r.ReadAt(buffer, 2*chunk); n != 1000 || err != nil {
		t.Errorf("mended: got %d, %v", n, err)
	}
}

// The size comes from a directory or a header of HTTP, and may be wrong.
func TestReaderAtWrongSize(t *testing.T) {
	_, ct := file(t, chunk+100)
	n := int64(len(ct))
	for _, size := range []int64{-1, 0, 5, front, n - 1, n + 1, n + sealed, 1 << 60, math.MaxInt64} {
		if _, err := stream.NewReaderAt(bytes.NewReader(ct), size, fixed(1), context); !errors.Is(err, stream.ErrOpen) {
			t.Errorf("%d of %d: got %v", size, n, err)
		}
	}
}
