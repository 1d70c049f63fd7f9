package content_test

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"hash/adler32"
	"hash/crc32"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Small files of each format, put together from parts so that each test can take one away or twist it.

func join(parts ...[]byte) []byte { return slices.Concat(parts...) }

func be16(n int) []byte { return binary.BigEndian.AppendUint16(nil, uint16(n)) }
func be32(n int) []byte { return binary.BigEndian.AppendUint32(nil, uint32(n)) }
func le16(n int) []byte { return binary.LittleEndian.AppendUint16(nil, uint16(n)) }
func le32(n int) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(n)) }

func deflated(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	b.Write([]byte{0x78, 0x9c})
	flated(t, &b, data)
	return binary.BigEndian.AppendUint32(b.Bytes(), adler32.Checksum(data))
}

// flaters are used again: each is more than a megabyte.
var flaters = sync.Pool{New: func() any {
	w, _ := flate.NewWriter(nil, flate.BestCompression)
	return w
}}

func flated(t testing.TB, dst io.Writer, data []byte) {
	t.Helper()
	w := flaters.Get().(*flate.Writer)
	defer flaters.Put(w)
	w.Reset(dst)
	_, err1 := w.Write(data)
	if err2 := w.Close(); err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
}

// segment is a JPEG segment.
func segment(marker byte, body ...byte) []byte {
	return join([]byte{0xff, marker}, be16(len(body)+2), body)
}

// Parts of a gray JPEG whose blocks are one bit each for the first coefficient, and one for the others.
var (
	jpegStart = []byte{0xff, 0xd8}
	jpegEnd   = []byte{0xff, 0xd9}
	jpegQuant = segment(0xdb, append([]byte{0}, bytes.Repeat([]byte{1}, 64)...)...)
	jpegDC    = segment(0xc4, append([]byte{0x00, 1}, make([]byte, 16)...)...) // one code, for 0
	jpegAC    = segment(0xc4, append([]byte{0x10, 1}, make([]byte, 16)...)...) // one code, for the end of the block
	jpegRun   = segment(0xc4, append([]byte{0x10, 1}, append(make([]byte, 15), 0x20)...)...)
	jpegScan  = segment(0xda, 1, 1, 0, 0, 63, 0)
	jpegData  = []byte{0x3f}
	scanDC    = join(segment(0xda, 1, 1, 0, 0, 0, 0), []byte{0x0f})  // of four blocks
	scanAC    = join(segment(0xda, 1, 1, 0, 1, 63, 0), []byte{0x1f}) // one run over four blocks
)

func jpegFrame(marker byte, w, h int) []byte {
	return segment(marker, join([]byte{8}, be16(h), be16(w), []byte{1, 1, 0x11, 0})...)
}

func jpegOf(w, h int) []byte {
	return join(jpegStart, jpegQuant, jpegFrame(0xc0, w, h), jpegDC, jpegAC, jpegScan, jpegData, jpegEnd)
}

// jpegFull has data for all of its blocks, of which there must be a multiple of four.
func jpegFull(w, h int) []byte {
	data := make([]byte, (w+7)/8*((h+7)/8)/4)
	return join(jpegStart, jpegQuant, jpegFrame(0xc0, w, h), jpegDC, jpegAC, jpegScan, data, jpegEnd)
}

// jpegScans is a progressive JPEG with many scans over the same pixels: cheap to send, dear to decode.
func jpegScans(w, h, scans int) []byte {
	first := join(segment(0xda, 1, 1, 0, 0, 0, 0), make([]byte, (w+7)/8*((h+7)/8)/8), []byte{0x0f})
	head := join(jpegStart, jpegQuant, jpegFrame(0xc2, w, h), jpegDC, jpegRun, first)
	return join(head, bytes.Repeat(scanAC, scans-1), jpegEnd)
}

func chunk(name string, data ...byte) []byte {
	body := append([]byte(name), data...)
	return join(be32(len(data)), body, be32(int(crc32.ChecksumIEEE(body))))
}

const pngMagic = "\x89PNG\r\n\x1a\n"

func pngHeader(w, h int, depth, color, interlace byte) []byte {
	return chunk("IHDR", join(be32(w), be32(h), []byte{depth, color, 0, 0, interlace})...)
}

func pngFile(chunks ...[]byte) []byte { return join([]byte(pngMagic), join(chunks...)) }

