package uploadtest_test

import (
	"archive/zip"
	"bytes"
	"context"
	"image"
	_ "image/gif"
	_ "image/jpeg"
	_ "image/png"
	"io"
	"runtime"
	"testing"
	"testing/iotest"

	_ "golang.org/x/image/webp"

	"github.com/gopalisade/palisade/upload/content"
	"github.com/gopalisade/palisade/upload/uploadtest"
)

var types = []content.Type{
	content.JPEG, content.PNG, content.GIF, content.WebP, content.PDF, content.Text, content.ZIP,
}

func check(r *io.SectionReader, kind content.Type) (content.Report, error) {
	return content.Check(context.Background(), r, r.Size(), kind, content.Limits{})
}

func TestSample(t *testing.T) {
	for _, kind := range types {
		file := uploadtest.Sample(kind)
		if _, err := check(section(file), kind); err != nil || len(file) == 0 || len(file) > 1<<10 {
			t.Errorf("%s: got %d bytes, %v; want a small valid file", kind, len(file), err)
		}
		decode(t, kind, bytes.NewReader(file))
	}
}

func section(b []byte) *io.SectionReader {
	return io.NewSectionReader(bytes.NewReader(b), 0, int64(len(b)))
}

// decode asks the usual decoder, where there is one.
func decode(t *testing.T, kind content.Type, r io.Reader) {
	t.Helper()
	if !kind.Inline() {
		return
	}
	if _, name, err := image.Decode(r); err != nil || "image/"+name != string(kind) {
		t.Errorf("%s: decoded as %q, %v", kind, name, err)
	}
}

// TestStreamSizes: every file is valid, and has the length that was asked for or the least above it.
func TestStreamSizes(t *testing.T) {
	for _, kind := range types {
		least := int64(len(uploadtest.Sample(kind)))
		for _, n := range []int64{
			-1, 0, least - 1, least, least + 1, least + 2, least + 4, least + 19, least + 20, least + 21, least + 260, least + 516,
			700, 701, 1000, 1537, 1538, 4096, 6143, 6180, 6185, 6190, 12_345, 20_000, 22_555, 22_560, 65_535, 65_536, 65_630, 65_640,
			70_000, 131_072, 131_190, 1_000_003,
		} {
			r := uploadtest.Stream(kind, n)
			slack := int64(0)
			switch {
			case n < least+20:
				slack = least + 20 - n // the least, and the least that can fill
			case kind == content.WebP:
				slack = n % 2
			case kind == content.PNG || kind == content.GIF || kind == content.JPEG:
				slack = 19 // between the small image and one of rows
			}
			if got := r.Size(); got < n || got > n+slack {
				t.Errorf("%s of %d bytes: got %d", kind, n, got)
			}
			if _, err := check(r, kind); err != nil {
				t.Errorf("%s of %d bytes: got %v", kind, n, err)
			}
			decode(t, kind, io.NewSectionReader(r, 0, r.Size()))
		}
	}
}

// TestStreamLarge: package content takes files that are larger than any that people send, though they are not in memory.
func TestStreamLarge(t *testing.T) {
	for _, kind := range types {
		size := int64(100 << 20)
		if kind == content.Text || kind == content.PDF { // of which each byte is looked at
			size = 10 << 20
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		r := uploadtest.Stream(kind, size)
		runtime.ReadMemStats(&after)
		if got := after.TotalAlloc - before.TotalAlloc; got > 2<<20 {
			t.Errorf("%s: got %d bytes allocated for %d, want few", kind, got, size)
		}
		if report, err := check(r, kind); err != nil || r.Size() != size {
			t.Errorf("%s: got %d bytes, %v", kind, r.Size(), err)
		} else if kind.Inline() && report.Frames != 1 {
			t.Errorf("%s: got %d frames, want 1", kind, report.Frames)
		}
	}
}

// TestStreamReads: the file is the same, however it is read.
func TestStreamReads(t *testing.T) {
	for _, kind := range types {
		r := uploadtest.Stream(kind, 200_000)
		whole, err := io.ReadAll(iotest.OneByteReader(io.NewSectionReader(r, 0, r.Size())))
		if err != nil {
			t.Fatal(err)
		}
		if err := iotest.TestReader(r, whole); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

// TestStreamZip: the archive is one that the standard library unpacks, and whose sum it compares.
func TestStreamZip(t *testing.T) {
	for _, n := range []int64{0, 1000, 1 << 20} {
		r := uploadtest.Stream(content.ZIP, n)
		archive, err := zip.NewReader(r, r.Size())
		if err != nil || len(archive.File) != 1 {
			t.Fatal(err)
		}
		f, err := archive.File[0].Open()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.Copy(io.Discard, f); err != nil || got != max(n-116, 0) {
			t.Errorf("%d bytes: got %d, %v", n, got, err)
		}
	}
}
