package content

// source is where a lexer reads.
type source interface {
	peek() (byte, bool) // the next byte; false: there is none
	advance(n int)
}

// peek returns the next byte of the file.
func (f *file) peek() (byte, bool) {
	p := f.window()
	if len(p) == 0 || f.err != nil {
		return 0, false
	}
	return p[0], true
}

// token is a kind of token of ISO 32000-2 section 7.2.
type token uint8

const (
	tokEnd token = iota
	tokName
	tokWord // number or keyword
	tokString
	tokOpen  // << or [
	tokClose // >> or ]
)

// lexer reads tokens. What it skips, text and comments, it watches for the head of an object and for a trailer: a reader that
// is led there by an offset would see one.
type lexer struct {
	src      source
	fail     func(kind error, reason string)
	embedded bool // in an object stream
	text     [128]byte
	n        int
	hidden   pdfWatch
	bracket  byte // of the last tokOpen or tokClose, as it opens: '<' or '['
	second   bool // a comment looked like the beginning of a PDF
}

// word is the text of a name, decoded, or of a word; of a longer one the beginning.
func (l *lexer) word() []byte { return l.text[:min(l.n, len(l.text))] }

// number is the value of the word, if it is an unsigned integer. Of a long one only zeros may have been kept: it is none.
func (l *lexer) number() (int64, bool) {
	if l.n > len(l.text) {
		return 0, false
	}
	return number(l.word())
}

func (l *lexer) add(c byte) {
	if l.n < len(l.text) {
		l.text[l.n] = c
	}
	l.n++
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0
}

func isDelimiter(c byte) bool {
	switch c {
	case '(', ')', '<', '>', '[', ']', '{', '}', '/', '%':
		return true
	}
	return false
}

// skip passes over white space and comments.
func (l *lexer) skip() {
	for {
		c, ok := l.src.peek()
		switch {
		case !ok:
			return
		case isSpace(c):
			l.src.advance(1)
		case c == '%':
			l.comment()
		default:
			return
		}
	}
}

func (l *lexer) comment() {
	if l.embedded {
		l.fail(ErrMalformed, "comment in an object stream")
	}
	l.n, l.hidden = 0, pdfWatch{}
	for c, ok := l.src.peek(); ok && c != '\n' && c != '\r'; c, ok = l.src.peek() {
		l.add(c)
		l.watch(c)
		l.src.advance(1)
	}
	l.second = l.second || l.n >= 5 && string(l.text[:5]) == "%PDF-"
}

func (l *lexer) watch(c byte) {
	if l.hidden.see(c) {
		l.fail(ErrMalformed, "object or trailer inside of something else")
	}
}

// next reads a token behind what skip passes over.
func (l *lexer) next() token {
	l.skip()
	l.n = 0
	c, ok := l.src.peek()
	if !ok {
		return tokEnd
	}
	l.src.advance(1)
	switch c {
	case '/':
		l.name()
		return tokName
	case '(':
		l.string()
		return tokString
	case '[', ']':
		l.bracket = '['
		if c == '[' {
			return tokOpen
		}
		return tokClose
	case '<':
		return l.angle()
	case '>':
		if c, ok := l.src.peek(); ok && c == '>' {
			l.src.advance(1)
			l.bracket = '<'
			return tokClose
		}
	}
	if isDelimiter(c) {
		l.fail(ErrMalformed, "delimiter out of place")
		return tokEnd
	}
	l.add(c)
	for c, ok := l.src.peek(); ok && !isSpace(c) && !isDelimiter(c); c, ok = l.src.peek() {
		l.add(c)
		l.src.advance(1)
	}
	return tokWord
}

// name reads a name. #xx is a byte in hexadecimal (section 7.3.5), a way to write JavaScript that a search does not find.
func (l *lexer) name() {
	escape, value := 0, byte(0)
	for c, ok := l.src.peek(); ok && !isSpace(c) && !isDelimiter(c); c, ok = l.src.peek() {
		l.src.advance(1)
		switch digit, hex := unhex(c); {
		case escape == 0 && c == '#':
			escape = 1
		case escape == 0:
			l.add(c)
		case !hex:
			l.fail(ErrMalformed, "escape in a name")
		case escape == 1:
			escape, value = 2, digit<<4
		default:
			l.add(value | digit)
			escape = 0
		}
	}
	if escape != 0 {
		l.fail(ErrMalformed, "escape in a name")
	}
}

func unhex(c byte) (byte, bool) {
	switch {
	case isDigit(c):
		return c - '0', true
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10, true
	}
	return 0, false
}

// string passes over a string with balanced parentheses.
func (l *lexer) string() {
	l.hidden = pdfWatch{}
	for depth := 1; depth > 0; {
		c, ok := l.src.peek()
		if !ok {
			l.fail(ErrMalformed, "string without an end")
			return
		}
		l.src.advance(1)
		l.watch(c)
		switch c {
		case '(':
			depth++
		case ')':
			depth--
		case '\\':
			if c, ok = l.src.peek(); ok {
				l.watch(c)
				l.src.advance(1)
			}
		}
	}
}

// angle reads what begins with <: a dictionary, or a string in hexadecimal.
func (l *lexer) angle() token {
	c, ok := l.src.peek()
	if ok && c == '<' {
		l.src.advance(1)
		l.bracket = '<'
		return tokOpen
	}
	for ; ok && c != '>'; c, ok = l.src.peek() {
		if _, hex := unhex(c); !hex && !isSpace(c) {
			break
		}
		l.src.advance(1)
	}
	if c != '>' || !ok {
		l.fail(ErrMalformed, "string in hexadecimal")
		return tokEnd
	}
	l.src.advance(1)
	return tokString
}
