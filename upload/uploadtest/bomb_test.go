package uploadtest_test

import (
	"archive/zip"
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"io"
	"testing"

	"github.com/gopalisade/palisade/upload/content"
	"github.com/gopalisade/palisade/upload/uploadtest"
)

// limits are lower than the usual ones where a refusal takes a test long.
var limits = content.Limits{Inflated: 8 << 20}

// TestBombs: what is within the limits is valid, and what is beyond them is refused for that.
func TestBombs(t *testing.T) {
	for _, tc := range []struct {
		kind  content.Type
		n     int64
		bytes int // at most
		want  error
	}{
		{content.JPEG, 1, 10_000, nil},
		{content.JPEG, 32, 10_000, nil},
		{content.JPEG, 33, 10_000, content.ErrTooLarge},
		{content.JPEG, 2000, 40_000, content.ErrTooLarge},
		{content.GIF, 1, 100, nil},
		{content.GIF, 500, 10_000, nil},
		{content.GIF, 501, 10_000, content.ErrTooLarge},
		{content.GIF, 10_000, 200_000, content.ErrTooLarge},
		{content.ZIP, 1, 200, nil},
		{content.ZIP, 5 << 20, 6000, content.ErrTooLarge}, // by its ratio
		{content.ZIP, 1 << 30, 1_200_000, content.ErrTooLarge},
		{content.PDF, 1, 1000, nil},
		{content.PDF, 1 << 20, 2000, content.ErrTooLarge}, // by its ratio
		{content.PDF, 1 << 30, 1_200_000, content.ErrTooLarge},
		{content.PNG, 12_000, 47, content.ErrTooLarge},
	} {
		t.Run(fmt.Sprint(string(tc.kind), " ", tc.n), func(t *testing.T) {
			file := uploadtest.Bomb(tc.kind, tc.n)
			if len(file) > tc.bytes {
				t.Errorf("got %d bytes, want at most %d", len(file), tc.bytes)
			}
			if _, err := content.Check(t.Context(), section(file), int64(len(file)), tc.kind, limits); !errors.Is(err, tc.want) {
				t.Errorf("got %v, want %v", err, tc.want)
			}
		})
	}
}

// TestBombsGoOff: what they cost is what they say, by decoders that know nothing of it.
func TestBombsGoOff(t *testing.T) {
	c, _, err := image.DecodeConfig(bytes.NewReader(uploadtest.Bomb(content.PNG, 12_000)))
	if err != nil || c.Width != 12_000 || c.Height != 12_000 {
		t.Errorf("PNG: got %d x %d, %v", c.Width, c.Height, err)
	}
	if g, err := gif.DecodeAll(bytes.NewReader(uploadtest.Bomb(content.GIF, 300))); err != nil || len(g.Image) != 300 {
		t.Errorf("GIF: got %v, want 300 frames", err)
	}
	img, err := jpeg.Decode(bytes.NewReader(uploadtest.Bomb(content.JPEG, 3)))
	if err != nil || img.Bounds() != image.Rect(0, 0, 2000, 2000) {
		t.Errorf("JPEG: got %v", err)
	}
	const size = 3<<20 + 1
	file := uploadtest.Bomb(content.ZIP, size)
	archive, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := archive.File[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	if n, err := io.Copy(io.Discard, f); n != size || err != nil { // which compares the sum
		t.Errorf("ZIP: got %d bytes, %v, want %d", n, err, size)
	}
	_, packed, _ := bytes.Cut(uploadtest.Bomb(content.PDF, size), []byte("stream\n"))
	z, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	if n, err := io.Copy(io.Discard, z); n != size || err != nil {
		t.Errorf("PDF: got %d bytes, %v, want %d", n, err, size)
	}
}

func TestNoSuchFile(t *testing.T) {
	panics := func(name string, f func()) {
		defer func() {
			if recover() == nil {
				t.Errorf("%s: got a file, want a panic", name)
			}
		}()
		f()
	}
	panics("no bomb of text", func() { uploadtest.Bomb(content.Text, 1) })
	panics("no bomb of nothing", func() { uploadtest.Bomb(content.GIF, 0) })
	panics("no bomb beyond memory", func() { uploadtest.Bomb(content.JPEG, 1<<40) })
	panics("no archive of five gigabytes", func() { uploadtest.Bomb(content.ZIP, 5<<30) })
	panics("no file of five gigabytes", func() { uploadtest.Stream(content.ZIP, 5<<30) })
	panics("no type", func() { uploadtest.Sample("image/svg+xml") })
	panics("a long name", func() { uploadtest.Zip(string(make([]byte, 1<<16)), nil) })
}
