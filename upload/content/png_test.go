package content_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/png"
	"testing"

	"github.com/gopalisade/palisade/upload/content"
)

func TestPNG(t *testing.T) {
	header, end := pngHeader(2, 2, 8, 0, 0), chunk("IEND")
	raw := deflated(t, make([]byte, 6))
	pixels := chunk("IDAT", raw...)
	palette := chunk("PLTE", 1, 2, 3)
	of := func(between ...[]byte) []byte { return pngFile(header, join(between...), pixels, end) }
	image := func(w, h int, depth, color, interlace byte, bytes int, more ...[]byte) []byte {
		return pngFile(pngHeader(w, h, depth, color, interlace), join(more...), chunk("IDAT", deflated(t, make([]byte,
			bytes))...), end)
	}
	wrongSum := bytes.Clone(pixels)
	wrongSum[len(wrongSum)-1] ^= 1
	text := func(name, head string, body []byte) []byte { return chunk(name, join([]byte(head), body)...) }
	run(t, content.PNG, []row{
		{"gray", of(), nil},
		{"data in two chunks", pngFile(header, chunk("IDAT", raw[:5]...), chunk("IDAT", raw[5:]...), end), nil},
		{"an empty chunk of data", pngFile(header, pixels, chunk("IDAT"), end), nil},
		{"16 bits", image(3, 2, 16, 6, 0, 2*(1+3*8)), nil},
		{"one bit", image(9, 2, 1, 0, 0, 2*(1+2)), nil},
		{"gray and alpha", image(3, 1, 8, 4, 0, 7), nil},
		{"palette", image(3, 1, 8, 3, 0, 4, palette), nil},
		{"interlaced", image(5, 5, 8, 2, 1, 86), nil},
		{"interlaced, with the data of one that is not", image(5, 5, 8, 2, 1, 5*16), content.ErrMalformed},
		{"interlaced, one pixel", image(1, 1, 8, 2, 1, 4), nil},
		{"palette suggested", image(1, 1, 8, 2, 0, 4, palette), nil},
		{"text", of(text("tEXt", "k\x00", []byte("hello"))), nil},
		{"compressed text", of(text("zTXt", "k\x00\x00", raw)), nil},
		{"international text", of(text("iTXt", "k\x00\x00\x00de\x00k\x00", []byte("hallo"))), nil},
		{"international text, compressed", of(text("iTXt", "k\x00\x01\x00de\x00k\x00", raw)), nil},
		{"private chunk", of(chunk("prVt", 1, 2)), nil},
		{"metadata after the data", pngFile(header, pixels, chunk("tEXt", 'k', 0), end), nil},

		{"no header", pngFile(pixels, end), content.ErrMalformed},
		{"short header", pngFile(chunk("IHDR", make([]byte, 12)...), pixels, end), content.ErrMalformed},
		{"header twice", of(header), content.ErrMalformed},
		{"no width", image(0, 2, 8, 0, 0, 2), content.ErrMalformed},
		{"no height", image(2, 0, 8, 0, 0, 2), content.ErrMalformed},
		{"width of 32 bits", image(1<<31, 1, 8, 0, 0, 2), content.ErrMalformed},
		{"depth that the color has not", image(2, 2, 4, 2, 0, 6), content.ErrMalformed},
		{"depth beyond all", image(2, 2, 200, 0, 0, 6), content.ErrMalformed},
		{"color that is none", image(2, 2, 8, 5, 0, 6), content.ErrMalformed},
		{"color beyond all", image(2, 2, 8, 77, 0, 6), content.ErrMalformed},
		{"interlacing that is none", image(2, 2, 8, 0, 2, 6), content.ErrMalformed},
		{"too wide", image(16385, 1, 1, 0, 0, 10), content.ErrTooLarge},
		{"too many pixels", image(10000, 4001, 1, 0, 0, 10), content.ErrTooLarge},

		{"no data", pngFile(header, end), content.ErrMalformed},
		{"no end", pngFile(header, pixels), content.ErrMalformed},
		{"end with data", pngFile(header, pixels, chunk("IEND", 1)), content.ErrMalformed},
		{"behind the end", join(of(), []byte("x")), content.ErrTrailing},
		{"code behind the end", join(of(), []byte("<?php system($_GET[0]);")), content.ErrTrailing},
		{"wrong checksum", pngFile(header, wrongSum, end), content.ErrMalformed},
		{"chunk name with a digit", of(chunk("a1Cd")), content.ErrMalformed},
		{"chunk name with a small third letter", of(chunk("abcd")), content.ErrMalformed},
		{"unknown critical chunk", of(chunk("ABCD")), content.ErrUnsupported},
		{"chunk longer than the file", pngFile(header, be32(1<<30), []byte("IDAT")), content.ErrMalformed},
		{"chunk of a negative length", pngFile(header, be32(-1), []byte("IDAT")), content.ErrMalformed},
		{
			"data not consecutive",
			pngFile(header, chunk("IDAT", raw[:5]...), chunk("tEXt", 'k', 0), chunk("IDAT", raw[5:]...), end),
			content.ErrMalformed,
		},
		{"data again", pngFile(header, pixels, chunk("tEXt", 'k', 0), pixels, end), content.ErrMalformed},
		{"too little data", image(2, 2, 8, 0, 0, 5), content.ErrMalformed},
		{"too much data", image(2, 2, 8, 0, 0, 7), content.ErrMalformed},
		{"far too much data", image(2, 2, 8, 0, 0, 9<<20), content.ErrMalformed},
		{"data that is no zlib", pngFile(header, chunk("IDAT", 1, 2, 3, 4, 5, 6, 7, 8), end), content.ErrMalformed},
		{
			"data with a wrong sum",
			pngFile(header, chunk("IDAT", append(bytes.Clone(raw[:len(raw)-1]), raw[len(raw)-1]^1)...), end),
			content.ErrMalformed,
		},
		{
			"something behind the stream",
			pngFile(header, chunk("IDAT", append(bytes.Clone(raw), "<?php"...)...), end),
			content.ErrTrailing,
		},
		{"something behind the stream, in its own chunk", pngFile(header, pixels, chunk("IDAT", 'x'), end), content.ErrTrailing},

		{"no palette", image(3, 1, 8, 3, 0, 4), content.ErrMalformed},
		{"palette of a gray image", of(palette), content.ErrMalformed},
		{"palette twice", image(3, 1, 8, 3, 0, 4, palette, palette), content.ErrMalformed},
		{"palette of four bytes", image(3, 1, 8, 3, 0, 4, chunk("PLTE", 1, 2, 3, 4)), content.ErrMalformed},
		{"palette of none", image(3, 1, 8, 3, 0, 4, chunk("PLTE")), content.ErrMalformed},
		{"palette beyond the depth", image(3, 1, 1, 3, 0, 2, chunk("PLTE", make([]byte, 9)...)), content.ErrMalformed},
		{
			"palette after the data",
			pngFile(pngHeader(1, 1, 8, 3, 0), chunk("IDAT", deflated(t, make([]byte, 2))...), palette, end),
			content.ErrMalformed,
		},
		{"gamma after the palette", image(3, 1, 8, 3, 0, 4, palette, chunk("gAMA", 0, 0, 0, 1)), content.ErrMalformed},
		{"gamma twice", of(chunk("gAMA", 0, 0, 0, 1), chunk("gAMA", 0, 0, 0, 1)), content.ErrMalformed},
		{"gamma after the data", pngFile(header, pixels, chunk("gAMA", 0, 0, 0, 1), end), content.ErrMalformed},

		{"text compressed by another method", of(text("zTXt", "k\x00\x01", raw)), content.ErrMalformed},
		{"text compressed by a flag that is none", of(text("iTXt", "k\x00\x02\x00\x00\x00", raw)), content.ErrMalformed},
		{"keyword without an end", of(chunk("zTXt", 'k')), content.ErrMalformed},
		{"compressed text broken", of(text("zTXt", "k\x00\x00", raw[:4])), content.ErrMalformed},
		{"something behind a compressed text", of(text("zTXt", "k\x00\x00", append(bytes.Clone(raw), 1))), content.ErrMalformed},
		{"profile that is no zlib", of(text("iCCP", "k\x00\x00", []byte("profile"))), content.ErrMalformed},
		{
			"text that inflates to more than there may be",
			of(text("zTXt", "k\x00\x00", deflated(t, make([]byte, 5<<20)))),
			content.ErrTooLarge,
		},
		{"profile that does", of(text("iCCP", "k\x00\x00", deflated(t, make([]byte, 5<<20)))), content.ErrTooLarge},
		{
			"texts that do so together",
			of(bytes.Repeat(text("zTXt", "k\x00\x00", deflated(t, make([]byte, 1<<20))), 4)),
			content.ErrTooLarge,
		},
		{"many chunks", of(bytes.Repeat(chunk("tEXt", 'k', 0), 1001)), content.ErrTooLarge},
		{"page in a text", of(text("tEXt", "k\x00", []byte("<html>"))), content.ErrActive},
		{"code in an international text", of(text("iTXt", "k\x00\x00\x00de\x00k\x00", []byte("<?php"))), content.ErrActive},
		{"code in a private chunk", of(chunk("prVt", []byte("<?PHP ")...)), content.ErrActive},
	})
}

