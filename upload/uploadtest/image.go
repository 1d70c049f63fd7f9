package uploadtest

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
)

func be16(n int) []byte   { return binary.BigEndian.AppendUint16(nil, uint16(n)) }
func be32(n int64) []byte { return binary.BigEndian.AppendUint32(nil, uint32(n)) }
func le16(n int) []byte   { return binary.LittleEndian.AppendUint16(nil, uint16(n)) }
func le32(n int64) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(n)) }

// segment is a segment of a JPEG.
func segment(marker byte, body ...byte) []byte {
	return append(append([]byte{0xff, marker}, be16(len(body)+2)...), body...)
}

// oneCode is a Huffman table with one code of one bit.
func oneCode(class, symbol byte) []byte {
	return segment(0xc4, append(append([]byte{class, 1}, make([]byte, 15)...), symbol)...)
}

var (
	jpegStart  = []byte{0xff, 0xd8}
	jpegEnd    = []byte{0xff, 0xd9}
	jpegTables = append(segment(0xdb, append([]byte{0}, bytes.Repeat([]byte{1}, 64)...)...), oneCode(0x00, 0)...)
)

// jpegFrame is the header of a gray image.
func jpegFrame(marker byte, w, h int64) []byte {
	return segment(marker, 8, byte(h>>8), byte(h), byte(w>>8), byte(w), 1, 1, 0x11, 0)
}

// jpegOf is gray noise. Its data are zeros: a block takes one bit for its first coefficient, and eleven for each other, which
// makes whole bytes of four blocks.
func jpegOf(n int64) pieces {
	const four, width = (1 + 63*11) * 4 / 8, 2048
	head := func(w, h int64, comment []byte) piece {
		return once(jpegStart, comment, jpegTables, oneCode(0x10, 0x0a), jpegFrame(0xc0, w, h), segment(0xda, 1, 1, 0, 0, 63, 0))
	}
	w, unit := int64(width), int64(four*width/32)
	rows, filler := plan(n-head(0, 0, nil).n-int64(len(jpegEnd)), unit, four, 4)
	if rows == 0 {
		w, unit, rows = 32, four, 1
	}
	var comment []byte
	if filler > 0 {
		comment = segment(0xfe, bytes.Repeat([]byte{'.'}, int(filler)-4)...)
	}
	return pieces{head(w, 8*min(rows, 2048), comment), {zeros, rows * unit}, once(jpegEnd)}
}

const pngMagic = "\x89PNG\r\n\x1a\n"

// chunk is a chunk of a PNG.
func chunk(name string, data ...[]byte) []byte {
	body := append([]byte(name), bytes.Join(data, nil)...)
	return append(append(be32(int64(len(body)-4)), body...), be32(int64(crc32.ChecksumIEEE(body)))...)
}

func pngHeader(w, h int64, depth, color byte) []byte {
	return append([]byte(pngMagic), chunk("IHDR", be32(w), be32(h), []byte{depth, color, 0, 0, 0})...)
}

// pngOf is black, and not compressed: each of its rows is a block of its own (RFC 1951 section 3.2.4).
func pngOf(n int64) pieces {
	row := func(size int) []byte {
		return chunk("IDAT", []byte{0}, le16(size), le16(^size), make([]byte, size))
	}
	end := func(size int64) []byte { // a last block without data, and the Adler-32 of so many zeros
		return append(chunk("IDAT", []byte{1, 0, 0, 0xff, 0xff}, be32(size%65521<<16|1)), chunk("IEND")...)
	}
	start := chunk("IDAT", []byte{0x78, 1})
	w, depth, color, size := int64(8191), byte(16), byte(6), int64(1+8191*8)
	unit, dot := row(int(size)), row(2)
	rows, filler := plan(n-int64(len(pngHeader(0, 0, 0, 0))+len(start)+len(end(0))), int64(len(unit)), int64(len(dot)), 20)
	if rows == 0 {
		w, depth, color, size, unit, rows = 1, 8, 0, 2, dot, 1
	}
	var comment []byte
	if filler > 0 {
		comment = chunk("tEXt", []byte("Comment\x00"), bytes.Repeat([]byte{'.'}, int(filler)-20))
	}
	return pieces{
		once(pngHeader(w, rows, depth, color), comment, start), {unit, rows * int64(len(unit))}, once(end(rows * size)),
	}
}

// gifStart is a header with a palette of two colors, and gifComment an extension.
func gifStart(w, h int64) []byte {
	return bytes.Join([][]byte{[]byte("GIF89a"), le16(int(w)), le16(int(h)), {0x80, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff}}, nil)
}

func gifFrame(w, h int64, codeSize byte) []byte {
	return bytes.Join([][]byte{{0x2c, 0, 0, 0, 0}, le16(int(w)), le16(int(h)), {0, codeSize}}, nil)
}

// gifComment is an extension of so many bytes, five at least.
func gifComment(size int64) []byte {
	left, block := size-3, int64(256)
	if left%256 == 1 { // a block has a byte besides its length
		block = 255
	}
	b := []byte{0x21, 0xfe}
	for ; left > 0; left -= block {
		n := min(left, block) - 1
		b = append(append(b, byte(n)), bytes.Repeat([]byte{'.'}, int(n))...)
	}
	return append(b, 0)
}

// gifOf is black. Its codes of nine bits are in turns the one that clears the table, and that of a pixel: eight of both are
// 18 bytes, and 85 times that is what six blocks hold.
func gifOf(n int64) pieces {
	eight := make([]byte, 18)
	for pair := range 8 {
		bit := pair*18 + 8
		eight[bit/8] |= 1 << (bit % 8)
	}
	w, unit := int64(4*85*8), []byte{}
	for data := bytes.Repeat(eight, 4*85); len(data) > 0; data = data[255:] {
		unit = append(append(unit, 255), data[:255]...)
	}
	dot, end := []byte{4, 0, 1, 4, 4}, []byte{2, 1, 1, 0, 0x3b} // the last code and the first two together, and alone
	fixed := len(gifStart(0, 0)) + len(gifFrame(0, 0, 0)) + len(end)
	rows, filler := plan(n-int64(fixed), int64(len(unit)), int64(len(dot)-3), 5) // three bytes of the end are the dot's
	if rows == 0 {
		w, rows, unit, end = 1, 1, dot, end[3:]
	}
	var comment []byte
	if filler > 0 {
		comment = gifComment(filler)
	}
	h := min(rows, 14_705)
	return pieces{once(gifStart(w, h), comment, gifFrame(w, h, 8)), {unit, rows * int64(len(unit))}, once(end)}
}

// webpOf is of one color, and has zeros behind its data. Each of its five codes has one symbol, and pixels take no bits at all
// (RFC 9649 section 3.7.2.1).
func webpOf(n int64) pieces {
	var bits, width uint64
	for _, field := range [][2]uint64{
		{0, 3},                   // no transform, no color cache, no meta code
		{1, 2}, {1, 1}, {200, 8}, // green: simple with one symbol, which has eight bits
		{1, 4}, {1, 4}, // red and blue 0
		{1, 2}, {1, 1}, {255, 8}, // alpha
		{1, 4}, // distance
	} {
		bits, width = bits|field[0]<<width, width+field[1]
	}
	data := append([]byte{0x2f, 7, 0xc0, 1, 0}, binary.LittleEndian.AppendUint64(nil, bits)...) // of 8 times 8 pixels
	size := max(n-20, int64(len(data)))
	size += size % 2
	head := once([]byte("RIFF"), le32(size+12), []byte("WEBPVP8L"), le32(size), data)
	return pieces{head, {zeros, size - int64(len(data))}}
}
