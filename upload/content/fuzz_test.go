package content_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	_ "image/gif"
	_ "image/jpeg"
	_ "image/png"
	"io"
	"path"
	"strings"
	"testing"
	"unicode/utf8"

	_ "golang.org/x/image/webp"

	"github.com/gopalisade/palisade/upload/content"
)

// fuzzed checks data, and what must hold for every file: no panic, an error of ours, and not more reading than twice the file.
func fuzzed(t *testing.T, data []byte, kind content.Type) (content.Report, bool) {
	t.Helper()
	c := &counting{ReaderAt: bytes.NewReader(data)}
	report, err := content.Check(t.Context(), c, int64(len(data)), kind, content.Limits{
		Pixels: 1 << 20, Inflated: 1 << 20,
		Metadata: 1 << 20,
	})
	if _, ours := errors.AsType[*content.Error](err); err != nil && !ours {
		t.Fatalf("got %v for bytes in memory, want an Error", err)
	}
	if most := 2*int64(len(data)) + 128<<10; c.read > most {
		t.Fatalf("read %d of %d bytes, want at most %d", c.read, len(data), most)
	}
	return report, err == nil
}

func fuzzImage(f *testing.F, kind content.Type, seeds ...[]byte) {
	for _, seed := range seeds {
		f.Add(seed)
	}
	f.Add(samples(f)[kind])
	f.Fuzz(func(t *testing.T, data []byte) {
		report, ok := fuzzed(t, data, kind)
		if !ok {
			return
		}
		cfg, format, err := image.DecodeConfig(bytes.NewReader(data))
		if err == nil && (cfg.Width != report.Width || cfg.Height != report.Height || "image/"+format != string(kind)) {
			t.Fatalf("accepted as %d x %d, but a decoder sees %s of %d x %d", report.Width, report.Height, format, cfg.Width, cfg.Height)
		}
		if report.Width <= 0 || report.Height <= 0 || report.Frames < 1 || report.Pixels < 1 {
			t.Fatalf("accepted without a picture: %+v", report)
		}
		if _, again := fuzzed(t, append(bytes.Clone(data), "PK"...), kind); again {
			t.Fatal("accepted with something behind the end")
		}
	})
}

func FuzzJPEG(f *testing.F) {
	fuzzImage(f, content.JPEG, jpegScans(16, 16, 3), jpegWith(segment(0xdd, 0, 1), []byte{0xff, 0xd0, 0x3f}),
		join(jpegWith(segment(0xe2, []byte("MPF\x00")...)), jpegOf(8, 8)), jpegWith(exif(6)))
}

func FuzzGIF(f *testing.F) {
	fuzzImage(f, content.GIF, gifFrames(3, 2, 2), join(gifHead(2, 2), []byte("\x21\xfe\x02hi\x00"), gifDot, gifTrailer))
}

func FuzzWebP(f *testing.F) {
	fuzzImage(f, content.WebP, webpFile(vp8x(2, 4, 4), animChunk, anmf(0, 0, 4, 4, vp8l(4, 4))),
		webpFile(vp8x(8, 3, 2), vp8l(3, 2), riffChunk("EXIF", 1)))
}

// FuzzPNG mends the checksums of what it is given: nothing else would get past the first chunk.
func FuzzPNG(f *testing.F) {
	f.Add(pngOf(f, 2, 2, chunk("zTXt", join([]byte("k\x00\x00"), deflated(f, []byte("text")))...)))
	f.Add(pngFile(pngHeader(1, 1, 8, 3, 1), chunk("PLTE", 1, 2, 3), chunk("IDAT", deflated(f, []byte{0, 0})...), chunk("IEND")))
	f.Fuzz(func(t *testing.T, data []byte) {
		fuzzed(t, data, content.PNG)
		data = bytes.Clone(data)
		for at := 8; at+12 <= len(data); {
			n := int(binary.BigEndian.Uint32(data[at:]))
			if n > len(data)-at-12 {
				break
			}
			binary.BigEndian.PutUint32(data[at+8+n:], crc32.ChecksumIEEE(data[at+4:at+8+n]))
			at += 12 + n
		}
		report, ok := fuzzed(t, data, content.PNG)
		if !ok {
			return
		}
		cfg, _, err := image.DecodeConfig(bytes.NewReader(data))
		if err == nil && (cfg.Width != report.Width || cfg.Height != report.Height) {
			t.Fatalf("accepted as %d x %d, but a decoder sees %d x %d", report.Width, report.Height, cfg.Width, cfg.Height)
		}
	})
}

