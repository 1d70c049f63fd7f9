package stream_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"testing"
	"testing/iotest"

	"github.com/gopalisade/palisade/crypto/stream"
)

// pieces cuts a file into its front and its chunks.
func pieces(ct []byte) [][]byte {
	return append([][]byte{ct[:front]}, slices.Collect(slices.Chunk(ct[front:], sealed))...)
}

func glue(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func TestTampered(t *testing.T) {
	text, ct := file(t, 3*chunk+100)
	p := pieces(ct)
	_, even := file(t, 2*chunk)
	q := pieces(even)
	other := pieces(seal(t, fixed(1), context, noise(7, 24), text)) // of the same key, with another salt
	forged := bytes.Clone(p[2])
	forged[chunk/2] ^= 1
	for _, tc := range []struct {
		name     string
		ct       []byte
		lastFine bool // random access cannot see it before it reads the place
		want     int  // chunks that are shown
		cause    error
	}{
		{"last dropped", glue(p[0], p[1], p[2], p[3]), false, 3, stream.ErrTruncated},
		{"two dropped", glue(p[0], p[1], p[2]), false, 2, stream.ErrTruncated},
		{"all dropped", p[0], false, 0, stream.ErrTruncated},
		{"empty last dropped", glue(q[0], q[1], q[2]), false, 2, stream.ErrTruncated},
		{"first dropped", glue(p[0], p[2], p[3], p[4]), false, 0, nil},
		{"middle dropped", glue(p[0], p[1], p[3], p[4]), false, 1, nil},
		{"duplicated", glue(p[0], p[1], p[1], p[2], p[3], p[4]), false, 1, nil},
		{"duplicated instead", glue(p[0], p[1], p[1], p[3], p[4]), true, 1, nil},
		{"swapped", glue(p[0], p[2], p[1], p[3], p[4]), true, 0, nil},
		{"swapped later", glue(p[0], p[1], p[3], p[2], p[4]), true, 1, nil},
		{"last twice", glue(p[0], p[1], p[2], p[3], p[4], p[4]), false, 3, nil},
		{"a byte appended", glue(ct, []byte{0}), false, 3, nil},
		{"a byte appended to whole chunks", glue(even, []byte{0}), false, 2, nil},
		{"a chunk appended", glue(ct, p[1]), false, 3, nil},
		{"a chunk appended to whole chunks", glue(even, p[1]), false, 2, nil},
		{"file appended", glue(ct, ct), false, 3, nil},
		{"forged", glue(p[0], p[1], forged, p[3], p[4]), true, 1, nil},
		{"chunk of another file", glue(p[0], p[1], other[2], p[3], p[4]), true, 1, nil},
		{"end of another file", glue(p[0], p[1], p[2], p[3], other[4]), false, 3, nil},
		{"front of another file", glue(other[0], p[1], p[2], p[3], p[4]), false, 0, nil},
		{"salt of another file", glue(other[0][:24], p[0][24:], p[1], p[2], p[3], p[4]), false, 0, nil},
	} {
		got, err := open(bytes.NewReader(tc.ct))
		if !bytes.Equal(got, text[:min(len(text), tc.want*chunk)]) || err == nil || cause(t, err) != tc.cause {
			t.Errorf("%s: shown %d bytes, %v, want %d chunks, %v", tc.name, len(got), err, tc.want, tc.cause)
		}
		at, err := stream.NewReaderAt(bytes.NewReader(tc.ct), int64(len(tc.ct)), fixed(1), context)
		if (err == nil) != tc.lastFine || err != nil && cause(t, err) != tc.cause {
			t.Errorf("%s: opened for random access with %v", tc.name, err)
		}
		if err == nil {
			all := make([]byte, at.Size())
			n, err := at.ReadAt(all, 0)
			if n != tc.want*chunk || err == nil || cause(t, err) != tc.cause {
				t.Errorf("%s: read at once %d, %v, want %d chunks", tc.name, n, err, tc.want)
			}
			if bytes.Contains(all[n:], text[2*chunk-50:2*chunk-20]) {
				t.Errorf("%s: the caller's memory has what is not authentic", tc.name)
			}
		}
	}
}

// What has not been found authentic must not be in the caller's memory either.
func TestNothingBeforeTheTag(t *testing.T) {
	text, ct := file(t, 2*chunk)
	ct[len(ct)-17] ^= 1 // in the tag of the second chunk
	r, err := stream.NewReader(bytes.NewReader(ct), fixed(1), context)
	if err != nil {
		t.Fatal(err)
	}
	memory := make([]byte, 4*chunk)
	n, err := io.ReadFull(r, memory)
	if n != chunk || !errors.Is(err, stream.ErrOpen) {
		t.Fatalf("read %d, %v", n, err)
	}
	for i := chunk; i+8 <= len(text); i += 8 {
		if bytes.Contains(memory[chunk:], text[i:i+8]) {
			t.Fatalf("bytes at %d are in memory", i)
		}
	}
}

func TestErrorsAreSticky(t *testing.T) {
	_, ct := file(t, 3*chunk)
	ct[front+sealed+5] ^= 1
	whole := iotest.OneByteReader(bytes.NewReader(ct))
	r, err := stream.NewReader(whole, fixed(1), context)
	if err != nil {
		t.Fatal(err)
	}
	_, first := io.Copy(io.Discard, r)
	if first == nil {
		t.Fatal("opened")
	}
	for range 3 {
		if n, err := r.Read(make([]byte, 100)); n != 0 || err != first {
			t.Errorf("Read gives %d, %v after %v", n, err, first)
		}
		if n, err := r.Read(make([]byte, 2*chunk)); n != 0 || err != first {
			t.Errorf("long Read gives %d, %v after %v", n, err, first)
		}
		if n, err := r.WriteTo(io.Discard); n != 0 || err != first {
			t.Errorf("WriteTo gives %d, %v after %v", n, err, first)
		}
	}
}

func TestEveryByteFlipped(t *testing.T) {
	f := newFiles(t)
	ct := f.seal(t, invoice, noise(9, 200))
	for i := range ct {
		for _, mask := range []byte{1, 0x80, 0xff} {
			ct[i] ^= mask
			if text, err := f.open(invoice, ct); len(text) > 0 || !errors.Is(err, stream.ErrOpen) {
				t.Errorf("byte %d by %#x: got %d bytes, %v", i, mask, len(text), err)
			}
			if _, err := f.ReaderAt(bytes.NewReader(ct), int64(len(ct)), invoice); !errors.Is(err, stream.ErrOpen) {
				t.Errorf("byte %d by %#x: got %v at random", i, mask, err)
			}
			ct[i] ^= mask
		}
	}
	if _, err := f.open(invoice, ct); err != nil {
		t.Error(err)
	}
}

func TestEveryLength(t *testing.T) {
	text, ct := file(t, chunk+100)
	for n := range ct {
		got, err := open(bytes.NewReader(ct[:n]))
		if !errors.Is(err, stream.ErrOpen) || len(got) != 0 && !bytes.Equal(got, text[:chunk]) {
			t.Errorf("%d bytes: got %d, %v", n, len(got), err)
		}
		if _, err := openAt(ct[:n]); !errors.Is(err, stream.ErrOpen) {
			t.Errorf("%d bytes: got %v at random", n, err)
		}
	}
}

func TestWrongKeyAndContext(t *testing.T) {
	_, ct := file(t, 100)
	for _, tc := range []struct {
		name    string
		key     []byte
		context string
		want    bool
	}{
		{"same", fixed(1), "context", true},
		{"other key", fixed(2), "context", false},
		{"other context", fixed(1), "contexT", false},
		{"longer context", fixed(1), "context\x00", false},
		{"no context", fixed(1), "", false},
	} {
		_, err := stream.NewReader(bytes.NewReader(ct), tc.key, []byte(tc.context))
		_, err2 := stream.NewReaderAt(bytes.NewReader(ct), int64(len(ct)), tc.key, []byte(tc.context))
		if (err == nil) != tc.want || (err2 == nil) != tc.want || err != nil && cause(t, err) != nil {
			t.Errorf("%s: got %v, %v", tc.name, err, err2)
		}
	}
}

// What the source cannot read is not the file's fault, and the caller may want to match it.
func TestSourceErrors(t *testing.T) {
	_, ct := file(t, 2*chunk+5)
	for _, n := range []int{0, 10, front - 1, front, front + 5, front + sealed, front + sealed + 5, len(ct) - 1, len(ct)} {
		for name, err := range map[string]error{"own": errFull, "short": io.ErrUnexpectedEOF} {
			src := io.MultiReader(bytes.NewReader(ct[:n]), iotest.ErrReader(err))
			if _, got := open(src); got != err {
				t.Errorf("%s after %d: got %v", name, n, got)
			}
		}
		if _, got := open(io.MultiReader(bytes.NewReader(ct[:n]), idle{})); got != io.ErrNoProgress {
			t.Errorf("nothing after %d: got %v", n, got)
		}
	}
	r, err := stream.NewReader(iotest.TimeoutReader(bytes.NewReader(ct)), fixed(1), context)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if n, err := r.Read(make([]byte, chunk)); n != 0 || err != iotest.ErrTimeout {
			t.Errorf("got %d, %v, want the first error for good", n, err)
		}
	}
}

// idle never has anything.
type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }
