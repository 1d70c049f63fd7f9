package content

import "bytes"

const (
	pdfHead = 1024           // bytes in which readers of PDF look for its beginning
	zipTail = 22 + 1<<16 - 1 // bytes in which readers of archives look for their end
)

// beginsOther looks for what makes a file a PDF too, for readers that do not ask for it at the first byte.
func (f *file) beginsOther() {
	f.fill(int(min(pdfHead, f.size)))
	if bytes.Contains(f.win[:min(pdfHead, len(f.win))], []byte("%PDF-")) {
		f.fail(ErrActive, "beginning of a PDF")
	}
}

// endsOther looks for what makes a file an archive too, wherever in it that stands: readers of archives begin at the end.
func (f *file) endsOther() {
	if f.err != nil {
		return
	}
	f.seek(max(0, f.size-zipTail))
	var s search
	found := false
	match := func(at []byte) bool { return f.isZIPEnd(at) }
	f.each(f.left(), func(p []byte) { found = found || s.write(p, match) })
	if found || s.end(match) {
		f.fail(ErrActive, "end of an archive")
	}
}

// isZIPEnd reports whether p begins like an archive's end record. Four bytes alone come about by chance.
func (f *file) isZIPEnd(p []byte) bool {
	if len(p) < 22 || string(p[:4]) != zipEnd {
		return false
	}
	count, size := int64(le.Uint16(p[10:])), int64(le.Uint32(p[12:]))
	return size <= f.size && count*46 <= size
}

// isForeign reports whether another format begins, or in the case of an archive ends, at p.
func isForeign(p []byte) bool {
	return bytes.HasPrefix(p, []byte(zipEnd)) || bytes.HasPrefix(p, []byte("%PDF-")) || opens(p, foreigners) || isEcho(p)
}

// isEcho reports whether PHP's short tag begins at p. Its three bytes come about by chance; what follows them here does not.
func isEcho(p []byte) bool {
	const tag, code = "<?=", 8
	if !bytes.HasPrefix(p, []byte(tag)) || len(p) < len(tag)+code {
		return false
	}
	for _, c := range p[len(tag) : len(tag)+code] {
		if (c < ' ' || c > '~') && !isSpace(c) {
			return false
		}
	}
	return true
}
