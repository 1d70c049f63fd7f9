package clamav

import (
	"bytes"
	"compress/flate"
	"fmt"
	"io"

	"github.com/gopalisade/palisade/internal/eicar"
)

// probe is a file of the self-test that clamd must not call clean: a head, zeros, and a tail.
type probe struct {
	what, remedy string
	head, tail   []byte
	zeros        int64
}

// newProbes returns the self-test for files of up to size bytes.
func newProbes(size int64, ignoreLimits bool) []probe {
	probes := []probe{
		{what: "the EICAR file", remedy: "it needs ClamAV's own signatures", head: eicar.File()},
		large(size),
	}
	if ignoreLimits {
		return probes
	}
	return append(probes, deep())
}

// large is a zip of the given size with EICAR at its end, stored behind zeros. A clamd whose limit for files is lower has not
// looked at any of it, and one whose limit for streams is lower refuses it.
func large(size int64) probe {
	text := eicar.File()
	test := storedMember("eicar.com", text)
	padding := zerosMember("padding", size-frame-int64(2*len("paddingeicar.com")+len(text)))
	p := probe{
		what:   fmt.Sprintf("EICAR in a zip of %d bytes", size),
		remedy: "MaxFileSize must be as large as StreamMaxLength, and AlertExceedsMax yes",
		head:   padding.appendLocal(nil), zeros: int64(padding.size),
	}
	second := p.Size()
	p.tail = append(test.appendLocal(nil), text...)
	start := p.Size()
	p.tail = test.appendDirectory(padding.appendDirectory(p.tail, 0), second)
	p.tail = appendEnd(p.tail, 2, start, p.Size())
	return p
}

// levels is deeper than clamd's MaxRecursion can be, which is 100.
const levels = 128

// deep is EICAR in a zip in a zip. They are compressed: clamd looks for signatures, and for zips, in what is merely stored.
func deep() probe {
	data := eicar.File()
	var packed bytes.Buffer
	w, _ := flate.NewWriter(nil, flate.BestCompression) // a known level, and a buffer takes everything
	for range levels {
		packed.Reset()
		w.Reset(&packed)
		_, _ = w.Write(data)
		_ = w.Close()
		m := storedMember("a.zip", data)
		m.method, m.packed = 8, uint32(packed.Len())
		data = append(m.appendLocal(nil), packed.Bytes()...)
		start := int64(len(data))
		data = m.appendDirectory(data, 0)
		data = appendEnd(data, 1, start, int64(len(data)))
	}
	return probe{what: "EICAR in nested zips", remedy: "AlertExceedsMax must be yes", head: data}
}

// Size is that of the file.
func (p *probe) Size() int64 { return int64(len(p.head)) + p.zeros + int64(len(p.tail)) }

// ReadAt makes the bytes up when they are asked for.
func (p *probe) ReadAt(b []byte, off int64) (n int, err error) {
	head, tail := int64(len(p.head)), int64(len(p.head))+p.zeros
	for n < len(b) && err == nil {
		at := off + int64(n)
		switch {
		case at < head:
			n += copy(b[n:], p.head[at:])
		case at < tail:
			gap := b[n:][:min(int64(len(b)-n), tail-at)]
			clear(gap)
			n += len(gap)
		case at < p.Size():
			n += copy(b[n:], p.tail[at-tail:])
		default:
			err = io.EOF
		}
	}
	return n, err
}
