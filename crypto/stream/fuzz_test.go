package stream_test

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"github.com/gopalisade/palisade/crypto/stream"
)

// FuzzReader opens hostile bytes: nothing but what was written may come out, and a clean end only where the whole file is.
func FuzzReader(f *testing.F) {
	set := newFiles(f)
	texts := [][]byte{nil, noise(9, 5), noise(9, 100)}
	for _, text := range texts {
		ct := set.seal(f, invoice, text)
		f.Add(ct)
		f.Add(ct[:len(ct)-1])
		f.Add(append(bytes.Clone(ct), ct[stream.HeaderSize:]...))
	}
	f.Add([]byte("\xf9\x10\x00\x00\x00\x07"))
	f.Fuzz(func(t *testing.T, ct []byte) {
		before := bytes.Clone(ct)
		text, err := bothWays(t, set, ct)
		if !bytes.Equal(before, ct) {
			t.Errorf("%x: the input was changed", before)
		}
		known := len(text) == 0
		for _, written := range texts {
			known = known || bytes.Equal(text, written)
		}
		if !known {
			t.Errorf("%x: %d bytes came out that nobody wrote", ct, len(text))
		}
		if _, formErr := stream.Inspect(ct); err == nil && formErr != nil {
			t.Errorf("%x: opened, but %v", ct, formErr)
		}
	})
}

// bothWays opens a file from its beginning and at random, which must agree.
func bothWays(t *testing.T, set files, ct []byte) ([]byte, error) {
	text, err := set.open(invoice, ct)
	at, atErr := set.ReaderAt(bytes.NewReader(ct), int64(len(ct)), invoice)
	var again []byte
	if atErr == nil {
		again, atErr = io.ReadAll(io.NewSectionReader(at, 0, at.Size()))
	}
	if (err == nil) != (atErr == nil) || err == nil && !bytes.Equal(text, again) {
		t.Errorf("Reader gives %d bytes, %v, and ReaderAt %d, %v", len(text), err, len(again), atErr)
	}
	if err != nil && !errors.Is(err, stream.ErrOpen) || atErr != nil && !errors.Is(atErr, stream.ErrOpen) {
		t.Errorf("failed with %v and %v, want ErrOpen", err, atErr)
	}
	return text, err
}

// FuzzSplice makes a file of pieces of two: what comes out must be a beginning of the file whose front it has, by whole chunks,
// and all of it only when the pieces are those of one file in their order.
func FuzzSplice(f *testing.F) {
	set := newFiles(f)
	texts := [][]byte{noise(9, 2*chunk+5), noise(8, 2*chunk)}
	var all [][]byte // front and three chunks of each
	for _, text := range texts {
		ct := set.seal(f, invoice, text)
		p := pieces(ct[stream.HeaderSize:])
		p[0] = ct[:stream.HeaderSize+front]
		all = append(all, p...)
	}
	for _, plan := range []string{"0123", "4567", "0132", "4563", "012", "0122", "4567123", "01237", "0567"} {
		f.Add(plan, 0, byte(0))
	}
	f.Add("0123", 20_000, byte(1))
	f.Fuzz(func(t *testing.T, plan string, at int, flip byte) {
		var ct []byte
		plan = plan[:min(len(plan), 8)]
		order := make([]byte, len(plan))
		for i, c := range []byte(plan) {
			order[i] = '0' + c%8
			ct = append(ct, all[c%8]...)
		}
		if at >= 0 && at < len(ct) {
			ct[at] ^= flip
		} else {
			flip = 0
		}
		text, err := bothWays(t, set, ct)
		if whole := flip == 0 && (string(order) == "0123" || string(order) == "4567"); (err == nil) != whole {
			t.Errorf("%s, %d by %#x: %v, want a whole file %t", order, at, flip, err, whole)
		}
		if len(text) > 0 && !bytes.HasPrefix(texts[(order[0]-'0')/4], text) || err != nil && len(text)%chunk != 0 {
			t.Errorf("%s, %d by %#x: %d bytes that are no beginning", order, at, flip, len(text))
		}
	})
}

