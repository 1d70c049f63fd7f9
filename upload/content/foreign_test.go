package content_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/upload/content"
)

const (
	longTag  = "<?php system($_GET[0]);?>"
	shortTag = "<?=system($_GET[0])?>"
)

// storedText is zlib's way to leave data as it is.
func storedText(t testing.TB, data string) []byte {
	t.Helper()
	z := deflated(t, []byte(data))
	return join([]byte{0x78, 1, 1}, le16(len(data)), le16(^len(data)), []byte(data), z[len(z)-4:])
}

// pngColors is a PNG with a palette that begins with text.
func pngColors(t testing.TB, text string) []byte {
	t.Helper()
	colors := append([]byte(text), make([]byte, 768-len(text))...)
	return pngFile(pngHeader(1, 1, 8, 3, 0), chunk("PLTE", colors...), chunk("IDAT", deflated(t, []byte{0, 0})...), chunk("IEND"))
}

// gifColors is a GIF with one.
func gifColors(text string) []byte {
	colors := append([]byte(text), make([]byte, 768-len(text))...)
	return join([]byte("GIF89a"), le16(1), le16(1), []byte{0x87, 0, 0}, colors, gifDot, gifTrailer)
}

// gifBehind is a GIF with data behind the pixels of its frame.
func gifBehind(data []byte) []byte {
	blocks := []byte{2, 0x44, 1}
	for part := range slicesOf(data, 255) {
		blocks = append(append(blocks, byte(len(part))), part...)
	}
	return join(gifHead(1, 1), gifFrame(0, 0, 1, 1, blocks...), gifTrailer)
}

func slicesOf(data []byte, n int) func(yield func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for len(data) > 0 {
			part := data[:min(n, len(data))]
			if data = data[len(part):]; !yield(part) {
				return
			}
		}
	}
}

