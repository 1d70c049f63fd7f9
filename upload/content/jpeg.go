package content

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// Markers of ITU-T T.81, table B.1.
const (
	sof0, sof1, sof2 = 0xc0, 0xc1, 0xc2
	dht              = 0xc4
	rst0, rst7       = 0xd0, 0xd7
	soi, eoi, sos    = 0xd8, 0xd9, 0xda
	dqt, dnl, dri    = 0xdb, 0xdc, 0xdd
	app0, app1, app2 = 0xe0, 0xe1, 0xe2
	app15, com       = 0xef, 0xfe
)

// walkJPEG walks the picture, and others behind it where the first announces them (CIPA DC-007): phones put gain maps and
// previews there. Each must be a JPEG, and the last one ends with the file.
func walkJPEG(f *file) {
	for several := true; f.healthy(); {
		if !several {
			f.end()
			return
		}
		j := jpegWalk{file: f}
		if f.be16() != 0xff00|soi {
			f.fail(ErrTrailing, "no further picture")
		}
		j.walk()
		if f.report.Frames == 0 {
			f.report.Width, f.report.Height, several = j.w, j.h, j.multi
			f.report.orientation, f.report.progressive = j.orientation, j.progressive
		}
		f.frame(j.w, j.h)
		several = several && f.left() > 0
	}
}

// jpegWalk is one picture.
type jpegWalk struct {
	*file
	w, h        int
	progressive bool
	parts       []jpegPart // components; none before the frame header
	restarts    bool       // an interval is set
	quants      byte       // tables defined, by bit
	dcs, acs    byte
	multi       bool
	orientation int
	need        int64 // bits that a scan has at least
}

type jpegPart struct {
	id    byte
	quant byte
	h, v  int  // sampling
	done  bool // has a scan, of its first coefficient where progressive
}

func (j *jpegWalk) walk() {
	for m := j.marker(); j.healthy(); {
		switch {
		case m == eoi:
			j.finish()
			return
		case m == sos:
			j.startScan()
			m = j.entropy()
			continue
		default:
			j.segment(m)
		}
		m = j.marker()
	}
}

// marker reads a marker and the fill bytes before it (T.81 B.1.1.2).
func (j *jpegWalk) marker() byte {
	if j.u8() != 0xff {
		j.fail(ErrMalformed, "no marker")
	}
	return j.code()
}

// code reads what follows 0xFF.
func (j *jpegWalk) code() byte {
	for j.healthy() {
		if m := j.u8(); m != 0xff {
			return m
		}
	}
	return 0
}

func (j *jpegWalk) segment(m byte) {
	j.chunk()
	switch {
	case m == sof0, m == sof1, m == sof2:
		j.frameHeader(j.body(), m)
	case m == dht:
		j.huffman(j.body())
	case m == dqt:
		j.quantization(j.body())
	case m == dri:
		b := j.body()
		if len(b) != 2 {
			j.fail(ErrMalformed, "restart interval")
			return
		}
		j.restarts = b[0]|b[1] != 0
	case m >= app0 && m <= app15, m == com:
		j.application(m)
	case m >= sof0 && m <= 0xcf, m == dnl:
		j.fail(ErrUnsupported, "neither baseline nor progressive Huffman coding")
	default:
		j.fail(ErrMalformed, "marker out of place")
	}
}

// length reads how long a segment is, without the length itself.
func (j *jpegWalk) length() int {
	n := j.be16() - 2
	if n < 0 {
		j.fail(ErrMalformed, "segment length")
	}
	return max(n, 0)
}

// body reads a segment that has no reason to be long.
func (j *jpegWalk) body() []byte {
	n := j.length()
	if n > maxTake {
		j.fail(ErrMalformed, "segment length")
		n = 0
	}
	return j.take(n)
}

// application passes over a segment that decoders do not need, thumbnails in it included.
func (j *jpegWalk) application(m byte) {
	n := j.length()
	if j.fill(min(n, maxTake)); len(j.win) > 0 {
		head := j.win[:min(n, maxTake, len(j.win))]
		if tiff, ok := bytes.CutPrefix(head, []byte("Exif\x00\x00")); ok && m == app1 && j.orientation == 0 {
			j.orientation = orientation(tiff)
		}
		j.multi = j.multi || m == app2 && bytes.HasPrefix(head, []byte("MPF\x00"))
	}
	j.describe(int64(n))
}

