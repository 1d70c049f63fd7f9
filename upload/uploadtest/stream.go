package uploadtest

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strings"

	"github.com/gopalisade/palisade/upload/content"
)

// Sample returns the smallest valid file of a type that [Stream] makes. It panics for a type that is none of package content.
func Sample(t content.Type) []byte {
	r := Stream(t, 0)
	b := make([]byte, r.Size())
	_, _ = r.ReadAt(b, 0) // what is made up is always there
	return b
}

// Stream returns a valid file of n bytes, of which some kilobytes are in memory. It is as large as the type demands: a few
// hundred bytes at least, and an even number of them for WebP. The usual limits of package content take a PNG of up to 320 MB,
// an archive of 128 MiB, and the others of any size; a JPEG of more than 45 MB, or a GIF of more than 90, has more data than
// pixels, which decoders may not like. It panics for a type that is none of package content, and for four gigabytes.
func Stream(t content.Type, n int64) *io.SectionReader {
	build := map[content.Type]func(int64) pieces{
		content.JPEG: jpegOf, content.PNG: pngOf, content.GIF: gifOf, content.WebP: webpOf,
		content.PDF: pdfOf, content.Text: textOf, content.ZIP: zipOf,
	}[t]
	if build == nil || n > maxSize {
		panic(fmt.Sprintf("uploadtest: no file of type %q and %d bytes", t, n))
	}
	file := build(n)
	return io.NewSectionReader(file, 0, file.size())
}

// maxSize is what 32 bits can say, as most formats do, and some room.
const maxSize = 1<<32 - 1<<20

// piece is so many bytes of a text that repeats itself.
type piece struct {
	unit []byte
	n    int64
}

// pieces are a file that is made up as it is read.
type pieces []piece

var zeros = make([]byte, 4096)

func once(parts ...[]byte) piece {
	b := slices.Concat(parts...)
	return piece{b, int64(len(b))}
}

func (f pieces) size() (n int64) {
	for _, p := range f {
		n += p.n
	}
	return n
}

// ReadAt implements io.ReaderAt.
func (f pieces) ReadAt(b []byte, off int64) (n int, err error) {
	for _, p := range f {
		for off < p.n && n < len(b) {
			at := p.unit[off%int64(len(p.unit)):]
			got := copy(b[n:], at[:min(int64(len(at)), p.n-off)])
			n, off = n+got, off+int64(got)
		}
		off -= p.n
		if n == len(b) {
			return n, nil
		}
		off = max(off, 0)
	}
	return n, io.EOF
}

// plan divides n bytes into units and a filler, which has no bytes or at least so many. Where there is no room for a unit,
// small is one that needs fewer.
func plan(n, unit, small, least int64) (units, filler int64) {
	units, filler = n/unit, n%unit
	switch {
	case n < unit:
		units, filler = 0, max(n-small, 0)
	case filler > 0 && filler < least && units > 1:
		units, filler = units-1, filler+unit
	}
	if filler > 0 {
		filler = max(filler, least)
	}
	return units, filler
}

func textOf(n int64) pieces {
	const line = "The quick brown fox jumps over the lazy dog.\n"
	return pieces{{[]byte(line), max(n, int64(len(line)))}}
}

func zipOf(n int64) pieces {
	const name = "zeros.bin"
	const frame = 30 + 46 + 22 + 2*len(name)
	size := max(n-int64(frame), 0)
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	// A buffer takes everything, and the header is one that fits.
	_, _ = w.CreateRaw(&zip.FileHeader{
		Name: name, Method: zip.Store, CRC32: sumOfZeros(size), CompressedSize64: uint64(size), UncompressedSize64: uint64(size),
	})
	_ = w.Close()
	head, tail := b.Bytes()[:30+len(name)], b.Bytes()[30+len(name):]
	binary.LittleEndian.PutUint32(tail[len(tail)-6:], uint32(int64(len(head))+size)) // where the directory begins
	return pieces{once(head), {zeros, size}, once(tail)}
}

func sumOfZeros(n int64) (sum uint32) {
	for ; n > 0; n -= int64(len(zeros)) {
		sum = crc32.Update(sum, crc32.IEEETable, zeros[:min(n, int64(len(zeros)))])
	}
	return sum
}

// pdfOf is a page with nothing on it, which takes n bytes of white space to say.
func pdfOf(n int64) pieces {
	measure := pdfWith("", 0)
	size := max(n-int64(len(measure[0])+len(measure[1])), 1)
	made := pdfWith("", size)
	return pieces{once(made[0]), {bytes.Repeat([]byte{' '}, 4096), size}, once(made[1])}
}

// pdfWith returns what is before and after the size bytes of the page's content.
func pdfWith(keys string, size int64) [2][]byte {
	var head strings.Builder
	var offsets []int64
	object := func(text string) {
		offsets = append(offsets, int64(head.Len()))
		fmt.Fprintf(&head, "%d 0 obj\n%s\n", len(offsets), text)
	}
	head.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	object("<< /Type /Catalog /Pages 2 0 R >>\nendobj")
	object("<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj")
	object("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 72 72] /Contents 4 0 R >>\nendobj")
	object(fmt.Sprintf("<< %s/Length %010d >>\nstream", keys, size))
	tail := "\nendstream\nendobj\n"
	table := int64(head.Len()) + size + int64(len(tail))
	tail += fmt.Sprintf("xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, at := range offsets {
		tail += fmt.Sprintf("%010d 00000 n \n", at)
	}
	tail += fmt.Sprintf("trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%010d\n%%%%EOF\n", len(offsets)+1, table)
	return [2][]byte{[]byte(head.String()), []byte(tail)}
}
