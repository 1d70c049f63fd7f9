package stream_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
	"testing"
	"testing/iotest"

	"github.com/gopalisade/palisade/crypto/stream"
	"github.com/gopalisade/palisade/internal/conf"
)

const (
	chunk  = 16 << 10
	sealed = chunk + 16
	front  = 56
)

// sizes are those around which an implementation errs.
var sizes = []int{
	0, 1, 15, 16, 17,
	chunk - 17, chunk - 16, chunk - 1, chunk, chunk + 1,
	2*chunk - 1, 2 * chunk, 2*chunk + 1,
	100_000,
}

var context = []byte("context")

// file returns n bytes and what they are encrypted.
func file(tb testing.TB, n int) (text, ct []byte) {
	tb.Helper()
	text = noise(9, n)
	return text, seal(tb, fixed(1), context, noise(8, 24), text)
}

func open(src io.Reader) ([]byte, error) {
	r, err := stream.NewReader(src, fixed(1), context)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func openAt(ct []byte) ([]byte, error) {
	r, err := stream.NewReaderAt(bytes.NewReader(ct), int64(len(ct)), fixed(1), context)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.NewSectionReader(r, 0, r.Size()))
}

func TestRoundTrip(t *testing.T) {
	for _, n := range sizes {
		text, ct := file(t, n)
		if got := stream.SealedLen(int64(n)); got != int64(len(ct)) {
			t.Errorf("%d: SealedLen is %d, want %d", n, got, len(ct))
		}
		if got, err := stream.PlainLen(int64(len(ct))); err != nil || got != int64(n) {
			t.Errorf("%d: PlainLen is %d, %v", n, got, err)
		}
		for name, src := range map[string]io.Reader{
			"plain":       bytes.NewReader(ct),
			"byte":        iotest.OneByteReader(bytes.NewReader(ct)),
			"half":        iotest.HalfReader(bytes.NewReader(ct)),
			"end at once": iotest.DataErrReader(bytes.NewReader(ct)),
		} {
			if got, err := open(src); err != nil || !bytes.Equal(got, text) {
				t.Errorf("%d %s: got %d bytes, %v", n, name, len(got), err)
			}
		}
		if got, err := openAt(ct); err != nil || !bytes.Equal(got, text) {
			t.Errorf("%d: got %d bytes at once, %v", n, len(got), err)
		}
	}
}

func TestWriteSteps(t *testing.T) {
	for _, n := range sizes {
		text, want := file(t, n)
		for _, step := range []int{1, 100, chunk - 1, chunk, chunk + 1, 3 * chunk} {
			var out bytes.Buffer
			w, err := stream.NewWriterSalt(&out, fixed(1), context, noise(8, 24))
			if err != nil {
				t.Fatal(err)
			}
			for part := range slices.Chunk(text, step) {
				if n, err := w.Write(part); n != len(part) || err != nil {
					t.Fatalf("%d by %d: wrote %d, %v", n, step, n, err)
				}
			}
			if err := w.Close(); err != nil || !bytes.Equal(out.Bytes(), want) {
				t.Errorf("%d by %d: another file, %v", n, step, err)
			}
		}
	}
}

func TestReadFrom(t *testing.T) {
	for _, n := range sizes {
		text, want := file(t, n)
		for _, before := range []int{0, 1, n / 2} {
			var out bytes.Buffer
			w, err := stream.NewWriterSalt(&out, fixed(1), context, noise(8, 24))
			if err != nil {
				t.Fatal(err)
			}
			before = min(before, n)
			_, _ = w.Write(text[:before])
			if m, err := w.ReadFrom(iotest.HalfReader(bytes.NewReader(text[before:]))); int(m) != n-before || err != nil {
				t.Errorf("%d after %d: read %d, %v", n, before, m, err)
			}
			if err := w.Close(); err != nil || !bytes.Equal(out.Bytes(), want) {
				t.Errorf("%d after %d: another file, %v", n, before, err)
			}
		}
	}
}

func TestReadSteps(t *testing.T) {
	text, ct := file(t, 3*chunk+5)
	for _, step := range []int{1, 100, chunk - 1, chunk, chunk + 1, 5 * chunk} {
		r, err := stream.NewReader(bytes.NewReader(ct), fixed(1), context)
		if err != nil {
			t.Fatal(err)
		}
		var got []byte
		for err == nil {
			if n, err := r.Read(nil); n != 0 || err != nil {
				t.Fatalf("%d: reading nothing is %d, %v", step, n, err)
			}
			var n int
			buffer := make([]byte, step)
			n, err = r.Read(buffer)
			got = append(got, buffer[:n]...)
			if n == 0 && err == nil {
				t.Fatalf("%d: no byte and no error", step)
			}
			if len(got) == len(text) {
				break
			}
		}
		if _, last := r.Read(make([]byte, 1)); err != nil || last != io.EOF || !bytes.Equal(got, text) {
			t.Errorf("%d: got %d bytes, %v, %v", step, len(got), err, last)
		}
	}
	r, err := stream.NewReader(bytes.NewReader(ct), fixed(1), context)
	if err != nil {
		t.Fatal(err)
	}
	if err := iotest.TestReader(r, text); err != nil {
		t.Error(err)
	}
}

