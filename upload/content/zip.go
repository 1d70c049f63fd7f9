package content

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"hash/crc32"
	"io"
	"slices"
)

var le = binary.LittleEndian

const (
	zipEnd     = "PK\x05\x06"
	zipCentral = "PK\x01\x02"
	zipLocal   = "PK\x03\x04"
	zipDesc    = "PK\x07\x08"

	zipName = 512 // bytes of a name

	zipHasDesc = 1 << 3
	zipIsUTF8  = 1 << 11
	zipCrypt   = 1 | 1<<6 | 1<<13
)

// walkZIP reads the central directory, then each entry: together they must be the whole file, without a gap in which other
// programs find another archive (APPNOTE 4.3.6).
func walkZIP(f *file) {
	z := zipWalk{file: f, names: map[string]bool{}}
	z.directory()
	slices.SortFunc(z.entries, func(a, b zipEntry) int { return cmp.Compare(a.offset, b.offset) })
	f.seek(0)
	for i := range z.entries {
		if !f.healthy() {
			return
		}
		next := z.start
		if i+1 < len(z.entries) {
			next = z.entries[i+1].offset
		}
		z.entry(&z.entries[i], next)
	}
}

type zipWalk struct {
	*file
	start   int64 // of the central directory
	entries []zipEntry
	names   map[string]bool // folded; true: of a directory

	rest int64 // coded bytes of the entry being read
	head [264]byte
}

type zipEntry struct {
	name          string
	flags, method uint16
	crc           uint32
	coded, size   int64
	offset        int64
}

// directory reads the end record and all that it leads to. There must be one end, where the file ends, with at most the
// short comment that some programs leave: readers differ in where they look for it, and so must not find another.
func (z *zipWalk) directory() {
	from := max(0, z.size-int64(len(z.small)))
	tail := z.probe(from, len(z.small))
	i := bytes.LastIndex(tail, []byte(zipEnd))
	if i < 0 || len(tail)-i < 22 || len(tail)-i != 22+int(le.Uint16(tail[i+20:])) {
		z.fail(ErrTrailing, "no end record at the end")
		return
	}
	end, at := tail[i:], from+int64(i)
	disks := le.Uint32(end[4:])
	count, same := le.Uint16(end[8:]), le.Uint16(end[10:])
	size, start := int64(le.Uint32(end[12:])), int64(le.Uint32(end[16:]))
	switch {
	case count == 0xffff || size == 1<<32-1 || start == 1<<32-1:
		z.fail(ErrUnsupported, "ZIP64")
	case disks != 0 || count != same || count == 0 || start+size != at:
		z.fail(ErrMalformed, "end record")
	case int(count) > z.limits.Entries:
		z.fail(ErrTooLarge, "entries")
	}
	z.start = start
	z.seek(start)
	total := int64(0)
	for range count {
		if !z.healthy() {
			return
		}
		e := z.central()
		if total += e.size; total > z.limits.Inflated {
			z.fail(ErrTooLarge, "inflated bytes")
		}
		z.entries = append(z.entries, e)
	}
	if z.off != at {
		z.fail(ErrMalformed, "central directory")
	}
}

// central reads the header of an entry in the central directory (APPNOTE 4.3.12).
func (z *zipWalk) central() zipEntry {
	b := z.take(46)
	e := zipEntry{
		flags: le.Uint16(b[8:]), method: le.Uint16(b[10:]),
		crc: le.Uint32(b[16:]), coded: int64(le.Uint32(b[20:])),
		size: int64(le.Uint32(b[24:])), offset: int64(le.Uint32(b[42:])),
	}
	name, extra, comment := le.Uint16(b[28:]), le.Uint16(b[30:]), le.Uint16(b[32:])
	mode := le.Uint32(b[38:]) >> 16 & 0xf000
	switch {
	case string(b[:4]) != zipCentral, le.Uint16(b[34:]) != 0:
		z.fail(ErrMalformed, "central directory")
	case e.flags&zipCrypt != 0 || e.method == 99:
		z.fail(ErrEncrypted, "entry")
	case e.method != 0 && e.method != 8:
		z.fail(ErrUnsupported, "compression method")
	case e.method == 0 && e.coded != e.size:
		z.fail(ErrMalformed, "size of an entry")
	case z.swells(e.size, e.coded):
		z.fail(ErrTooLarge, "ratio")
	case mode != 0 && mode != 0x8000 && mode != 0x4000:
		z.fail(ErrEntry, "neither file nor directory")
	case name == 0 || name > zipName || extra > maxTake || comment > maxTake:
		z.fail(ErrEntry, "length of a name")
	}
	if !z.healthy() {
		return e
	}
	e.name = string(z.take(int(name)))
	z.extra(z.take(int(extra)), e.name)
	if bytes.Contains(z.take(int(comment)), []byte(zipEnd)) {
		z.fail(ErrMalformed, "end record in a comment")
	}
	z.name(&e)
	if z.report.Entries++; e.offset >= z.start {
		z.fail(ErrMalformed, "offset outside the entries")
	}
	return e
}