// pngOf is a gray image, one byte a pixel.
func pngOf(t testing.TB, w, h int, between ...[]byte) []byte {
	t.Helper()
	return pngFile(pngHeader(w, h, 8, 0, 0), join(between...), chunk("IDAT", deflated(t, make([]byte, h*(w+1)))...), chunk("IEND"))
}

// pngPromise promises 12000 x 12000 pixels of eight bytes over two bytes of data, in 59 bytes.
func pngPromise() []byte {
	return pngFile(pngHeader(12000, 12000, 16, 6, 0), chunk("IDAT", 0x78, 0x9c))
}

func gifHead(w, h int) []byte {
	return join([]byte("GIF89a"), le16(w), le16(h), []byte{0x80, 0, 0}, make([]byte, 6))
}

func gifFrame(x, y, w, h int, blocks ...byte) []byte {
	return join([]byte{0x2c}, le16(x), le16(y), le16(w), le16(h), []byte{0, 2}, blocks, []byte{0})
}

var (
	gifDot     = gifFrame(0, 0, 1, 1, 2, 0x44, 1)
	gifTrailer = []byte{0x3b}
)

// gifFrames is an animation of many frames of that size, each with the least data that may fill it.
func gifFrames(frames, w, h int) []byte {
	var blocks []byte
	for n := 2 + w*h/10_000; n > 0; n -= 255 {
		blocks = append(append(blocks, byte(min(n, 255))), make([]byte, min(n, 255))...)
	}
	return join(gifHead(w, h), bytes.Repeat(gifFrame(0, 0, w, h, blocks...), frames), gifTrailer)
}

func riffChunk(name string, data ...byte) []byte {
	return join([]byte(name), le32(len(data)), data, make([]byte, len(data)%2))
}

func webpFile(chunks ...[]byte) []byte {
	body := append([]byte("WEBP"), join(chunks...)...)
	return join([]byte("RIFF"), le32(len(body)), body)
}

// vp8l is an image of one color: each of its five codes has one symbol, and pixels take no bits at all.
func vp8l(w, h int) []byte {
	var bits, n uint64
	put := func(v, width uint64) { bits, n = bits|v<<n, n+width }
	put(0, 3) // no transform, no color cache, no meta code
	put(1, 2) // green: simple, one symbol,
	put(1, 1) // of eight bits
	put(200, 8)
	put(1, 4) // red 0
	put(1, 4) // blue 0
	put(1, 2)
	put(1, 1)
	put(255, 8) // alpha
	put(1, 4)   // distance
	data := binary.LittleEndian.AppendUint64(nil, bits)
	return riffChunk("VP8L", join([]byte{0x2f}, le32(w-1|(h-1)<<14), data)...)
}

func le24(n int) []byte { return le32(n)[:3] }

func vp8x(flags byte, w, h int) []byte {
	return riffChunk("VP8X", join([]byte{flags, 0, 0, 0}, le24(w-1), le24(h-1))...)
}

func anmf(x, y, w, h int, chunks ...[]byte) []byte {
	return riffChunk("ANMF", join(le24(x/2), le24(y/2), le24(w-1), le24(h-1), []byte{100, 0, 0, 0}, join(chunks...))...)
}

var animChunk = riffChunk("ANIM", 0, 0, 0, 0, 0, 0)

// pdfFile numbers objects from one, and writes a table of offsets.
func pdfFile(objects ...string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	offsets := []int{}
	for i, o := range objects {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	at := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, o := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, at)
	return b.Bytes()
}

const (
	pdfCatalog = "<< /Type /Catalog /Pages 2 0 R >>"
	pdfPages   = "<< /Type /Pages /Kids [] /Count 0 >>"
)

// pdfPack is an object stream with those objects, compressed.
func pdfPack(t testing.TB, objects ...string) string {
	t.Helper()
	var head, body strings.Builder
	for i, o := range objects {
		fmt.Fprintf(&head, "%d %d ", i+10, body.Len())
		body.WriteString(o + " ")
	}
	return pdfStream(t, fmt.Sprintf("/Type /ObjStm /N %d /First %d", len(objects), head.Len()), head.String()+body.String())
}

func pdfStream(t testing.TB, keys, data string) string {
	t.Helper()
	z := deflated(t, []byte(data))
	return fmt.Sprintf("<< %s /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream", keys, len(z), z)
}