func (j *jpegWalk) frameHeader(b []byte, m byte) {
	if !j.healthy() {
		return
	}
	switch {
	case j.parts != nil:
		j.fail(ErrMalformed, "second frame header")
		return
	case len(b) < 6 || len(b) != 6+3*int(b[5]):
		j.fail(ErrMalformed, "frame header")
		return
	case b[0] != 8:
		j.fail(ErrUnsupported, "bits a sample")
	case b[5] != 1 && b[5] != 3 && b[5] != 4:
		j.fail(ErrUnsupported, "number of components")
	case b[1]|b[2] == 0:
		j.fail(ErrUnsupported, "height not in the frame header")
	}
	j.progressive = m == sof2
	j.h, j.w = int(binary.BigEndian.Uint16(b[1:])), int(binary.BigEndian.Uint16(b[3:]))
	j.dims(j.w, j.h)
	for c := b[6:]; len(c) > 0 && j.healthy(); c = c[3:] {
		if h, v := c[1]>>4, c[1]&15; h < 1 || h > 4 || v < 1 || v > 4 || c[2] > 3 || j.part(c[0]) != nil {
			j.fail(ErrMalformed, "component")
		}
		j.parts = append(j.parts, jpegPart{id: c[0], quant: c[2], h: int(c[1] >> 4), v: int(c[1] & 15)})
	}
}

func (j *jpegWalk) part(id byte) *jpegPart {
	for i := range j.parts {
		if j.parts[i].id == id {
			return &j.parts[i]
		}
	}
	return nil
}

func (j *jpegWalk) huffman(b []byte) {
	j.hides(b)
	for len(b) > 0 && j.healthy() {
		if len(b) < 17 || b[0]>>4 > 1 || b[0]&15 > 3 {
			j.fail(ErrMalformed, "Huffman table")
			return
		}
		codes := 0
		for _, n := range b[1:17] {
			codes += int(n)
		}
		if codes == 0 || codes > 256 || len(b) < 17+codes {
			j.fail(ErrMalformed, "Huffman table")
			return
		}
		if bit := byte(1) << (b[0] & 15); b[0]>>4 == 0 {
			j.dcs |= bit
		} else {
			j.acs |= bit
		}
		b = b[17+codes:]
	}
}

func (j *jpegWalk) quantization(b []byte) {
	j.hides(b)
	for len(b) > 0 && j.healthy() {
		size := 1 + 64<<(b[0]>>4&1)
		if b[0]>>4 > 1 || b[0]&15 > 3 || len(b) < size {
			j.fail(ErrMalformed, "quantization table")
			return
		}
		j.quants |= 1 << (b[0] & 15)
		b = b[size:]
	}
}

// startScan reads a scan header. Decoders go through the whole picture for each scan, so their number is limited.
func (j *jpegWalk) startScan() {
	b := j.body()
	if !j.healthy() {
		return
	}
	if j.report.Scans++; j.report.Scans > j.limits.Scans {
		j.fail(ErrTooLarge, "scans")
	}
	if len(b) < 6 || len(b) != 4+2*int(b[0]) || int(b[0]) > len(j.parts) {
		j.fail(ErrMalformed, "scan header")
		return
	}
	n := int(b[0])
	start, end, high, low := b[1+2*n], b[2+2*n], b[3+2*n]>>4, b[3+2*n]&15
	if j.progressive {
		ac := start > 0 && start <= end && end <= 63 && n == 1
		if !ac && start|end != 0 || low > 13 || high != 0 && high != low+1 {
			j.fail(ErrMalformed, "progression")
		}
	}
	var seen [256]bool
	j.need = 0
	for c := b[1 : 1+2*n]; len(c) > 0 && j.healthy(); c = c[2:] {
		part := j.part(c[0])
		if part == nil || seen[c[0]] || j.quants>>part.quant&1 == 0 || part.done && !j.progressive {
			j.fail(ErrMalformed, "component of a scan")
			return
		}
		seen[c[0]] = true
		part.done = part.done || start == 0 || !j.progressive
		dc, ac := c[1]>>4, c[1]&15
		j.need += j.least(part, start == 0)
		needDC, needAC := !j.progressive || start == 0 && high == 0, !j.progressive || start > 0
		if needDC && (dc > 3 || j.dcs>>dc&1 == 0) || needAC && (ac > 3 || j.acs>>ac&1 == 0) {
			j.fail(ErrMalformed, "Huffman table of a scan")
		}
	}
}

// finish asks whether all components came.
func (j *jpegWalk) finish() {
	missing := func(part jpegPart) bool { return !part.done }
	if len(j.parts) == 0 || slices.ContainsFunc(j.parts, missing) {
		j.fail(ErrMalformed, "component without a scan")
	}
}
