package content

import (
	"encoding/binary"
	"hash/crc32"
	"io"
	"strings"
)

// walkPNG walks chunks: the PNG specification's section 5 says what they are, 5.6 in what order they come.
func walkPNG(f *file) {
	p := pngWalk{file: f, seen: map[string]int{}}
	f.skip(8)
	p.next()
	p.header()
	for p.next(); f.healthy() && p.name != "IEND"; {
		if p.name == "IDAT" {
			p.pixels() // and goes on to the next chunk
			continue
		}
		f.chunk()
		p.body()
		p.close()
		p.next()
	}
	if p.length != 0 || !p.seenAny("IDAT") || p.color == 3 && !p.seenAny("PLTE") {
		f.fail(ErrMalformed, "chunk missing")
	}
	p.close()
	p.lastFrame()
	if p.frames != p.announced {
		f.fail(ErrMalformed, "number of frames")
	}
	f.end()
}

type pngWalk struct {
	*file
	name   string // of the current chunk
	length uint32
	rest   uint32 // bytes of its data that are still to come
	crc    uint32
	bare   bool // data stands in the file as it is, and must hide nothing
	many   bool // reading goes on in the next chunk of that name
	seen   map[string]int

	color, depth byte
	interlaced   bool

	announced, frames int // of an animation
	sequence          uint32
	need, got         int64 // data of the current frame
}

// next begins a chunk.
func (p *pngWalk) next() {
	p.length = p.be32()
	p.rest = p.length
	name := p.take(4)
	p.crc = crc32.ChecksumIEEE(name)
	p.name = string(name)
	for i, c := range []byte(p.name) {
		if c|0x20 < 'a' || c|0x20 > 'z' || i == 2 && c >= 'a' {
			p.fail(ErrMalformed, "chunk name")
		}
	}
	if p.length > 1<<31-1 || int64(p.length) > p.left() {
		p.fail(ErrMalformed, "chunk length")
	}
	p.seen[p.name]++
}

func (p *pngWalk) seenAny(name string) bool { return p.seen[name] > 0 }

// data returns the next n bytes of the chunk.
func (p *pngWalk) data(n int) []byte {
	if uint32(n) > p.rest {
		p.fail(ErrMalformed, "chunk length")
		return zeros[:n]
	}
	b := p.take(n)
	p.rest -= uint32(n)
	p.crc = crc32.Update(p.crc, crc32.IEEETable, b)
	if p.bare {
		p.hides(b)
	}
	return b
}

// pass passes over what is left of the chunk's data.
func (p *pngWalk) pass(see func([]byte)) {
	p.each(int64(p.rest), func(b []byte) {
		p.crc = crc32.Update(p.crc, crc32.IEEETable, b)
		see(b)
	})
	p.rest = 0
}

// close ends a chunk.
func (p *pngWalk) close() {
	if p.rest != 0 {
		p.fail(ErrMalformed, "chunk length")
	}
	if sum := p.be32(); sum != p.crc {
		p.fail(ErrMalformed, "chunk checksum")
	}
}

// pngDepths are the bit depths of each color type: table 11.1 of the specification, one bit for each depth.
var pngDepths = [7]uint32{
	0: 1<<1 | 1<<2 | 1<<4 | 1<<8 | 1<<16,
	2: 1<<8 | 1<<16,
	3: 1<<1 | 1<<2 | 1<<4 | 1<<8,
	4: 1<<8 | 1<<16,
	6: 1<<8 | 1<<16,
}

func (p *pngWalk) header() {
	if p.name != "IHDR" || p.length != 13 {
		p.fail(ErrMalformed, "header")
		return
	}
	b := p.data(13)
	w, h := binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:])
	p.depth, p.color, p.interlaced = b[8], b[9], b[12] == 1
	legal := p.color <= 6 && p.depth <= 16 && pngDepths[p.color]>>p.depth&1 == 1
	if !legal || b[10] != 0 || b[11] != 0 || b[12] > 1 || int32(w|h) < 0 {
		p.fail(ErrMalformed, "header")
	}
	p.report.Width, p.report.Height, p.report.deep = int(w), int(h), p.depth == 16
	p.dims(p.report.Width, p.report.Height)
	p.close()
}

// Rules for chunks that came before others: what may not follow the pixels, or the palette, or come twice.
const (
	pngBeforePixels  = "PLTE tRNS bKGD hIST gAMA cHRM iCCP sBIT sRGB cICP mDCV cLLI pHYs sPLT acTL"
	pngBeforePalette = "gAMA cHRM iCCP sBIT sRGB cICP mDCV cLLI"
	pngOnce          = "IHDR PLTE tRNS bKGD hIST gAMA cHRM iCCP sBIT sRGB cICP mDCV cLLI pHYs tIME eXIf acTL"
)

