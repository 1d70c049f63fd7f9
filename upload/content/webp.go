package content

import (
	"encoding/binary"
	"slices"
)

// walkWebP walks the chunks of RFC 9649: one image, or VP8X and what it announces.
func walkWebP(f *file) {
	f.skip(4)
	switch n := int64(f.le32()) + 8; {
	case n < f.size:
		f.fail(ErrTrailing, "after the end of the format")
	case n > f.size || n%2 != 0:
		f.fail(ErrMalformed, "length of the file")
	}
	f.skip(4)
	w := webpWalk{file: f, stop: f.size}
	name, n := w.next()
	if name == "VP8X" {
		w.extended(n)
	} else {
		f.report.Width, f.report.Height = w.image(name, n)
		f.frame(f.report.Width, f.report.Height)
	}
	f.end()
}

const (
	webpAnimated = 0x02
	webpHeader   = 10
)

// webpNames are the chunks that there may be many of, so that their names need no memory.
var webpNames = []string{"ANMF", "VP8L", "VP8 ", "ALPH"}

type webpWalk struct {
	*file
	stop int64 // end of the chunks that are walked: a frame has its own
	seen map[string]bool
}

// next reads the head of a chunk.
func (w *webpWalk) next() (name string, n int64) {
	b := w.take(4)
	if i := slices.IndexFunc(webpNames, func(known string) bool { return known == string(b) }); i >= 0 {
		name = webpNames[i]
	} else {
		name = string(b)
	}
	n = int64(w.le32())
	if n > w.stop-w.off {
		w.fail(ErrMalformed, "chunk length")
	}
	return name, n
}

// pad passes over the byte that makes lengths even.
func (w *webpWalk) pad(n int64) {
	if n%2 != 0 && w.u8() != 0 {
		w.fail(ErrMalformed, "padding")
	}
}

// image reads the head of a coded image, returns its size, and passes over the rest.
func (w *webpWalk) image(name string, n int64) (width, height int) {
	b := w.take(int(min(n, webpHeader)))
	switch {
	case name == "VP8 " && len(b) == webpHeader: // RFC 6386 section 9.1
		tag := le24(b)
		if tag&1 != 0 || string(b[3:6]) != "\x9d\x01\x2a" || int64(tag>>5) > n-webpHeader {
			w.fail(ErrMalformed, "VP8 header")
		}
		width, height = int(binary.LittleEndian.Uint16(b[6:]))&0x3fff, int(binary.LittleEndian.Uint16(b[8:]))&0x3fff
	case name == "VP8L" && len(b) >= 5: // RFC 9649 section 3.4
		bits := binary.LittleEndian.Uint32(b[1:])
		if b[0] != 0x2f || bits>>29 != 0 {
			w.fail(ErrMalformed, "VP8L header")
		}
		width, height = int(bits&0x3fff)+1, int(bits>>14&0x3fff)+1
	default:
		w.fail(ErrMalformed, "no image")
	}
	w.skip(n - int64(len(b)))
	w.pad(n)
	return width, height
}

// extended walks a file that begins with VP8X.
func (w *webpWalk) extended(n int64) {
	if n != 10 {
		w.fail(ErrMalformed, "VP8X header")
		return
	}
	b := w.take(10)
	flags, width, height := b[0], le24(b[4:])+1, le24(b[7:])+1
	w.report.Width, w.report.Height, w.report.animated = width, height, flags&webpAnimated != 0
	w.dims(width, height)
	w.seen = map[string]bool{}
	for w.healthy() && w.left() > 0 {
		w.part(w.next())
	}
	if w.report.Frames == 0 || w.seen["ANIM"] != w.report.animated {
		w.fail(ErrMalformed, "chunk missing")
	}
}

// part reads a chunk of an extended file.
func (w *webpWalk) part(name string, n int64) {
	switch name {
	case "ANMF":
		if !w.seen["ANIM"] {
			w.fail(ErrMalformed, "chunk out of place")
		}
		w.animationFrame(n)
		return
	case "ANIM", "ALPH", "VP8 ", "VP8L", "VP8X", "ICCP", "EXIF", "XMP ":
		if w.seen[name] {
			w.fail(ErrMalformed, "chunk twice")
		}
	}
	w.seen[name] = true
	switch name {
	case "VP8 ", "VP8L":
		w.still(name, n)
		return
	case "VP8X":
		w.fail(ErrMalformed, "chunk twice")
	case "ALPH":
		w.skip(n)
	case "ANIM":
		if n != 6 || !w.report.animated {
			w.fail(ErrMalformed, "animation")
		}
		w.skip(n)
	default:
		w.chunk()
		w.describe(n)
	}
	w.pad(n)
}

// still reads the only image of a file without animation. It fills the canvas.
func (w *webpWalk) still(name string, n int64) {
	width, height := w.image(name, n)
	if w.report.animated || w.report.Frames > 0 || width != w.report.Width || height != w.report.Height {
		w.fail(ErrMalformed, "image and canvas differ")
	}
	w.frame(width, height)
}

// animationFrame reads ANMF: a frame in the canvas with chunks of its own.
func (w *webpWalk) animationFrame(n int64) {
	if n < 16+8 {
		w.fail(ErrMalformed, "frame")
		return
	}
	end := w.off + n
	b := w.take(16)
	x, y, width, height := 2*le24(b), 2*le24(b[3:]), le24(b[6:])+1, le24(b[9:])+1
	if x+width > w.report.Width || y+height > w.report.Height {
		w.fail(ErrMalformed, "frame outside the canvas")
	}
	w.frame(width, height)
	outer := w.stop
	w.stop = end
	images := 0
	for w.healthy() && w.off < end {
		switch name, n := w.next(); name {
		case "VP8 ", "VP8L":
			if fw, fh := w.image(name, n); fw != width || fh != height {
				w.fail(ErrMalformed, "image and frame differ")
			}
			images++
		case "ALPH":
			w.skip(n)
			w.pad(n)
		default:
			w.chunk()
			w.describe(n)
			w.pad(n)
		}
	}
	if w.stop = outer; images != 1 || n%2 != 0 {
		w.fail(ErrMalformed, "frame")
	}
}
