package content_test

import (
	"bytes"
	"image/jpeg"
	"image/png"
	"io"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/upload/content"
)

func BenchmarkCheck(b *testing.B) {
	var photo, drawing bytes.Buffer
	if err1, err2 := jpeg.Encode(&photo, noise(2000, 1500), nil), png.Encode(&drawing, noise(1000, 700)); err1 != nil ||
		err2 != nil {
		b.Fatal(err1, err2)
	}
	for _, bc := range []struct {
		name string
		kind content.Type
		data []byte
	}{
		{"allow/jpeg", content.JPEG, photo.Bytes()},
		{"allow/png", content.PNG, drawing.Bytes()},
		{"allow/gif", content.GIF, gifFrames(100, 100, 100)},
		{"allow/webp", content.WebP, webpFile(vp8l(1000, 1000))},
		{
			"allow/pdf",
			content.PDF, pdfFile(pdfCatalog, pdfPack(b, "<< /A [ 1 2 (x) ] >>"),
				"<< /Length 1000000 >>\nstream\n"+strings.Repeat("0123456789", 100_000)+"\nendstream"),
		},
		{"allow/text", content.Text, bytes.Repeat([]byte("some words, a < b\n"), 50_000)},
		{"allow/markup", content.Text, bytes.Repeat([]byte("<a"), 500_000)[1:]},
		{"allow/zip", content.ZIP, zipFile(b, zipped{name: "a", data: strings.Repeat("some words", 3000)})},
		{"deny/trailing", content.JPEG, append(bytes.Clone(photo.Bytes()), 'x')},
		{"deny/pixels", content.PNG, pngPromise()},
		{"deny/scans", content.JPEG, jpegScans(2000, 2000, 2000)},
	} {
		b.Run(bc.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(bc.data)))
			for b.Loop() {
				_, err := check(b, bc.data, bc.kind)
				if denied := strings.HasPrefix(bc.name, "deny"); denied != (err != nil) {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("parallel", func(b *testing.B) {
		b.SetBytes(int64(photo.Len()))
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, err := check(b, photo.Bytes(), content.JPEG); err != nil {
					b.Fatal(err)
				}
			}
		})
	})
}

func BenchmarkReencode(b *testing.B) {
	var photo bytes.Buffer
	if err := jpeg.Encode(&photo, noise(1000, 700), nil); err != nil {
		b.Fatal(err)
	}
	e := newReencoder(b, content.ReencoderConfig{})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := e.Reencode(b.Context(), io.Discard, bytes.NewReader(photo.Bytes()), int64(photo.Len()), content.JPEG,
			content.Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}