func TestAPNG(t *testing.T) {
	header, end := pngHeader(2, 2, 8, 0, 0), chunk("IEND")
	raw := deflated(t, make([]byte, 6))
	pixels := chunk("IDAT", raw...)
	control := func(frames int) []byte { return chunk("acTL", join(be32(frames), be32(0))...) }
	frame := func(sequence, w, h, x, y int, tail ...byte) []byte {
		if tail == nil {
			tail = []byte{0, 1, 0, 1, 0, 0}
		}
		return chunk("fcTL", join(be32(sequence), be32(w), be32(h), be32(x), be32(y), tail)...)
	}
	data := func(sequence int) []byte { return chunk("fdAT", join(be32(sequence), raw)...) }
	run(t, content.PNG, []row{
		{"two frames", pngFile(header, control(2), frame(0, 2, 2, 0, 0), pixels, frame(1, 1, 1, 1, 1), data(2), end), nil},
		{"still image apart", pngFile(header, control(1), pixels, frame(0, 2, 1, 0, 1), data(1), end), nil},
		{"frame data in two", pngFile(header, control(1), pixels, frame(0, 2, 2, 0, 0), data(1), data(2), end), nil},
		{"no control", pngFile(header, frame(0, 2, 2, 0, 0), pixels, end), content.ErrMalformed},
		{"control too short", pngFile(header, chunk("acTL", 0, 0, 0, 1), pixels, end), content.ErrMalformed},
		{"control after the data", pngFile(header, pixels, control(1), frame(0, 2, 2, 0, 0), data(1), end), content.ErrMalformed},
		{"no frames", pngFile(header, control(0), pixels, end), content.ErrMalformed},
		{"fewer frames than announced", pngFile(header, control(2), frame(0, 2, 2, 0, 0), pixels, end), content.ErrMalformed},
		{
			"more frames than announced",
			pngFile(header, control(1), frame(0, 2, 2, 0, 0), pixels, frame(1, 1, 1, 1, 1), data(2), end),
			content.ErrMalformed,
		},
		{"more frames than may be", pngFile(header, control(501), pixels, end), content.ErrTooLarge},
		{"frame outside", pngFile(header, control(1), pixels, frame(0, 2, 2, 1, 0), data(1), end), content.ErrMalformed},
		{"frame far outside", pngFile(header, control(1), pixels, frame(0, 2, 2, -1, 0), data(1), end), content.ErrMalformed},
		{"frame without a size", pngFile(header, control(1), pixels, frame(0, 0, 2, 0, 0), data(1), end), content.ErrMalformed},
		{
			"frame with odd disposal",
			pngFile(header, control(1), pixels, frame(0, 2, 2, 0, 0, 0, 1, 0, 1, 3, 0), data(1), end),
			content.ErrMalformed,
		},
		{"frame control too short", pngFile(header, control(1), pixels, chunk("fcTL", 1), data(1), end), content.ErrMalformed},
		{"first frame smaller than the image", pngFile(header, control(1), frame(0, 1, 1, 0, 0), pixels, end), content.ErrMalformed},
		{
			"two controls for the image",
			pngFile(header, control(2), frame(0, 2, 2, 0, 0), frame(1, 2, 2, 0, 0), pixels, end),
			content.ErrMalformed,
		},
		{"sequence with a gap", pngFile(header, control(1), pixels, frame(0, 2, 2, 0, 0), data(2), end), content.ErrMalformed},
		{
			"frame data before the image",
			pngFile(header, control(1), frame(0, 2, 2, 0, 0), data(1), pixels, end),
			content.ErrMalformed,
		},
		{"frame data without a frame", pngFile(header, control(1), pixels, data(0), end), content.ErrMalformed},
		{
			"frame data without its number",
			pngFile(header, control(1), pixels, frame(0, 2, 2, 0, 0), chunk("fdAT", 1), end),
			content.ErrMalformed,
		},
		{"frame without data", pngFile(header, control(1), pixels, frame(0, 2, 2, 0, 0), end), content.ErrMalformed},
	})
	wide := pngFile(pngHeader(5000, 1000, 1, 0, 0), control(2), chunk("IDAT", deflated(t, make([]byte, 1000*626))...),
		frame(0, 5000, 1000, 0, 0), chunk("fdAT", join(be32(1), make([]byte, 10))...), frame(2, 1, 1, 0, 0), data(3), end)
	if _, err := check(t, wide, content.PNG); !errors.Is(err, content.ErrMalformed) {
		t.Errorf("large frame over ten bytes: got %v, want %v", err, content.ErrMalformed)
	}
	report, err := check(t, pngFile(header, control(2), frame(0, 2, 2, 0, 0), pixels, frame(1, 1, 1, 1, 1), data(2), end),
		content.PNG)
	if err != nil || report.Frames != 2 || report.Pixels != 5 {
		t.Errorf("got %+v, %v, want 2 frames of 5 pixels", report, err)
	}
}

func TestPNGOfEncoder(t *testing.T) {
	pal := image.NewPaletted(image.Rect(0, 0, 33, 17), color.Palette{color.Black, color.White, color.Transparent})
	for name, m := range map[string]image.Image{
		"color": noise(61, 47), "gray": image.NewGray(image.Rect(0, 0, 7, 300)), "gray 16": image.NewGray16(image.Rect(0, 0, 7, 3)),
		"deep": image.NewNRGBA64(image.Rect(0, 0, 40, 40)), "palette": pal, "one pixel": noise(1, 1), "large": noise(700, 500),
	} {
		for _, level := range []png.CompressionLevel{png.NoCompression, png.BestSpeed, png.BestCompression} {
			var b bytes.Buffer
			if err := (&png.Encoder{CompressionLevel: level}).Encode(&b, m); err != nil {
				t.Fatal(err)
			}
			report, err := check(t, b.Bytes(), content.PNG)
			if err != nil || report.Width != m.Bounds().Dx() || report.Height != m.Bounds().Dy() || report.Frames != 1 {
				t.Errorf("%s: got %+v, %v", name, report, err)
			}
		}
	}
}
