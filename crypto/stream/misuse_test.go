package stream_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/gopalisade/palisade/crypto/stream"
)

// TestResealOntoItself: one buffer as source and destination.
func TestResealOntoItself(t *testing.T) {
	files, ring := endsFiles(t)
	for _, n := range []int{0, 100, 16384, 50_000, 500_000} {
		_ = ring.SetPrimary(1)
		sealed := endsSeal(t, files, make([]byte, n))
		_ = ring.SetPrimary(2)
		buf := bytes.NewBuffer(bytes.Clone(sealed))
		done, err := files.Reseal(buf, buf, stream.Bind("a", "b"))
		if err != nil {
			continue
		}
		r, err := files.Reader(buf, stream.Bind("a", "b"))
		if err == nil {
			var m int64
			m, err = io.Copy(io.Discard, r)
			if m != done || done != int64(n) {
				t.Errorf("%d: %d %d", n, m, done)
			}
		}
		if err != nil {
			t.Errorf("%d: Reseal said nil, and the file does not open: %v", n, err)
		}
	}
}

// TestUsedAfterItsEnd writes in every way after errors.
func TestUsedAfterItsEnd(t *testing.T) {
	files, _ := endsFiles(t)
	for name, end := range map[string]func(w *stream.Writer){
		"abort": (*stream.Writer).Abort,
		"fail": func(w *stream.Writer) {
			_, _ = w.ReadFrom(funcReader(func([]byte) (int, error) { return 0, errors.New("x") }))
		},
	} {
		var out bytes.Buffer
		w, err := files.Writer(&out, stream.Bind("a", "b"))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = w.Write(make([]byte, 20_000))
		end(w)
		before := out.Len()
		for range 2 {
			if _, err := w.Write(nil); err == nil {
				t.Errorf("%s: Write of nothing: no error", name)
			}
			if _, err := w.Write(make([]byte, 40_000)); err == nil {
				t.Errorf("%s: Write: no error", name)
			}
			if _, err := w.ReadFrom(bytes.NewReader(make([]byte, 40_000))); err == nil {
				t.Errorf("%s: ReadFrom: no error", name)
			}
			if err := w.Close(); err == nil {
				t.Errorf("%s: Close: no error", name)
			}
			w.Abort()
		}
		if out.Len() != before {
			t.Errorf("%s: wrote on", name)
		}
	}
}

// TestPartialWriteTo goes on reading after a destination that took some bytes.
func TestPartialWriteTo(t *testing.T) {
	files, _ := endsFiles(t)
	text := make([]byte, 100_000)
	for i := range text {
		text[i] = byte(i * 7 >> 3)
	}
	r, err := files.Reader(bytes.NewReader(endsSeal(t, files, text)), stream.Bind("a", "b"))
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	for i := 0; ; i++ {
		_, err := r.WriteTo(funcWriter(func(p []byte) (int, error) {
			n := min(len(p), 777)
			got.Write(p[:n])
			return n, nil
		}))
		if err == nil {
			break
		}
		p := make([]byte, 20_000)
		n, _ := r.Read(p)
		got.Write(p[:n])
		if i > 1000 {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(got.Bytes(), text) {
		t.Error("bytes were lost")
	}
}