func TestWriteTo(t *testing.T) {
	for _, n := range sizes {
		text, ct := file(t, n)
		r, err := stream.NewReader(bytes.NewReader(ct), fixed(1), context)
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		if n > 3 { // what Read has left in its buffer belongs to it, too
			_, _ = io.CopyN(&got, r, 3)
		}
		if _, err := r.WriteTo(&got); err != nil || !bytes.Equal(got.Bytes(), text) {
			t.Errorf("%d: got %d bytes, %v", n, got.Len(), err)
		}
		if n, err := r.WriteTo(&got); n != 0 || err != nil {
			t.Errorf("%d: and then %d, %v", n, n, err)
		}
	}
}

// A destination that failed is none of the file's faults.
func TestWriteToFailing(t *testing.T) {
	text, ct := file(t, 2*chunk)
	r, err := stream.NewReader(bytes.NewReader(ct), fixed(1), context)
	if err != nil {
		t.Fatal(err)
	}
	full := &limited{left: 100, err: errFull}
	n, err := r.WriteTo(full)
	if n != 100 || err != errFull {
		t.Fatalf("got %d, %v, want 100, errFull", n, err)
	}
	short := &limited{left: 50}
	n, err = r.WriteTo(short)
	if n != 50 || err != io.ErrShortWrite {
		t.Fatalf("got %d, %v, want 50, io.ErrShortWrite", n, err)
	}
	rest, err := io.ReadAll(r)
	if err != nil || !bytes.Equal(rest, text[150:]) {
		t.Errorf("the rest is %d bytes, %v", len(rest), err)
	}
}

var errFull = errors.New("disk is full")

// limited takes some bytes and fails then, with err or without.
type limited struct {
	left int
	err  error
	got  []byte
}

func (l *limited) Write(p []byte) (int, error) {
	n := min(len(p), l.left)
	l.left -= n
	l.got = append(l.got, p[:n]...)
	if n < len(p) {
		return n, l.err
	}
	return n, nil
}