func FuzzText(f *testing.F) {
	for _, seed := range []string{"hello", "a < b", "Grüße <john@example.com>", "x <scr", "<s:script>", "\ufeff", "\xed\xa0\x80"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, ok := fuzzed(t, data, content.Text); !ok {
			return
		}
		if !utf8.Valid(data) || bytes.ContainsAny(data, "\x00\x1b\x7f\b") {
			t.Fatal("accepted bytes that are no text")
		}
		lower := strings.ToLower(string(data))
		for _, open := range []string{"<script>", "<!doctype", "<?php", "<svg ", "<html>", "<%"} {
			if strings.Contains(lower, open) {
				t.Fatalf("accepted %q", open)
			}
		}
		for _, open := range []string{"<script>", "\x00", "\xff"} {
			if _, ok := fuzzed(t, append(bytes.Clone(data), open...), content.Text); ok {
				t.Fatalf("accepted with %q behind it", open)
			}
		}
	})
}

func FuzzPDF(f *testing.F) {
	f.Add(pdfFile(pdfCatalog, pdfPages, pdfPack(f, "<< /A 1 >>", "(text)")))
	f.Add(pdfFile("<< /Type /ObjStm /N 1 /First 5 /Length 14 >>\nstream\n10 0 << /A 1 >>\nendstream"))
	f.Add(pdfFile("<< /S /J#61vaScript /B (a\\)) /C <00> % x\n >>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, ok := fuzzed(t, data, content.PDF); !ok {
			return
		}
		// Whatever was accepted, one more object with an action in it must be refused.
		action := "\n99 0 obj\n<< /S /J#61vaScript /JS (x) >>\nendobj\nstartxref\n" + startOf(data) + "\n%%EOF"
		more := append(bytes.Clone(data), action...)
		if _, ok := fuzzed(t, more, content.PDF); ok {
			t.Fatal("accepted with an action behind it")
		}
	})
}

// startOf returns the offset at the end of a PDF.
func startOf(data []byte) string {
	words := strings.Fields(string(data[bytes.LastIndex(data, []byte("startxref")):]))
	return words[1]
}

func FuzzZIP(f *testing.F) {
	f.Add(zipFile(f, zipped{name: "a.txt", data: "hello"}, zipped{name: "d/b", data: "x", stored: true}))
	f.Add(zipStd(f, "a", "b/c"))
	f.Add(zipOverlap(f, 3))
	f.Fuzz(func(t *testing.T, data []byte) {
		report, ok := fuzzed(t, data, content.ZIP)
		if !ok {
			return
		}
		// What was accepted is the same to another reader, and unpacks where it should.
		r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil || len(r.File) != report.Entries {
			t.Fatalf("accepted %d entries, but a reader sees %v", report.Entries, err)
		}
		sum := int64(0)
		for _, file := range r.File {
			src, err := file.Open()
			if err != nil {
				t.Fatalf("accepted an entry that does not open: %v", err)
			}
			n, err := io.Copy(io.Discard, src)
			if sum += n; err != nil {
				t.Fatalf("accepted an entry that does not read: %v", err)
			}
			if clean := path.Clean("/" + file.Name); strings.Contains(file.Name, `\`) ||
				clean != "/"+strings.TrimSuffix(file.Name, "/") {
				t.Fatalf("accepted the name %q", file.Name)
			}
		}
		if sum != report.Inflated {
			t.Fatalf("accepted %d bytes, but a reader gets %d", report.Inflated, sum)
		}
	})
}
