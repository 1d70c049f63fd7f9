package content_test

import (
	"bytes"
	"testing"

	"golang.org/x/image/webp"

	"github.com/gopalisade/palisade/upload/content"
)

func TestWebP(t *testing.T) {
	vp8 := func(w, h int, twist ...byte) []byte {
		b := join([]byte{0x10, 0, 0, 0x9d, 1, 0x2a}, le16(w), le16(h), []byte{1, 2, 3})
		for i := 0; i+1 < len(twist); i += 2 {
			b[twist[i]] = twist[i+1]
		}
		return riffChunk("VP8 ", b...)
	}
	odd := vp8(4, 4) // 13 bytes and one of padding
	padded := bytes.Clone(odd)
	padded[len(padded)-1] = 1
	still := webpFile(vp8x(0, 3, 2), vp8l(3, 2))
	moving := func(frames ...[]byte) []byte { return webpFile(vp8x(2, 4, 4), animChunk, join(frames...)) }
	long := bytes.Clone(still)
	long[4] += 2
	short := join(still, []byte("xx"))
	uneven := webpFile(vp8l(1, 1), []byte{0})
	run(t, content.WebP, []row{
		{"lossless", webpFile(vp8l(3, 2)), nil},
		{"lossy", webpFile(odd), nil},
		{"extended", still, nil},
		{
			"extended with all there is",
			webpFile(vp8x(0x3c, 4, 4), riffChunk("ICCP", 1), riffChunk("ALPH", 1, 2), vp8(4, 4), riffChunk("EXIF", 1),
				riffChunk("XMP ", 1), riffChunk("abcd", 1)),
			nil,
		},
		{"animation", moving(anmf(0, 0, 4, 4, vp8l(4, 4)), anmf(2, 2, 2, 2, riffChunk("ALPH", 1), vp8(2, 2))), nil},
		{"frame with a chunk of its own", moving(anmf(0, 0, 4, 4, vp8l(4, 4), riffChunk("abcd", 1, 2))), nil},

		{"nothing inside", webpFile(), content.ErrMalformed},
		{"another chunk first", webpFile(riffChunk("EXIF", 1), vp8l(3, 2)), content.ErrMalformed},
		{"behind the end", short, content.ErrTrailing},
		{"second image", webpFile(vp8l(3, 2), vp8l(3, 2)), content.ErrTrailing},
		{"chunk behind a simple image", webpFile(vp8l(3, 2), riffChunk("EXIF", 1)), content.ErrTrailing},
		{"longer than the file", long, content.ErrMalformed},
		{"of an odd length", uneven, content.ErrMalformed},
		{"chunk longer than the file", webpFile([]byte("VP8L"), le32(1000), make([]byte, 20)), content.ErrMalformed},
		{"padding with something in it", webpFile(padded), content.ErrMalformed},
		{"padding missing", webpFile(vp8x(0, 3, 2), vp8l(3, 2), []byte("EXIF"), le32(3), []byte{1, 2, 3}), content.ErrMalformed},
		{"lossy, not a key frame", webpFile(vp8(4, 4, 0, 0x11)), content.ErrMalformed},
		{"lossy without its mark", webpFile(vp8(4, 4, 3, 0)), content.ErrMalformed},
		{"lossy, first part beyond the chunk", webpFile(vp8(4, 4, 2, 0xff)), content.ErrMalformed},
		{"lossy, too short", webpFile(riffChunk("VP8 ", 0, 0, 0, 0x9d, 1, 0x2a, 1, 0, 1)), content.ErrMalformed},
		{"lossy without a width", webpFile(vp8(0, 4)), content.ErrMalformed},
		{"lossless without its mark", webpFile(riffChunk("VP8L", make([]byte, 13)...)), content.ErrMalformed},
		{"lossless of a later version", webpFile(riffChunk("VP8L", 0x2f, 0, 0, 0, 0x20, 0)), content.ErrMalformed},
		{"lossless, too short", webpFile(riffChunk("VP8L", 0x2f, 0, 0, 0)), content.ErrMalformed},
		{"too many pixels", webpFile(vp8l(10000, 4001)), content.ErrTooLarge},
		{"too many pixels, extended", webpFile(vp8x(0, 10000, 4001), vp8l(10000, 4001)), content.ErrTooLarge},
		{"canvas too wide", webpFile(vp8x(0, 1<<24, 1), vp8l(1, 1)), content.ErrTooLarge},

		{"extended header too short", webpFile(riffChunk("VP8X", 0, 0), vp8l(1, 1)), content.ErrMalformed},
		{"extended without an image", webpFile(vp8x(0, 3, 2)), content.ErrMalformed},
		{"extended, image of another size", webpFile(vp8x(0, 3, 3), vp8l(3, 2)), content.ErrMalformed},
		{"extended twice", webpFile(vp8x(0, 3, 2), vp8x(0, 3, 2), vp8l(3, 2)), content.ErrMalformed},
		{"image twice", webpFile(vp8x(0, 3, 2), vp8l(3, 2), vp8l(3, 2)), content.ErrMalformed},
		{"image twice, by two codecs", webpFile(vp8x(0, 4, 4), vp8l(4, 4), vp8(4, 4)), content.ErrMalformed},
		{"profile twice", webpFile(vp8x(0, 3, 2), riffChunk("ICCP", 1), riffChunk("ICCP", 1), vp8l(3, 2)), content.ErrMalformed},

		{"animation that is not announced", webpFile(vp8x(0, 4, 4), animChunk, anmf(0, 0, 4, 4, vp8l(4, 4))), content.ErrMalformed},
		{"animation announced only", webpFile(vp8x(2, 4, 4), vp8l(4, 4)), content.ErrMalformed},
		{"animation with a still image", moving(anmf(0, 0, 4, 4, vp8l(4, 4)), vp8l(4, 4)), content.ErrMalformed},
		{"animation without its chunk", webpFile(vp8x(2, 4, 4), anmf(0, 0, 4, 4, vp8l(4, 4))), content.ErrMalformed},
		{
			"animation chunk of another length",
			webpFile(vp8x(2, 4, 4), riffChunk("ANIM", 0), anmf(0, 0, 4, 4, vp8l(4, 4))),
			content.ErrMalformed,
		},
		{"animation without frames", moving(), content.ErrMalformed},
		{"frame outside", moving(anmf(2, 2, 3, 2, vp8l(3, 2))), content.ErrMalformed},
		{"frame too short", moving(riffChunk("ANMF", 0, 0, 0)), content.ErrMalformed},
		{"frame without an image", moving(anmf(0, 0, 4, 4, riffChunk("ALPH", make([]byte, 20)...))), content.ErrMalformed},
		{"frame with two images", moving(anmf(0, 0, 4, 4, vp8l(4, 4), vp8l(4, 4))), content.ErrMalformed},
		{"frame with an image of another size", moving(anmf(0, 0, 4, 4, vp8l(2, 2))), content.ErrMalformed},
		{
			"frame with a chunk that leaves it",
			moving(anmf(0, 0, 4, 4, []byte("VP8L"), le32(200), make([]byte, 20)), make([]byte, 300)),
			content.ErrMalformed,
		},
		{"501 frames", moving(bytes.Repeat(anmf(0, 0, 4, 4, vp8l(4, 4)), 501)), content.ErrTooLarge},
		{
			"frames of too many pixels",
			webpFile(vp8x(2, 5000, 5000), animChunk, bytes.Repeat(anmf(0, 0, 5000, 5000, vp8l(5000, 5000)), 9)),
			content.ErrTooLarge,
		},

		{"code in EXIF", webpFile(vp8x(8, 3, 2), vp8l(3, 2), riffChunk("EXIF", []byte("MM<?php ")...)), content.ErrActive},
		{
			"page in a frame's chunk",
			moving(anmf(0, 0, 4, 4, vp8l(4, 4), riffChunk("abcd", []byte("<!DOCTYPE html>")...))),
			content.ErrActive,
		},
		{
			"metadata beyond the limit",
			webpFile(vp8x(8, 3, 2), vp8l(3, 2), riffChunk("EXIF", make([]byte, 4<<20+2)...)),
			content.ErrTooLarge,
		},
		{"many chunks", webpFile(vp8x(8, 3, 2), vp8l(3, 2), bytes.Repeat(riffChunk("abcd"), 1001)), content.ErrTooLarge},
	})
	report, err := check(t, moving(anmf(0, 0, 4, 4, vp8l(4, 4)), anmf(2, 2, 2, 2, vp8l(2, 2))), content.WebP)
	if err != nil || report.Frames != 2 || report.Width != 4 || report.Pixels != 20 {
		t.Errorf("got %+v, %v", report, err)
	}
}

func TestWebPBuilderDecodes(t *testing.T) {
	m, err := webp.Decode(bytes.NewReader(webpFile(vp8l(7, 5))))
	if err != nil || m.Bounds().Dx() != 7 || m.Bounds().Dy() != 5 {
		t.Errorf("got %v, %v, want 7 x 5", m, err)
	}
}
