package content_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/upload/content"
)

// Small files that cost whoever opens them much are refused, for next to nothing.
func TestBombs(t *testing.T) {
	zeros := strings.Repeat("\x00", 8<<20)
	text := chunk("zTXt", join([]byte("k\x00\x00"), deflated(t, []byte(zeros)))...)
	objects := func(n int) string {
		pack := pdfStream(t, "/Type /ObjStm /N 1 /First 5", "10 0 "+strings.Repeat(" ", 8<<20)+"7")
		return strings.Repeat(pack+"\nendobj\n9 0 obj\n", n) + "null"
	}
	var packed []zipped
	one := zipped{data: zeros}
	one.packed = one.coded(t)
	for i := range 20 {
		one.name = fmt.Sprint(i)
		packed = append(packed, one)
	}
	for _, tc := range []struct {
		name string
		kind content.Type
		data []byte
		most int // bytes of the file
		want error
	}{
		{"PNG that promises a gigabyte", content.PNG, pngPromise(), 59, content.ErrTooLarge},
		{
			"PNG that promises as much as it may",
			content.PNG, pngFile(pngHeader(8000, 5000, 16, 6, 0), chunk("IDAT", 0x78, 0x9c), chunk("IEND")), 80,
			content.ErrMalformed,
		},
		{"PNG with 2^31 pixels a side", content.PNG, pngFile(pngHeader(1<<31-1, 1<<31-1, 1, 0, 0)), 40, content.ErrTooLarge},
		{"PNG with a text of 8 MiB", content.PNG, pngOf(t, 1, 1, text), 10_000, content.ErrTooLarge},
		{"GIF of 10000 frames", content.GIF, gifFrames(10_000, 1, 1), 150_020, content.ErrTooLarge},
		{"GIF of twenty frames of 16 megapixels", content.GIF, gifFrames(20, 4000, 4000), 250_000, content.ErrTooLarge},
		{"GIF of 4 GiB", content.GIF, join(gifHead(65535, 65535), gifFrame(0, 0, 65535, 65535)), 40, content.ErrTooLarge},
		{"JPEG with 2000 scans", content.JPEG, jpegScans(2000, 2000, 2000), 30_000, content.ErrTooLarge},
		{"JPEG of 65500 pixels a side", content.JPEG, jpegOf(65500, 65500), 300, content.ErrTooLarge},
		{"WebP of 268 megapixels", content.WebP, webpFile(vp8l(16384, 16384)), 40, content.ErrTooLarge},
		{"WebP of 2^24 pixels a side", content.WebP, webpFile(vp8x(0, 1<<24, 1<<24), vp8l(1, 1)), 60, content.ErrTooLarge},
		{"PDF with object streams beyond the budget", content.PDF, pdfFile(pdfCatalog, objects(3)), 40_000, content.ErrTooLarge},
		{"PDF of deep arrays", content.PDF, pdfFile(strings.Repeat("[", 100_000)), 101_000, content.ErrMalformed},
		{
			"PDF of many objects",
			content.PDF, pdfFile(strings.Repeat("1 endobj 1 0 obj ", 200_001) + "1"), 4_000_000,
			content.ErrTooLarge,
		},
		{"ZIP of 160 MiB", content.ZIP, zipFile(t, packed...), 180_000, content.ErrTooLarge},
		{"ZIP of 60000 names for the same bytes", content.ZIP, zipOverlap(t, 60_000), 3_200_000, content.ErrTooLarge},
		{"ZIP of 1000 of them", content.ZIP, zipOverlap(t, 1000), 60_000, content.ErrMalformed},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if len(tc.data) > tc.most {
				t.Errorf("the file has %d bytes, want at most %d", len(tc.data), tc.most)
			}
			var err error
			limits := content.Limits{Inflated: 20 << 20}
			got := allocated(func() {
				_, err = content.Check(t.Context(), bytes.NewReader(tc.data), int64(len(tc.data)), tc.kind, limits)
			})
			if !errors.Is(err, tc.want) {
				t.Errorf("got %v, want %v", err, tc.want)
			}
			if got > 2<<20 {
				t.Errorf("allocated %d bytes, want at most 2 MiB", got)
			}
		})
	}
}

