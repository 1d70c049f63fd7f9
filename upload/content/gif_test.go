package content_test

import (
	"bytes"
	"image"
	"image/color/palette"
	"image/gif"
	"testing"

	"github.com/gopalisade/palisade/upload/content"
)

func TestGIF(t *testing.T) {
	of := func(parts ...[]byte) []byte { return join(gifHead(2, 2), join(parts...), gifTrailer) }
	bare := join([]byte("GIF87a"), le16(1), le16(1), []byte{0, 0, 0})
	local := join([]byte{0x2c}, make([]byte, 4), le16(1), le16(1), []byte{0x80}, make([]byte, 6), []byte{2, 2, 0x44, 1, 0})
	extension := func(label byte, blocks ...string) []byte {
		b := []byte{0x21, label}
		for _, block := range blocks {
			b = append(append(b, byte(len(block))), block...)
		}
		return append(b, 0)
	}
	loop := extension(0xff, "NETSCAPE2.0", "\x01\x00\x00")
	control := extension(0xf9, "\x00\x0a\x00\x00")
	run(t, content.GIF, []row{
		{"one frame", of(gifDot), nil},
		{"palette of the frame", join(bare, local, gifTrailer), nil},
		{"animation", of(loop, control, gifDot, control, gifFrame(1, 1, 1, 1, 2, 0x44, 1)), nil},
		{"comment", of(extension(0xfe, "hello", "world"), gifDot), nil},
		{"empty comment", of(extension(0xfe), gifDot), nil},
		{"text on the image", of(gifDot, extension(0x01, "012345678901", "text")), nil},
		{"many frames with controls", of(bytes.Repeat(join(control, gifDot), 500)), nil},

		{"no frame", of(), content.ErrMalformed},
		{"no trailer", join(gifHead(1, 1), gifDot), content.ErrMalformed},
		{"behind the trailer", join(of(gifDot), []byte{0}), content.ErrTrailing},
		{"two trailers", join(of(gifDot), gifTrailer), content.ErrTrailing},
		{"script instead of an image", []byte("GIF89a=1;alert(document.domain)//"), content.ErrTooLarge},
		{"script behind the head", []byte("GIF89a/*\x00\x00\x00\x00\x00*/=1;alert(1)"), content.ErrMalformed},
		{"code behind the head", []byte("GIF89a\x01\x00\x01\x00\x00\x00\x00<?php eval($_GET[0]);"), content.ErrMalformed},
		{"archive behind the trailer", join(of(gifDot), zipStd(t, "a.class")), content.ErrTrailing},
		{"canvas without a width", join(gifHead(0, 2), gifDot, gifTrailer), content.ErrMalformed},
		{"canvas too wide", join(gifHead(65535, 2), gifDot, gifTrailer), content.ErrTooLarge},
		{"canvas with too many pixels", join(gifHead(10000, 4001), gifDot, gifTrailer), content.ErrTooLarge},
		{"34 bytes of 4 GiB", join(gifHead(65535, 65535), gifFrame(0, 0, 65535, 65535)), content.ErrTooLarge},
		{"frame outside", of(gifFrame(1, 2, 1, 1, 2, 0x44, 1)), content.ErrMalformed},
		{"frame too wide", of(gifFrame(0, 0, 3, 1, 2, 0x44, 1)), content.ErrMalformed},
		{"frame without a size", of(gifFrame(0, 0, 0, 1, 2, 0x44, 1)), content.ErrMalformed},
		{"no palette at all", join(bare, gifDot, gifTrailer), content.ErrMalformed},
		{"palette beyond the end", join([]byte("GIF87a"), le16(1), le16(1), []byte{0x87, 0, 0, 1, 2}), content.ErrMalformed},
		{"code size one", of(join(gifDot[:10], []byte{1, 2, 0x44, 1, 0})), content.ErrMalformed},
		{"code size nine", of(join(gifDot[:10], []byte{9, 2, 0x44, 1, 0})), content.ErrMalformed},
		{"frame without data", of(gifFrame(0, 0, 1, 1)), content.ErrMalformed},
		{
			"large frame over a few bytes",
			join(gifHead(5000, 5000), gifFrame(0, 0, 5000, 5000, 2, 0x44, 1), gifTrailer),
			content.ErrMalformed,
		},
		{"block beyond the end", of(gifFrame(0, 0, 1, 1, 200, 0x44, 1)), content.ErrMalformed},
		{"block that is none", of(gifDot, []byte{0x00}), content.ErrMalformed},
		{"extension that is none", of(extension(0x02), gifDot), content.ErrMalformed},
		{"control of another length", of(extension(0xf9, "\x00\x0a\x00"), gifDot), content.ErrMalformed},
		{"control without an end", of([]byte{0x21, 0xf9, 4, 0, 0, 0, 0, 1}, gifDot), content.ErrMalformed},
		{"application without a name", of(extension(0xff, "short"), gifDot), content.ErrMalformed},
		{"text without its grid", of(extension(0x01, "short"), gifDot), content.ErrMalformed},
		{"501 frames", gifFrames(501, 1, 1), content.ErrTooLarge},
		{"201 frames of a megapixel", gifFrames(201, 1000, 1000), content.ErrTooLarge},
		{"200 of them", gifFrames(200, 1000, 1000), nil},
		{
			"comment beyond the limit",
			of(join([]byte{0x21, 0xfe}, bytes.Repeat(append([]byte{255}, make([]byte, 255)...), 16400), []byte{0}), gifDot),
			content.ErrTooLarge,
		},
		{"many comments", of(bytes.Repeat(extension(0xfe, "x"), 1001), gifDot), content.ErrTooLarge},
		{"code in a comment", of(extension(0xfe, "<?php system(1);"), gifDot), content.ErrActive},
		{
			"code across blocks, whose length is a byte of it",
			of([]byte("\x21\xfe\x02xx<?php"), make([]byte, 57), gifDot),
			content.ErrActive,
		},
		{"page in an application's data", of(extension(0xff, "XMP DataXMP", "<svg onload=1>"), gifDot), content.ErrActive},
	})
	report, err := check(t, of(loop, control, gifDot, control, gifFrame(1, 1, 1, 1, 2, 0x44, 1)), content.GIF)
	if err != nil || report.Frames != 2 || report.Width != 2 || report.Pixels != 2 || report.Metadata != 16 {
		t.Errorf("got %+v, %v", report, err)
	}
}

func TestGIFOfEncoder(t *testing.T) {
	frame := image.NewPaletted(image.Rect(0, 0, 50, 40), palette.Plan9)
	for i := range frame.Pix {
		frame.Pix[i] = uint8(i * i)
	}
	for frames := 1; frames <= 3; frames++ {
		all := &gif.GIF{}
		for range frames {
			all.Image, all.Delay = append(all.Image, frame), append(all.Delay, 5)
		}
		var b bytes.Buffer
		if err := gif.EncodeAll(&b, all); err != nil {
			t.Fatal(err)
		}
		report, err := check(t, b.Bytes(), content.GIF)
		if err != nil || report.Frames != frames || report.Width != 50 || report.Height != 40 {
			t.Errorf("got %+v, %v, want %d frames of 50 x 40", report, err, frames)
		}
	}
}