// body reads a chunk without pixels of the still image.
func (p *pngWalk) body() {
	name := p.name
	if strings.Contains(pngBeforePixels, name) && p.seenAny("IDAT") ||
		strings.Contains(pngBeforePalette, name) && p.seenAny("PLTE") || strings.Contains(pngOnce, name) && p.seen[name] > 1 {
		p.fail(ErrMalformed, "chunk out of place")
	}
	switch name {
	case "PLTE":
		if n := p.length / 3; n == 0 || n > 256 || p.length%3 != 0 || p.color == 3 && n > 1<<p.depth || p.color == 0 || p.color == 4 {
			p.fail(ErrMalformed, "palette")
		}
		p.pass(p.hides)
	case "acTL":
		p.animation()
	case "fcTL":
		p.frameControl()
	case "fdAT":
		p.frameData()
	case "zTXt", "iCCP", "iTXt":
		p.bare = true // also where it is compressed: that may mean stored
		p.compressed()
		p.bare = false
	default:
		if p.name[0] <= 'Z' {
			p.fail(ErrUnsupported, "unknown critical chunk")
		}
		p.metadata(int64(p.rest))
		p.pass(p.hides)
	}
}

// compressed reads a chunk that may inflate to more than it is. The whole chunk counts, and so does what it holds.
func (p *pngWalk) compressed() {
	p.metadata(int64(p.length))
	p.text() // keyword
	deflated := true
	if p.name == "iTXt" {
		b := p.data(2)
		deflated = b[0] == 1
		if b[0] > 1 || b[1] != 0 {
			p.fail(ErrMalformed, "compression of a text")
		}
		p.text() // language
		p.text() // keyword in it
	} else if p.data(1)[0] != 0 {
		p.fail(ErrMalformed, "compression of a text")
	}
	if !deflated {
		p.pass(p.hides)
		return
	}
	p.many = false
	if !p.drain(p.unzlib(p), func(b []byte) { p.metadata(int64(len(b))) }) || p.in.Buffered() > 0 || p.rest > 0 {
		p.fail(ErrMalformed, "compressed text")
	}
}

// text passes over bytes up to a zero.
func (p *pngWalk) text() {
	for p.healthy() && p.data(1)[0] != 0 {
	}
}

// Read returns data of the chunk, and of those of the same name that follow directly where there may be many.
func (p *pngWalk) Read(b []byte) (int, error) {
	if !p.more() {
		return 0, io.EOF
	}
	return copy(b, p.data(min(len(b), int(p.rest), maxTake))), p.err
}

func (p *pngWalk) more() bool {
	for p.rest == 0 && p.many && p.healthy() {
		p.close()
		was := p.name
		if p.next(); p.name != was {
			p.many = false
			return false
		}
	}
	return p.rest > 0 && p.healthy()
}

// pixels inflates the image data and counts it: a header that promises a large image over a few bytes makes decoders
// allocate for nothing.
func (p *pngWalk) pixels() {
	if p.seen["IDAT"] > 1 {
		p.fail(ErrMalformed, "chunk out of place")
	}
	if p.announced == 0 || !p.seenAny("fcTL") {
		p.frame(p.report.Width, p.report.Height)
	}
	want := p.bytes(p.report.Width, p.report.Height)
	have := int64(0)
	p.many = true
	ok := p.drain(p.unzlib(p), func(b []byte) {
		if have += int64(len(b)); have > want {
			p.fail(ErrMalformed, "more pixels than the header says")
		}
	})
	if !ok || have != want {
		p.fail(ErrMalformed, "pixel data")
	}
	if p.in.Buffered() > 0 || p.more() { // there is room for something else
		p.fail(ErrTrailing, "behind the pixels")
	}
	p.need, p.got = 0, 0
}

// adam7 are the passes of an interlaced image: first column and row, and how far it is to the next.
var adam7 = [7][4]int{{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}}

// bytes returns how much data an image of that size is, filter types included.
func (p *pngWalk) bytes(w, h int) int64 {
	channels := [7]int64{0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[p.color%7]
	part := func(w, h int64) int64 {
		if w <= 0 || h <= 0 {
			return 0
		}
		return h * (1 + (w*channels*int64(p.depth)+7)/8)
	}
	if !p.interlaced {
		return part(int64(w), int64(h))
	}
	sum := int64(0)
	for _, pass := range adam7 {
		x, y, dx, dy := pass[0], pass[1], pass[2], pass[3]
		sum += part(int64((w-x+dx-1)/dx), int64((h-y+dy-1)/dy))
	}
	return sum
}
