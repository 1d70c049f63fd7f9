package content

import "io"

// objects reads an object stream (section 7.5.7). Readers go to the objects in it by offset, so each offset must lead to
// where an object begins for us too: otherwise they would find one in the middle of a text.
func (p *pdfWalk) objects(d *pdfDict, start, n int64) {
	count, first := d.count.value(), d.first.value()
	if d.other || d.filters > 1 || d.filters != d.flate || count < 0 || first < 0 {
		p.fail(ErrUnsupported, "object stream")
		return
	}
	if count > pdfStream {
		p.fail(ErrTooLarge, "objects in a stream")
		return
	}
	p.report.Objects += int(count)
	p.count()
	var data io.Reader = io.NewSectionReader(p.r, start, n)
	if d.flate > 0 {
		data = p.unzlib(data)
	}
	src := &unpacked{file: p.file, r: data, coded: n}
	inner := pdfWalk{file: p.file, lex: lexer{src: src, fail: p.fail, embedded: true}}
	offsets := inner.offsets(count, first)
	for ; src.off < first; src.advance(1) {
		if _, ok := src.peek(); !ok {
			p.fail(ErrMalformed, "object stream")
			return
		}
	}
	inner.unpack(src, offsets)
}

// unpack reads the objects of an object stream.
func (p *pdfWalk) unpack(src *unpacked, offsets []int64) {
	for p.healthy() {
		end := src.off
		p.lex.skip()
		for len(offsets) > 0 && offsets[0] >= end && offsets[0] <= src.off {
			offsets = offsets[1:]
		}
		if len(offsets) > 0 && offsets[0] < end {
			p.fail(ErrMalformed, "offset into an object")
		}
		t := p.lex.next()
		if t == tokEnd {
			break
		}
		p.value(&p.dict, t)
	}
	if len(offsets) > 0 || src.bad {
		p.fail(ErrMalformed, "object stream")
	}
}

// offsets reads the head of an object stream: pairs of an object's number and its offset, in ascending order.
func (p *pdfWalk) offsets(count, first int64) []int64 {
	offsets := make([]int64, 0, count)
	for range count {
		p.expectNumber()
		p.expectNumber()
		n, _ := p.lex.number()
		if n += first; len(offsets) > 0 && n < offsets[len(offsets)-1] {
			p.fail(ErrMalformed, "object stream")
		}
		if !p.healthy() {
			break
		}
		offsets = append(offsets, n)
	}
	return offsets
}

// unpacked is a source of inflated bytes, under the budget of the file.
type unpacked struct {
	*file
	r     io.Reader
	coded int64 // bytes that go in
	win   []byte
	off   int64 // of the next byte
	got   int64 // that came out
	eof   bool
	bad   bool // the data ends with an error
}

func (u *unpacked) peek() (byte, bool) {
	for len(u.win) == 0 && !u.eof && u.healthy() {
		if u.err = u.ctx.Err(); u.err != nil {
			break
		}
		n, err := u.r.Read(u.out[:])
		u.inflated(n)
		if u.got += int64(n); u.swells(u.got, u.coded) {
			u.fail(ErrTooLarge, "ratio")
		}
		u.win = u.out[:n]
		u.eof, u.bad = err != nil, err != nil && err != io.EOF
	}
	if len(u.win) == 0 || !u.healthy() {
		return 0, false
	}
	return u.win[0], true
}

func (u *unpacked) advance(n int) {
	u.win = u.win[n:]
	u.off += int64(n)
}
