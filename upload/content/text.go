package content

import "unicode/utf8"

// walkText reads text to its end: UTF-8 without control characters, in which no markup begins, wherever it stands. That a
// browser does not look so far is not what later readers promise.
func walkText(f *file) {
	if startsProgram(f.probe(0, len(f.small))) {
		f.fail(ErrActive, "begins like another format")
	}
	var s search
	var open [utf8.UTFMax]byte // a character that has begun
	n := 0
	for f.healthy() && f.left() > 0 {
		p := f.window()
		if s.write(p, isMarkup) {
			f.fail(ErrActive, "markup")
		}
		for i := 0; i < len(p) && f.healthy(); i++ {
			c := p[i]
			if n == 0 && c < utf8.RuneSelf {
				if c < ' ' && c != '\t' && c != '\n' && c != '\r' || c == 0x7f {
					f.fail(ErrMalformed, "control character")
				}
				continue
			}
			open[n] = c
			n++
			if utf8.FullRune(open[:n]) {
				r, size := utf8.DecodeRune(open[:n])
				if r == utf8.RuneError && size == 1 {
					f.fail(ErrMalformed, "not UTF-8")
				}
				if r >= 0x80 && r < 0xa0 {
					f.fail(ErrMalformed, "control character")
				}
				n = 0
			}
		}
		f.advance(len(p))
	}
	if n > 0 {
		f.fail(ErrMalformed, "not UTF-8")
	}
}
