package content

// walkGIF walks the blocks of GIF87a and GIF89a, without decoding what is in them.
func walkGIF(f *file) {
	f.skip(6)
	f.report.Width, f.report.Height = f.le16(), f.le16()
	f.dims(f.report.Width, f.report.Height)
	flags := f.take(3)[0]
	global := flags&0x80 != 0
	f.palette(flags)
	for f.healthy() {
		switch f.u8() {
		case 0x21:
			f.gifExtension()
		case 0x2c:
			f.gifFrame(global)
		case 0x3b:
			if f.report.Frames == 0 {
				f.fail(ErrMalformed, "no image")
			}
			f.end()
			return
		default:
			f.fail(ErrMalformed, "unknown block")
		}
	}
}

// palette passes over a color table.
func (f *file) palette(flags byte) {
	if flags&0x80 != 0 {
		f.endHides()
		f.each(3<<(flags&7+1), f.hides)
	}
}

func (f *file) gifFrame(global bool) {
	x, y, w, h := f.le16(), f.le16(), f.le16(), f.le16()
	flags := f.u8()
	f.palette(flags)
	switch {
	case x+w > f.report.Width || y+h > f.report.Height:
		f.fail(ErrMalformed, "frame outside the canvas")
	case !global && flags&0x80 == 0:
		f.fail(ErrMalformed, "no color table")
	}
	f.frame(w, h)
	size := f.u8() // of codes, at first without the two special ones
	if size < 2 || size > 8 {
		f.fail(ErrMalformed, "code size")
	}
	coded := int64(0)
	for f.healthy() {
		n := int64(f.u8())
		if n == 0 {
			break
		}
		f.skip(n)
		coded += n
	}
	// One code has at least three bits and stands for at most 4096 pixels.
	if codes := coded * 8 / 3; int64(w)*int64(h) > codes*4096 {
		f.fail(ErrMalformed, "too little data for a frame")
	}
}

// gifExtension passes over an extension. Of those that there are, one steers the next frame; the others are metadata.
func (f *file) gifExtension() {
	f.chunk()
	size := -1 // of the first block, where it is fixed
	switch f.u8() {
	case 0xf9:
		f.chunks-- // one a frame
		if f.u8() != 4 {
			f.fail(ErrMalformed, "extension")
		}
		f.skip(4)
		if f.u8() != 0 {
			f.fail(ErrMalformed, "extension")
		}
		return
	case 0xfe:
	case 0x01:
		size = 12
	case 0xff:
		size = 11
	default:
		f.fail(ErrMalformed, "unknown extension")
	}
	for f.healthy() {
		n := int64(f.u8())
		if size >= 0 && n != int64(size) {
			f.fail(ErrMalformed, "extension")
		}
		if size = -1; n == 0 {
			return
		}
		f.metadata(1)
		f.hides([]byte{byte(n)})
		f.describe(n)
	}
}
