package uploadtest

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"fmt"
	"hash/adler32"
	"slices"

	"github.com/gopalisade/palisade/upload/content"
)

// Bomb returns a small file that costs whoever opens it a lot: n is a PNG's pixels a side, the scans of a JPEG of 2000 by
// 2000 pixels, a GIF's frames, or the bytes that a ZIP or a PDF inflate to. All but the PNG, in which the pixels are missing,
// are valid files. It panics for other types, and where n is no such number.
func Bomb(t content.Type, n int64) []byte {
	most := map[content.Type]int64{
		content.PNG: 1<<31 - 1, content.JPEG: 1 << 20, content.GIF: 1 << 20, content.ZIP: maxSize, content.PDF: maxSize,
	}[t]
	if n < 1 || n > most {
		panic(fmt.Sprintf("uploadtest: no bomb of type %q and size %d", t, n))
	}
	switch t {
	case content.JPEG:
		return jpegBomb(n)
	case content.GIF:
		frame := once(gifFrame(1, 1, 8), []byte{4, 0, 1, 4, 4, 0})
		return bytes.Join([][]byte{gifStart(1, 1), bytes.Repeat(frame.unit, int(n)), {0x3b}}, nil)
	case content.ZIP:
		return zipBomb(n)
	case content.PDF:
		return pdfBomb(n)
	}
	return append(pngHeader(n, n, 16, 6), chunk("IDAT", []byte{0x78, 0x9c})...) // 47 bytes
}

// jpegBomb has 62,500 blocks. The first scan has a bit for the first coefficient of each, and the others say in two codes that
// the rest of so many blocks are zero. A decoder goes through all of them for each scan.
func jpegBomb(scans int64) []byte {
	first := append(segment(0xda, 1, 1, 0, 0, 0, 0), make([]byte, 7813)...)
	// A run of 2^14 blocks and 14 bits more, twice: 32,767 and 29,733.
	other := append(segment(0xda, 1, 1, 0, 1, 63, 0), 0x7f, 0xfe, 0xd0, 0x97)
	return bytes.Join([][]byte{
		jpegStart, jpegTables, oneCode(0x10, 0xe0), jpegFrame(0xc2, 2000, 2000), first, bytes.Repeat(other, int(scans-1)), jpegEnd,
	}, nil)
}

// deflate appends head and n zeros, compressed (RFC 1951). What a megabyte of zeros becomes may be repeated.
func deflate(head []byte, n int64) []byte {
	const unit = 1 << 20
	var b, megabyte bytes.Buffer
	w, _ := flate.NewWriter(&b, flate.BestCompression) // a known level, and a buffer takes everything
	_, _ = w.Write(head)
	_ = w.Flush()
	w.Reset(&megabyte)
	_, _ = w.Write(make([]byte, unit))
	_ = w.Flush()
	for ; n > unit; n -= unit {
		b.Write(megabyte.Bytes())
	}
	w.Reset(&b)
	_, _ = w.Write(make([]byte, n))
	_ = w.Close()
	return b.Bytes()
}

func zipBomb(n int64) []byte {
	var b bytes.Buffer
	packed := deflate(nil, n)
	w := zip.NewWriter(&b)
	f, _ := w.CreateRaw(&zip.FileHeader{
		Name: "zeros.bin", Method: zip.Deflate, CRC32: sumOfZeros(n),
		CompressedSize64: uint64(len(packed)), UncompressedSize64: uint64(n),
	})
	_, _ = f.Write(packed)
	_ = w.Close()
	return b.Bytes()
}

// pdfBomb has an object stream with one object and white space, which readers inflate to find it.
func pdfBomb(n int64) []byte {
	head := []byte("5 0 null ")
	n = max(n-int64(len(head)), 0)
	sum := int64(adler32.Checksum(head))
	low := sum & 0xffff // which zeros leave as it is, and add to the other half
	high := (sum>>16 + n%65521*low) % 65521
	packed := slices.Concat([]byte{0x78, 0x9c}, deflate(head, n), be32(high<<16|low))
	made := pdfWith("/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode ", int64(len(packed)))
	return bytes.Join([][]byte{made[0], packed, made[1]}, nil)
}
