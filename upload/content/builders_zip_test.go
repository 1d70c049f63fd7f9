package content_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"hash/crc32"
	"strings"
	"testing"
)

// zipped is one entry of an archive; what is zero is computed.
type zipped struct {
	name, data string
	stored     bool
	flags      int
	size       int // declared
	mode       int
	extra      []byte
	localName  string
	offset     int // in the central directory, plus one
	gap        string
	descriptor []byte
	crc        int
	method     int
	packed     []byte // instead of compressing data
	comment    string // in the central directory
}

func (e *zipped) coded(t testing.TB) []byte {
	t.Helper()
	if e.packed != nil {
		return e.packed
	}
	if e.stored {
		return []byte(e.data)
	}
	var b bytes.Buffer
	flated(t, &b, []byte(e.data))
	return b.Bytes()
}

// zipFile writes an archive that need not be right.
func zipFile(t testing.TB, entries ...zipped) []byte {
	t.Helper()
	var b, dir bytes.Buffer
	for _, e := range entries {
		b.WriteString(e.gap)
		coded, offset := e.coded(t), b.Len()
		crc, size, method := e.crc, e.size, e.method
		if crc == 0 {
			crc = int(crc32.ChecksumIEEE([]byte(e.data)))
		}
		if size == 0 {
			size = len(e.data)
		}
		if method == 0 && !e.stored {
			method = 8
		}
		if e.offset > 0 {
			offset = e.offset - 1
		}
		local := e.localName
		if local == "" {
			local = e.name
		}
		fixed := func(lcrc, lcoded, lsize int) []byte {
			return join(le16(e.flags), le16(method), le32(0), le32(lcrc), le32(lcoded), le32(lsize))
		}
		sizes := fixed(crc, len(coded), size)
		if e.descriptor != nil {
			sizes = fixed(0, 0, 0)
		}
		b.Write(join([]byte("PK\x03\x04"), le16(20), sizes, le16(len(local)), le16(len(e.extra)), []byte(local), e.extra,
			coded, e.descriptor))
		dir.Write(join([]byte("PK\x01\x02"), le16(0x314), le16(20), fixed(crc, len(coded), size), le16(len(e.name)),
			le16(len(e.extra)),
			le16(len(e.comment)), le16(0), le16(0), le32(e.mode<<16), le32(offset), []byte(e.name), e.extra, []byte(e.comment)))
	}
	return join(b.Bytes(), dir.Bytes(), zipEnd(len(entries), dir.Len(), b.Len()))
}

func zipEnd(count, size, start int) []byte {
	return join([]byte("PK\x05\x06"), le32(0), le16(count), le16(count), le32(size), le32(start), le16(0))
}

// zipOverlap is an archive of many names for the same bytes.
func zipOverlap(t testing.TB, names int) []byte {
	t.Helper()
	one := zipped{name: "a00000", data: strings.Repeat("x", 1000)}
	coded := one.coded(t)
	var dir bytes.Buffer
	rest := join(le16(0), le16(8), le32(0), le32(int(crc32.ChecksumIEEE([]byte(one.data)))), le32(len(coded)), le32(1000), le16(6))
	for i := range names {
		dir.Write(join([]byte("PK\x01\x02"), le16(20), le16(20), rest, make([]byte, 16), fmt.Appendf(nil, "a%05d", i)))
	}
	local := join([]byte("PK\x03\x04"), le16(20), rest, le16(0), []byte(one.name), coded)
	return join(local, dir.Bytes(), zipEnd(names, dir.Len(), len(local)))
}

func zipStd(t testing.TB, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range files {
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte("content of " + name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
