package content

import "bytes"

// stream passes over the data of a stream, and returns where it is. Its length counts only where it leads to the end.
func (p *pdfWalk) stream(length int64) (start, n int64) {
	p.endOfLine()
	start = p.off
	p.lex.hidden = pdfWatch{}
	behind := bytes.TrimLeft(p.probe(start+max(length, 0), 24), "\r\n\t ")
	if length >= 0 && bytes.HasPrefix(behind, []byte("endstream")) {
		p.each(length, p.lex.watchAll)
		n = length
	} else {
		n = p.untilEndstream()
		return start, n
	}
	if p.lex.next() != tokWord || string(p.lex.word()) != "endstream" {
		p.fail(ErrMalformed, "stream without an end")
	}
	return start, n
}

// endOfLine passes over what stands between the keyword and the data. Readers that find more there than the end of a line
// take the data to begin on the next one, or do not: that is no place for objects.
func (p *pdfWalk) endOfLine() {
	c, _ := p.peek()
	if c != '\r' && c != '\n' {
		p.dict.other = true
		return
	}
	p.advance(1)
	if next, ok := p.peek(); ok && c == '\r' && next == '\n' {
		p.advance(1)
	}
}

// untilEndstream looks for the end of a stream.
func (p *pdfWalk) untilEndstream() int64 {
	const word = "endstream"
	start, got := p.off, 0
	for c, ok := p.peek(); ok; c, ok = p.peek() {
		p.advance(1)
		p.lex.watch(c)
		switch {
		case c == word[got]:
			got++
		case c == 'e':
			got = 1
		case c == 'n' && got == len("endstre"):
			got = 2
		default:
			got = 0
		}
		if got == len(word) {
			return p.off - start - int64(len(word))
		}
	}
	p.fail(ErrMalformed, "stream without an end")
	return 0
}
