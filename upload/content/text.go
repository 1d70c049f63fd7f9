package content

import (
	"bytes"
	"unicode/utf8"
)

// walkText reads text to its end: UTF-8 without control characters, in which no markup begins, wherever it stands. That a
// browser does not look so far is not what later readers promise.
func walkText(f *file) {
	t := textWalk{file: f}
	for f.healthy() && f.left() > 0 {
		p := f.window()
		t.begin(p)
		if t.markup.write(p, isMarkup) {
			f.fail(ErrActive, "markup")
		}
		t.characters(p)
		f.advance(len(p))
	}
	if t.markup.end(isMarkup) {
		f.fail(ErrActive, "markup")
	}
	if t.n > 0 {
		f.fail(ErrMalformed, "not UTF-8")
	}
}

type textWalk struct {
	*file
	begun  bool
	markup search
	tag    tagWatch
	open   [utf8.UTFMax]byte // a character that has begun
	n      int
}

// begin looks at what comes first, behind any length of white space: a browser passes over that.
func (t *textWalk) begin(p []byte) {
	if t.begun {
		return
	}
	if rest := bytes.TrimLeft(p, blanks); len(rest) > 0 {
		t.begun = true
		if startsProgram(t.probe(t.off+int64(len(p)-len(rest)), len(t.small))) {
			t.fail(ErrActive, "begins like another format")
		}
	}
}

func (t *textWalk) characters(p []byte) {
	for i := 0; i < len(p) && t.healthy(); i++ {
		c := p[i]
		if (c == '<' || t.tag.state != tagNone) && t.tag.see(c) {
			t.fail(ErrActive, "event handler")
		}
		if t.n == 0 && c < utf8.RuneSelf {
			if c < ' ' && c != '\t' && c != '\n' && c != '\r' || c == 0x7f {
				t.fail(ErrMalformed, "control character")
			}
			continue
		}
		t.open[t.n] = c
		t.n++
		if utf8.FullRune(t.open[:t.n]) {
			r, size := utf8.DecodeRune(t.open[:t.n])
			if r == utf8.RuneError && size == 1 {
				t.fail(ErrMalformed, "not UTF-8")
			}
			if r >= 0x80 && r < 0xa0 {
				t.fail(ErrMalformed, "control character")
			}
			t.n = 0
		}
	}
}