// Even with limits that let everything pass, a walk needs no memory for what it passes over.
func TestMemoryIsBounded(t *testing.T) {
	most := content.Limits{
		Pixels: 1 << 40, Side: 1 << 30, Frames: 1 << 30, FramePixels: 1 << 40, Scans: 1 << 30, Chunks: 1 << 30, Metadata: 1 << 40,
		Objects: 1 << 30, Entries: 1 << 30, Inflated: 1 << 40, Ratio: 1 << 20,
	}
	zeros := strings.Repeat("\x00", 8<<20)
	for name, tc := range map[string]struct {
		kind content.Type
		data []byte
	}{
		"JPEG": {content.JPEG, jpegScans(2000, 2000, 100_000)},
		"PNG":  {content.PNG, pngOf(t, 3000, 3000, chunk("zTXt", join([]byte("k\x00\x00"), deflated(t, []byte(zeros)))...))},
		"GIF":  {content.GIF, gifFrames(100_000, 1, 1)},
		"WebP": {content.WebP, webpFile(vp8x(2, 4, 4), animChunk, bytes.Repeat(anmf(0, 0, 4, 4, vp8l(4, 4)), 50_000))},
		"PDF":  {content.PDF, pdfFile(pdfCatalog, pdfPack(t, strings.Repeat(" ", 8<<20)+"7"))},
		"text": {content.Text, bytes.Repeat([]byte("a < b\n"), 1_000_000)},
		"ZIP":  {content.ZIP, zipFile(t, zipped{name: "a", data: zeros}, zipped{name: "b", data: zeros})},
	} {
		var err error
		got := allocated(func() {
			_, err = content.Check(t.Context(), bytes.NewReader(tc.data), int64(len(tc.data)), tc.kind, most)
		})
		if err != nil || got > 1<<20 {
			t.Errorf("%s: allocated %d bytes, want at most 1 MiB; %v", name, got, err)
		}
	}
}

// allocated returns how many bytes f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// counting counts the bytes that are read.
type counting struct {
	io.ReaderAt
	read int64
}

func (c *counting) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.ReaderAt.ReadAt(p, off)
	c.read += int64(n)
	return n, err
}

// readBy returns what Check reads of a file, and its error.
func readBy(t testing.TB, data []byte, kind content.Type) (int64, error) {
	t.Helper()
	c := &counting{ReaderAt: bytes.NewReader(data)}
	_, err := content.Check(t.Context(), c, int64(len(data)), kind, content.Limits{
		Chunks: 1 << 20, Scans: 1 << 20,
		Frames: 1 << 20, Entries: 1 << 20,
	})
	return c.read, err
}

// What is read grows with the file, and no faster: not the square of its chunks, streams or entries.
func TestReadsAreLinear(t *testing.T) {
	entries := func(n int) (all []zipped) {
		for i := range n {
			all = append(all, zipped{name: fmt.Sprint(i), data: "some data"})
		}
		return all
	}
	packs := func(n int) (all []string) {
		for range n {
			all = append(all, pdfPack(t, "<< /A 1 >>", "(text)"))
		}
		return append(all, pdfCatalog)
	}
	for kind, of := range map[content.Type]func(n int) []byte{
		content.JPEG: func(n int) []byte { return jpegScans(16, 16, n) },
		content.PNG:  func(n int) []byte { return pngOf(t, 1, 1, bytes.Repeat(chunk("tEXt", 'k', 0), n)) },
		content.GIF:  func(n int) []byte { return gifFrames(n, 1, 1) },
		content.WebP: func(n int) []byte { return webpFile(vp8x(0, 4, 4), vp8l(4, 4), bytes.Repeat(riffChunk("abcd", 1), n)) },
		content.PDF:  func(n int) []byte { return pdfFile(packs(n)...) },
		content.Text: func(n int) []byte { return bytes.Repeat([]byte("<"), n) },
		content.ZIP:  func(n int) []byte { return zipFile(t, entries(n)...) },
	} {
		for _, n := range []int{1, 100, 5000} {
			data := of(n)
			if kind == content.PDF && n > 1000 {
				data = of(1000)
			}
			got, err := readBy(t, data, kind)
			if most := 2*int64(len(data)) + 128<<10; err != nil || got > most {
				t.Errorf("%s of %d bytes: read %d, want at most %d; %v", kind, len(data), got, most, err)
			}
		}
	}
}
