package content

// pdfWatch recognises the head of an object, "9 0 obj", and a trailer, "trailer <<", in bytes that come one by one. It knows
// the spellings that readers take: no space before obj, comments between, numbers with a sign or a point.
type pdfWatch struct {
	head      watchState
	commented bool  // a comment has begun behind a number
	trailer   uint8 // letters seen, and what follows them
}

type watchState uint8

const (
	watchNothing watchState = iota
	watchDigit              // a character of a number, before which there can be no other number
	watchNumber             // one before which there can
	watchSpace              // and white space behind a number
	watchO
	watchOB
	watchOBJ
)

const pdfTrailer = "trailer"

// see reports whether c completes one of them.
func (w *pdfWatch) see(c byte) bool {
	return w.seeHead(c) || w.seeTrailer(c)
}

func (w *pdfWatch) seeHead(c byte) bool {
	was := w.head
	w.head = watchNothing
	number := was == watchDigit || was == watchNumber || was == watchSpace
	switch {
	case was == watchOBJ && (isSpace(c) || isDelimiter(c)):
		return true
	case was == watchO && c == 'b', was == watchOB && c == 'j':
		w.head = was + 1
	case (was == watchNumber || was == watchSpace) && c == 'o':
		w.head = watchO
	case (number || w.commented && (c == '\n' || c == '\r')) && isSpace(c):
		w.head = watchSpace
	case number && isNumeric(c):
		w.head = watchNumber
	case isNumeric(c):
		w.head = watchDigit
	}
	switch {
	case c == '\n' || c == '\r':
		w.commented = false
	case c == '%' && number:
		w.commented = true
	}
	return false
}

// What trailer counts beyond its letters.
const (
	trailerAll     = uint8(len(pdfTrailer))
	trailerComment = trailerAll + 1
	trailerAngle   = trailerAll + 2
)

func (w *pdfWatch) seeTrailer(c byte) bool {
	switch {
	case w.trailer == trailerComment:
		if c == '\n' || c == '\r' {
			w.trailer = trailerAll
		}
	case w.trailer == trailerAngle && c == '<':
		return true
	case w.trailer == trailerAll && c == '%':
		w.trailer = trailerComment
	case w.trailer == trailerAll && c == '<':
		w.trailer = trailerAngle
	case w.trailer == trailerAll && isSpace(c):
	case w.trailer < trailerAll && c == pdfTrailer[w.trailer]:
		w.trailer++
	case c == pdfTrailer[0]:
		w.trailer = 1
	default:
		w.trailer = 0
	}
	return false
}

// isNumeric reports whether c may stand in a number.
func isNumeric(c byte) bool { return isDigit(c) || c == '.' || c == '+' || c == '-' }

// watchAll watches many bytes, most of which begin nothing.
func (l *lexer) watchAll(p []byte) {
	for _, c := range p {
		if c == pdfTrailer[0] || isNumeric(c) || l.hidden != (pdfWatch{}) {
			l.watch(c)
		}
	}
}
