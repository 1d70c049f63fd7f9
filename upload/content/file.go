package content

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"sync"
)

// file is a file being walked, forwards. The first error stays: from then on every read returns zeros, so that walkers need
// not ask after each byte. Their loops must.
type file struct {
	ctx    context.Context
	r      io.ReaderAt
	size   int64
	limits Limits
	report Report
	err    error

	off int64  // of the next byte
	win []byte // bytes from off on that were read already
	*scratch

	chunks  int
	foreign search
}

// maxTake is the most that take returns.
const maxTake = 4096

// scratch is the memory of a walk, used again by others.
type scratch struct {
	buf   [32 << 10]byte
	out   [8 << 10]byte
	small [256]byte
	in    *bufio.Reader // under the decompressors, so that they do not read too far
	flate io.ReadCloser
	zlib  io.ReadCloser
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// zeros is what take returns after an error.
var zeros [maxTake]byte

// fail refuses the file, unless it is refused already.
func (f *file) fail(kind error, reason string) {
	if f.err == nil {
		f.err = &Error{Kind: kind, Type: f.report.Type, Offset: f.off, Reason: reason}
	}
}

// window returns the bytes from off on that are in memory, at least one unless the file ends or fails.
func (f *file) window() []byte {
	if len(f.win) == 0 {
		f.fill(1)
	}
	return f.win
}

// fill makes the window at least n bytes long where the file is. What is there already is not read again.
func (f *file) fill(n int) {
	if f.err != nil || f.off >= f.size {
		return
	}
	if err := f.ctx.Err(); err != nil {
		f.err = err
		return
	}
	have := copy(f.buf[:], f.win)
	want := int(min(int64(len(f.buf)), f.size-f.off))
	got, err := f.r.ReadAt(f.buf[have:want], f.off+int64(have))
	f.win = f.buf[:have+got]
	if len(f.win) < min(n, want) {
		if f.win = nil; err == nil {
			err = io.ErrNoProgress // a reader that breaks the rules must not keep us for ever
		}
		f.err = fmt.Errorf("content: read: %w", err)
	}
}

// take returns the next n bytes, which are good until the next call.
func (f *file) take(n int) []byte {
	if len(f.win) < n {
		f.fill(n)
	}
	if len(f.win) < n {
		f.fail(ErrMalformed, "ends too early")
	}
	if f.err != nil {
		return zeros[:n]
	}
	b := f.win[:n]
	f.advance(n)
	return b
}

// advance passes over bytes of the window.
func (f *file) advance(n int) {
	f.win = f.win[n:]
	f.off += int64(n)
}

func (f *file) u8() byte      { return f.take(1)[0] }
func (f *file) be16() int     { return int(binary.BigEndian.Uint16(f.take(2))) }
func (f *file) be32() uint32  { return binary.BigEndian.Uint32(f.take(4)) }
func (f *file) le16() int     { return int(binary.LittleEndian.Uint16(f.take(2))) }
func (f *file) le32() uint32  { return binary.LittleEndian.Uint32(f.take(4)) }
func le24(b []byte) int       { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }
func (f *file) left() int64   { return f.size - f.off }
func (f *file) healthy() bool { return f.err == nil }

// skip passes over n bytes without reading them.
func (f *file) skip(n int64) {
	switch {
	case f.err != nil:
	case n < 0 || n > f.left():
		f.fail(ErrMalformed, "ends too early")
	case n <= int64(len(f.win)):
		f.advance(int(n))
	default:
		f.win, f.off = nil, f.off+n
	}
}

// each shows the next n bytes in pieces.
func (f *file) each(n int64, see func(p []byte)) {
	if f.err == nil && n > f.left() {
		f.fail(ErrMalformed, "ends too early")
	}
	for n > 0 && f.err == nil {
		p := f.window()
		p = p[:min(int64(len(p)), n)]
		see(p)
		f.advance(len(p))
		n -= int64(len(p))
	}
}

// probe reads up to n bytes elsewhere, without moving. They are good until the next probe.
func (f *file) probe(off int64, n int) []byte {
	if f.err != nil || off < 0 || off >= f.size {
		return nil
	}
	if f.err = f.ctx.Err(); f.err != nil {
		return nil
	}
	b := f.small[:min(int64(n), f.size-off)]
	if got, err := f.r.ReadAt(b, off); got < len(b) {
		f.err = fmt.Errorf("content: read: %w", err)
		return nil
	}
	return b
}

// seek goes on elsewhere in the file.
func (f *file) seek(off int64) { f.win, f.off = nil, off }

// dims accepts the size of an image or a frame.
func (f *file) dims(w, h int) {
	switch {
	case w <= 0 || h <= 0:
		f.fail(ErrMalformed, "no width or no height")
	case w > f.limits.Side || h > f.limits.Side:
		f.fail(ErrTooLarge, "side")
	case int64(w)*int64(h) > f.limits.Pixels:
		f.fail(ErrTooLarge, "pixels")
	}
}

// frame counts a frame of an accepted size.
func (f *file) frame(w, h int) {
	f.dims(w, h)
	f.report.Frames++
	f.report.Pixels += int64(w) * int64(h)
	if f.report.Frames > f.limits.Frames {
		f.fail(ErrTooLarge, "frames")
	}
	if f.report.Pixels > f.limits.FramePixels {
		f.fail(ErrTooLarge, "pixels of all frames")
	}
}

// chunk counts a piece that holds no pixels. What is in it does not go on from the one before.
func (f *file) chunk() {
	f.endHides()
	if f.chunks++; f.chunks > f.limits.Chunks {
		f.fail(ErrTooLarge, "chunks")
	}
}

// metadata counts bytes that describe an image.
func (f *file) metadata(n int64) {
	if f.report.Metadata += n; f.report.Metadata > f.limits.Metadata {
		f.fail(ErrTooLarge, "metadata")
	}
}

// describe passes over n bytes of metadata, in which nothing else may hide.
func (f *file) describe(n int64) {
	f.metadata(n)
	f.each(n, f.hides)
}

// hides looks for the signature of another format in metadata.
func (f *file) hides(p []byte) {
	if !f.limits.DangerouslyAllowForeign && f.foreign.write(p, isForeign) {
		f.fail(ErrActive, "another format in the metadata")
	}
}

// endHides does so with what was shown last.
func (f *file) endHides() {
	if !f.limits.DangerouslyAllowForeign && f.foreign.end(isForeign) {
		f.fail(ErrActive, "another format in the metadata")
	}
}

// inflated counts bytes out of compressed data.
func (f *file) inflated(n int) {
	if f.report.Inflated += int64(n); f.report.Inflated > f.limits.Inflated {
		f.fail(ErrTooLarge, "inflated bytes")
	}
}

// slack is how many inflated bytes there are for which no ratio counts.
const slack = 64 << 10

// swells reports whether coded bytes become more than they may. It divides, for the product might not fit.
func (f *file) swells(size, coded int64) bool {
	return size > slack && (size-slack-1)/f.limits.Ratio >= coded
}

// end checks that the file ends here.
func (f *file) end() {
	if f.err == nil && f.left() > 0 {
		f.fail(ErrTrailing, "after the end of the format")
	}
}
