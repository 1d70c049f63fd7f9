package content

import "encoding/binary"

// animation reads acTL (PNG section 11.3.6): how many frames there are.
func (p *pngWalk) animation() {
	if p.length != 8 {
		p.fail(ErrMalformed, "animation")
		return
	}
	n := binary.BigEndian.Uint32(p.data(8))
	if int64(n) > int64(p.limits.Frames) {
		p.fail(ErrTooLarge, "frames")
	}
	if n == 0 {
		p.fail(ErrMalformed, "animation")
	}
	p.announced = int(n)
}

// frameControl reads fcTL: size and place of the next frame, in the picture.
func (p *pngWalk) frameControl() {
	if p.length != 26 || p.announced == 0 {
		p.fail(ErrMalformed, "frame")
		return
	}
	p.lastFrame()
	b := p.data(26)
	w, h := int64(binary.BigEndian.Uint32(b[4:])), int64(binary.BigEndian.Uint32(b[8:]))
	x, y := int64(binary.BigEndian.Uint32(b[12:])), int64(binary.BigEndian.Uint32(b[16:]))
	if w+x > int64(p.report.Width) || h+y > int64(p.report.Height) || b[24] > 2 || b[25] > 1 {
		p.fail(ErrMalformed, "frame")
		return
	}
	first := p.frames == 0 && !p.seenAny("IDAT") // its data is the still image
	if first && (w != int64(p.report.Width) || h != int64(p.report.Height)) {
		p.fail(ErrMalformed, "frame")
	}
	if p.frames++; !p.seenAny("IDAT") && p.frames > 1 {
		p.fail(ErrMalformed, "chunk out of place")
	}
	p.order(binary.BigEndian.Uint32(b))
	p.frame(int(w), int(h))
	p.need, p.got = p.bytes(int(w), int(h)), 0
}

// frameData passes over fdAT.
func (p *pngWalk) frameData() {
	if p.length < 4 || p.need == 0 || !p.seenAny("IDAT") {
		p.fail(ErrMalformed, "chunk out of place")
		return
	}
	p.order(binary.BigEndian.Uint32(p.data(4)))
	p.got += int64(p.rest)
	p.chunks-- // pixels
	p.pass(func([]byte) {})
}

func (p *pngWalk) order(sequence uint32) {
	if sequence != p.sequence {
		p.fail(ErrMalformed, "sequence of frames")
	}
	p.sequence++
}

// maxDeflate is the most that DEFLATE can make of one byte.
const maxDeflate = 1032

// lastFrame asks whether the data of the frame before could fill it. Frames are not inflated: the still image is.
func (p *pngWalk) lastFrame() {
	if p.need > p.got*maxDeflate {
		p.fail(ErrMalformed, "too little data for a frame")
	}
	p.need, p.got = 0, 0
}