// extra reads extra fields, of which some change what the header says.
func (z *zipWalk) extra(b []byte, name string) {
	if bytes.Contains(b, []byte(zipEnd)) {
		z.fail(ErrMalformed, "end record in an extra field")
	}
	for len(b) > 0 && z.healthy() {
		if len(b) < 4 || len(b)-4 < int(le.Uint16(b[2:])) {
			z.fail(ErrMalformed, "extra field")
			return
		}
		body := b[4 : 4+le.Uint16(b[2:])]
		switch le.Uint16(b) {
		case 0x0001:
			z.fail(ErrUnsupported, "ZIP64")
		case 0x9901:
			z.fail(ErrEncrypted, "entry")
		case 0x756e: // ASi UNIX: a mode, and what a link leads to
			if len(body) < 6 || le.Uint16(body[4:])&0xf000 == 0xa000 {
				z.fail(ErrEntry, "neither file nor directory")
			}
		case 0x7075: // the name once more, for readers that prefer it
			if len(body) < 5 || string(body[5:]) != name {
				z.fail(ErrEntry, "two names")
			}
		}
		b = b[4+len(body):]
	}
}

// entry reads the local header of an entry and its data, which end where the next one begins.
func (z *zipWalk) entry(e *zipEntry, next int64) {
	if z.off != e.offset {
		z.fail(ErrMalformed, "gap or overlap between entries")
		return
	}
	b := z.take(30)
	flags, method := le.Uint16(b[6:]), le.Uint16(b[8:])
	crc, coded, size := le.Uint32(b[14:]), int64(le.Uint32(b[18:])), int64(le.Uint32(b[22:]))
	name, extra := le.Uint16(b[26:]), le.Uint16(b[28:])
	same := crc == e.crc && coded == e.coded && size == e.size
	later := e.flags&zipHasDesc != 0 && crc == 0 && coded == 0 && size == 0
	switch {
	case string(b[:4]) != zipLocal, flags != e.flags, method != e.method, !same && !later,
		int(name) != len(e.name), extra > maxTake:
		z.fail(ErrMalformed, "two headers differ")
		return
	case string(z.take(int(name))) != e.name:
		z.fail(ErrMalformed, "two headers differ")
	}
	z.extra(z.take(int(extra)), e.name)
	if z.off+e.coded > next {
		z.fail(ErrMalformed, "gap or overlap between entries")
		return
	}
	z.data(e)
	if e.flags&zipHasDesc != 0 {
		z.descriptor(e, next-z.off)
	}
	if z.off != next {
		z.fail(ErrMalformed, "gap or overlap between entries")
	}
}

// data reads the bytes of an entry: declared sizes lie.
func (z *zipWalk) data(e *zipEntry) {
	var crc uint32
	got := int64(0)
	see := func(p []byte) {
		if got < int64(len(z.head)) {
			copy(z.head[got:], p)
		}
		crc = crc32.Update(crc, crc32.IEEETable, p)
		z.inflated(len(p))
		if got += int64(len(p)); got > e.size {
			z.fail(ErrMalformed, "size of an entry")
		}
	}
	clear(z.head[:])
	if e.method == 0 {
		z.each(e.size, see)
	} else if z.rest = e.coded; !z.drain(z.inflate(z), see) || z.in.Buffered() > 0 || z.rest > 0 {
		z.fail(ErrMalformed, "compressed data")
	}
	if got != e.size || crc != e.crc {
		z.fail(ErrMalformed, "size or checksum of an entry")
	}
	if isArchive(z.head[:]) {
		z.fail(ErrEntry, "archive in an archive")
	}
}

// Read returns coded bytes of the entry.
func (z *zipWalk) Read(b []byte) (int, error) {
	n := min(int64(len(b)), z.rest, maxTake)
	if n == 0 {
		return 0, io.EOF
	}
	z.rest -= n
	return copy(b, z.take(int(n))), z.err
}

// descriptor reads what follows the data where the local header did not say it (APPNOTE 4.3.9), with its signature or without.
func (z *zipWalk) descriptor(e *zipEntry, n int64) {
	if n == 16 && string(z.take(4)) != zipDesc || n != 16 && n != 12 {
		z.fail(ErrMalformed, "data descriptor")
		return
	}
	if crc, coded, size := z.le32(), z.le32(), z.le32(); crc != e.crc || int64(coded) != e.coded || int64(size) != e.size {
		z.fail(ErrMalformed, "data descriptor")
	}
}