// A file must not be another one as well: code where a server looks for it, a PDF from somewhere in its beginning on, or an
// archive from somewhere in its end.
func TestForeign(t *testing.T) {
	jar := zipStd(t, "a.class")
	text := func(name string, parts ...string) []byte {
		return pngOf(t, 1, 1, chunk(name, []byte(strings.Join(parts, "\x00"))...))
	}
	table := func(text string) []byte {
		return jpegWith(segment(0xdb, join([]byte{0}, []byte(text), make([]byte, 64-len(text)))...))
	}
	pixels := vp8l(3, 2)[8:21]
	for _, tc := range []struct {
		name string
		kind content.Type
		data []byte
		want error
	}{
		{
			"code in the keyword of a text",
			content.PNG, text("zTXt", longTag, "\x00"+string(deflated(t, nil))), content.ErrActive,
		},
		{
			"code in a compressed text that is stored",
			content.PNG, text("zTXt", "k", "\x00"+string(storedText(t, longTag))), content.ErrActive,
		},
		{"code in a language", content.PNG, text("iTXt", "k", "\x00\x00"+longTag, "", "text"), content.ErrActive},
		{
			"code in a keyword of that language",
			content.PNG, text("iTXt", "k", "\x00\x00", longTag, "text"), content.ErrActive,
		},
		{"code in a text", content.PNG, text("tEXt", "k", shortTag), content.ErrActive},
		{"code in a palette", content.PNG, pngColors(t, longTag), content.ErrActive},
		{"code in a palette, short", content.GIF, gifColors(shortTag), content.ErrActive},
		{"code in a table", content.JPEG, table(shortTag), content.ErrActive},
		{
			"code in a table of codes",
			content.JPEG, jpegWith(segment(0xc4, join([]byte{0x13}, make([]byte, 15), []byte{16}, []byte(longTag)[:16])...)),
			content.ErrActive,
		},
		{
			"code at the end of a comment",
			content.GIF, join(gifHead(1, 1), []byte("\x21\xfe\x0c<?=`$_GET[1]\x00"), gifDot, gifTrailer), content.ErrActive,
		},
		{
			"code over two blocks",
			content.GIF, join(gifHead(1, 1), []byte("\x21\xfe\x03<?p\x05hp 1;\x00"), gifDot, gifTrailer), nil,
		},
		{"page in metadata", content.JPEG, jpegWith(segment(0xed, []byte("8BIM <!DOCTYPE html>")...)), content.ErrActive},
		{
			"property list in metadata",
			content.JPEG, jpegWith(segment(0xed, []byte("8BIM <?xml?>\n<!DOCTYPE plist PUBLIC \"x\">\n<plist>")...)), nil,
		},
		{"three bytes by chance", content.PNG, text("tEXt", "k", "\x01<?=\x02\x80more that is text"), nil},

		{"PDF from a palette on", content.PNG, pngColors(t, "%PDF-1.4\n"), content.ErrActive},
		{"PDF from a palette on, in a GIF", content.GIF, gifColors("%PDF-1.4\n"), content.ErrActive},
		{
			"PDF from its pixels on",
			content.WebP, webpFile(riffChunk("VP8L", join(pixels, []byte("%PDF-1.4\n"))...)), content.ErrActive,
		},
		{
			"PDF from a word on",
			content.Text, []byte("notes\n" + string(pdfFile(pdfCatalog))[:9] + "\n1 0 obj"), content.ErrActive,
		},
		{"PDF where no reader looks", content.Text, []byte(strings.Repeat("notes\n", 200) + "%PDF-1.4\n"), nil},

		{"archive behind pixels", content.GIF, gifBehind(jar), content.ErrActive},
		{"archive in pixels", content.WebP, webpFile(riffChunk("VP8L", join(pixels, jar)...)), content.ErrActive},
		{
			"archive in a scan",
			content.JPEG, jpegWith(nil, bytes.ReplaceAll(jar, []byte{0xff}, []byte{0xff, 0})), content.ErrActive,
		},
		{"archive in data", content.PDF, pdfFile(pdfCatalog, "<<>>\nstream\n"+string(jar)+"\nendstream"), content.ErrActive},
		{"archive and 60 KB behind it", content.GIF, gifBehind(join(jar, make([]byte, 60_000))), content.ErrActive},
		{"archive where no reader looks", content.GIF, gifBehind(join(jar, make([]byte, 70_000))), nil},
		{"signature of an archive by chance", content.GIF, gifBehind([]byte("PK\x05\x06" + strings.Repeat("\xff", 30))), nil},
		{"signature cut", content.GIF, gifBehind([]byte("PK\x05\x06" + strings.Repeat("\x00", 14))), nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if _, err := check(t, tc.data, tc.kind); !errors.Is(err, tc.want) {
				t.Errorf("got %v, want %v", err, tc.want)
			}
			danger := content.Limits{DangerouslyAllowForeign: true}
			_, err := content.Check(t.Context(), bytes.NewReader(tc.data), int64(len(tc.data)), tc.kind, danger)
			if errors.Is(err, content.ErrActive) && tc.kind.Inline() {
				t.Errorf("got %v where it is allowed", err)
			}
		})
	}
}

// stuck breaks the rules of io.ReaderAt: it reads less than was asked for, without an error.
type stuck struct{ data []byte }

func (s stuck) ReadAt(p []byte, off int64) (int, error) {
	return copy(p, s.data[min(off, int64(len(s.data))):]), nil
}

// A reader that gives no more does not keep Check for ever.
func TestCheckOfStuckReader(t *testing.T) {
	for kind, data := range samples(t) {
		for _, n := range []int{12, len(data) - 1} {
			if _, err := content.Check(t.Context(), stuck{data[:n]}, int64(len(data))+1000, kind, content.Limits{}); err == nil {
				t.Errorf("%s: got no error for %d of %d bytes", kind, n, len(data))
			}
		}
	}
}