// FuzzRoundTrip writes and reads in odd steps: neither may matter.
func FuzzRoundTrip(f *testing.F) {
	f.Add([]byte("text"), 0, 1, 1)
	f.Add([]byte("text"), chunk, chunk-1, chunk+1)
	f.Add([]byte("0123456789"), 3*chunk-10, 5000, 3*chunk)
	f.Fuzz(func(t *testing.T, end []byte, n, write, read int) {
		n = min(max(n, 0), 4*chunk)
		text := append(noise(3, n), end...)
		write, read = min(max(write, 1+len(text)/1000), 5*chunk), min(max(read, 1+len(text)/1000), 5*chunk)
		var out bytes.Buffer
		w, err := stream.NewWriter(&out, fixed(1), end)
		if err != nil {
			t.Fatal(err)
		}
		for rest := text; len(rest) > 0; {
			n := min(write, len(rest))
			if got, err := w.Write(rest[:n]); got != n || err != nil {
				t.Fatalf("%d bytes by %d: wrote %d, %v", len(text), write, got, err)
			}
			rest = rest[n:]
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if got := stream.SealedLen(int64(len(text))); got != int64(out.Len()) {
			t.Errorf("%d bytes are a file of %d, want %d", len(text), out.Len(), got)
		}
		r, err := stream.NewReader(iotest.HalfReader(&out), fixed(1), end)
		if err != nil {
			t.Fatal(err)
		}
		var got []byte
		for buffer := make([]byte, read); err == nil; {
			var n int
			n, err = r.Read(buffer)
			got = append(got, buffer[:n]...)
		}
		if err != io.EOF || !bytes.Equal(got, text) {
			t.Errorf("%d bytes by %d and %d: read %d, %v", len(text), write, read, len(got), err)
		}
	})
}

// FuzzReadAt compares with a bytes.Reader of the plaintext.
func FuzzReadAt(f *testing.F) {
	f.Add(2*chunk+5, int64(chunk-1), 100)
	f.Add(chunk, int64(chunk), 1)
	f.Add(0, int64(0), 0)
	f.Fuzz(func(t *testing.T, size int, off int64, n int) {
		size, n = min(max(size, 0), 3*chunk), min(max(n, 0), 4*chunk)
		text, ct := file(t, size)
		r, err := stream.NewReaderAt(bytes.NewReader(ct), int64(len(ct)), fixed(1), context)
		if err != nil {
			t.Fatal(err)
		}
		mine, theirs := make([]byte, n), make([]byte, n)
		want, wantErr := bytes.NewReader(text).ReadAt(theirs, off)
		for range 2 { // the second time from memory
			got, err := r.ReadAt(mine, off)
			if got != want || (err == nil) != (wantErr == nil) || (err == io.EOF) != (wantErr == io.EOF) || !bytes.Equal(mine, theirs) {
				t.Errorf("%d of %d at %d: got %d, %v, want %d, %v", n, size, off, got, err, want, wantErr)
			}
		}
	})
}

// FuzzBinding looks for two names that make the same bytes.
func FuzzBinding(f *testing.F) {
	f.Add("invoices", "7", "", "invoice", "s7", "")
	f.Add("a", "\x00\x00\x00\x01b", "c", "a", "", "b")
	f.Fuzz(func(t *testing.T, kind, name, part, kind2, name2, part2 string) {
		one, two := stream.Context(stream.Bind(kind, name, part)), stream.Context(stream.Bind(kind2, name2, part2))
		if same := kind == kind2 && name == name2 && part == part2; bytes.Equal(one, two) != same {
			t.Errorf("%q %q %q and %q %q %q: bytes are the same %t, names are %t", kind, name, part, kind2, name2, part2, !same, same)
		}
		if bytes.HasPrefix(one, stream.Context(stream.Bind(kind, name))) {
			t.Errorf("%q %q: the beginning of another name", kind, name)
		}
	})
}