func TestEqualTextsDiffer(t *testing.T) {
	var files [2]bytes.Buffer
	for i := range files {
		w, err := stream.NewWriter(&files[i], fixed(1), nil)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = w.Write(make([]byte, 100))
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for i := 0; i+4 <= files[0].Len(); i++ {
		if one, two := files[0].Bytes()[i:i+4], files[1].Bytes()[i:i+4]; bytes.Equal(one, two) {
			t.Errorf("both have %x at %d", one, i)
		}
	}
}

func TestArguments(t *testing.T) {
	var none bytes.Buffer
	for _, tc := range []struct {
		name string
		key  []byte
		nil  bool
		want []string
	}{
		{"fine", fixed(1), false, nil},
		{"no key", nil, false, []string{"key"}},
		{"short", fixed(1)[:31], false, []string{"key"}},
		{"long", append(fixed(1), 0), false, []string{"key"}},
		{"nothing", nil, true, []string{"end", "key"}},
	} {
		var dst io.Writer = &none
		var src io.Reader = bytes.NewReader(seal(t, fixed(1), nil, noise(8, 24), nil))
		var at io.ReaderAt = src.(*bytes.Reader)
		if tc.nil {
			dst, src, at = nil, nil, nil
		}
		w, err := stream.NewWriter(dst, tc.key, nil)
		r, err2 := stream.NewReader(src, tc.key, nil)
		ra, err3 := stream.NewReaderAt(at, stream.SealedLen(0), tc.key, nil)
		if fine := tc.want == nil; (w != nil) != fine || (r != nil) != fine || (ra != nil) != fine {
			t.Errorf("%s: got %v, %v, %v", tc.name, w != nil, r != nil, ra != nil)
		}
		for end, err := range map[string]error{"dst": err, "src": err2, "src ": err3} {
			var got []string
			for _, fault := range conf.All(err) {
				if fault.Room != "stream" || fault.Value != nil {
					t.Errorf("%s: fault %v", tc.name, fault)
				}
				if fault.Field == end[:3] {
					fault.Field = "end"
				}
				got = append(got, fault.Field)
			}
			if !slices.Equal(got, tc.want) {
				t.Errorf("%s: got faults %q, want %q", tc.name, got, tc.want)
			}
		}
	}
}

func TestLengths(t *testing.T) {
	most := int64(stream.MaxChunks)*chunk - 1
	for _, tc := range []struct {
		name   string
		sealed int64
		want   int64 // -1 truncated, -2 too large
	}{
		{"negative", -1, -1},
		{"least", math.MinInt64, -1},
		{"nothing", 0, -1},
		{"header", front, -1},
		{"part of a tag", front + 15, -1},
		{"empty", front + 16, 0},
		{"one chunk", front + sealed - 1, chunk - 1},
		{"full chunk", front + sealed, -1},
		{"part of a second tag", front + sealed + 15, -1},
		{"full and empty", front + sealed + 16, chunk},
		{"most", stream.SealedLen(most), most},
		{"too much", stream.SealedLen(most) + 17, -2},
		{"absurd", math.MaxInt64 - 5000, -2},
	} {
		got, err := stream.PlainLen(tc.sealed)
		switch {
		case err == nil:
		case cause(t, err) == stream.ErrTruncated:
			got = -1
		case cause(t, err) == stream.ErrTooLarge:
			got = -2
		}
		if got != tc.want {
			t.Errorf("%s: got %d, want %d", tc.name, got, tc.want)
		}
	}
}

func TestCeiling(t *testing.T) {
	w, err := stream.NewWriterSalt(io.Discard, fixed(1), context, noise(8, 24))
	if err != nil {
		t.Fatal(err)
	}
	stream.SkipWriter(w, stream.MaxChunks-2)
	if n, err := w.Write(make([]byte, 3*chunk)); n != chunk || err != stream.ErrTooLarge {
		t.Errorf("wrote %d, %v, want one chunk and ErrTooLarge", n, err)
	}
	if err := w.Close(); err != stream.ErrTooLarge {
		t.Errorf("closed with %v", err)
	}

	var out bytes.Buffer
	w, err = stream.NewWriterSalt(&out, fixed(1), context, noise(8, 24))
	if err != nil {
		t.Fatal(err)
	}
	stream.SkipWriter(w, stream.MaxChunks-2)
	_, err = w.Write(make([]byte, 2*chunk-1))
	if err := errors.Join(err, w.Close()); err != nil {
		t.Errorf("the last numbers of all: %v", err)
	}
	for _, tc := range []struct {
		name  string
		count uint64
		ct    []byte
		want  int
		err   error
	}{
		{"last numbers", stream.MaxChunks - 2, out.Bytes(), 2*chunk - 1, nil},
		{"one more", stream.MaxChunks - 1, out.Bytes(), 0, stream.ErrTooLarge},
	} {
		r, err := stream.NewReader(bytes.NewReader(tc.ct), fixed(1), context)
		if err != nil {
			t.Fatal(err)
		}
		stream.SkipReader(r, tc.count)
		text, err := io.ReadAll(r)
		if len(text) != tc.want || err != nil && cause(t, err) != tc.err || (err == nil) != (tc.err == nil) {
			t.Errorf("%s: read %d, %v, want %d, %v", tc.name, len(text), err, tc.want, tc.err)
		}
	}
}

func TestAllocations(t *testing.T) {
	text, ct := file(t, 4<<20)
	w, err := stream.NewWriter(io.Discard, fixed(1), nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := stream.NewReader(bytes.NewReader(ct), fixed(1), context)
	if err != nil {
		t.Fatal(err)
	}
	buffer := make([]byte, 1000)
	for name, step := range map[string]func(){
		"write":      func() { _, _ = w.Write(text[:chunk+1]) },
		"read":       func() { _, _ = io.ReadFull(r, buffer) },
		"read whole": func() { _, _ = io.ReadFull(r, text[:2*chunk]) },
	} {
		if got := testing.AllocsPerRun(50, step); got != 0 {
			t.Errorf("%s: %v allocations, want none", name, got)
		}
	}
}

func TestMemory(t *testing.T) {
	text, ct := file(t, 4<<20)
	for name, run := range map[string]func() error{
		"write": func() error {
			w, err := stream.NewWriter(io.Discard, fixed(1), nil)
			if err != nil {
				return err
			}
			if _, err := w.ReadFrom(bytes.NewReader(text)); err != nil {
				return err
			}
			return w.Close()
		},
		"read": func() error {
			r, err := stream.NewReader(bytes.NewReader(ct), fixed(1), context)
			if err != nil {
				return err
			}
			_, err = r.WriteTo(io.Discard)
			return err
		},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := run()
		runtime.ReadMemStats(&after)
		if got := after.TotalAlloc - before.TotalAlloc; err != nil || got > 48<<10 {
			t.Errorf("%s: %d bytes, %v, want at most 48 KiB", name, got, err)
		}
	}
}

func ExampleSealedLen() {
	fmt.Println(stream.SealedLen(0), stream.SealedLen(16384), stream.HeaderSize+stream.SealedLen(1_000_000))
	// Output: 72 16472 1001054
}
