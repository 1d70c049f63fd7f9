package content

// tagWatch recognises a tag of HTML with an event handler in it, of whatever element: a browser runs that without a script
// element. It steps as the tokenizer of HTML does (WHATWG HTML section 13.2.5), so that quotes hide nothing.
type tagWatch struct {
	state tagState
	quote byte
	name  [16]byte // of an attribute, in lower case
	n     int
}

type tagState uint8

const (
	tagNone    tagState = iota
	tagOpen             // behind <
	tagEnd              // behind </
	tagComment          // what is no tag, up to >
	tagName
	tagGap    // between attributes
	tagAttr   // in the name of one
	tagEquals // behind the name
	tagValue  // behind =
	tagBare   // in a value without quotes
	tagQuoted
)

// see reports whether c completes a handler, with its equals sign.
func (w *tagWatch) see(c byte) bool {
	switch w.state {
	case tagNone:
		if c == '<' {
			w.state = tagOpen
		}
		return false
	case tagOpen, tagEnd:
		w.open(c)
		return false
	case tagQuoted:
		if c == w.quote {
			w.state = tagGap
		}
		return false
	}
	if c == '>' {
		w.state = tagNone
		return false
	}
	return w.inside(c)
}

func (w *tagWatch) open(c byte) {
	switch {
	case isLetter(c):
		w.state = tagName
	case w.state == tagOpen && c == '/':
		w.state = tagEnd
	case w.state == tagEnd && c != '>', w.state == tagOpen && (c == '!' || c == '?'):
		w.state = tagComment
	case c == '<':
		w.state = tagOpen
	default:
		w.state = tagNone
	}
}

func (w *tagWatch) inside(c byte) bool {
	space := isSpace(c)
	switch w.state {
	case tagName:
		if space || c == '/' {
			w.state = tagGap
		}
	case tagGap, tagAttr, tagEquals:
		return w.attribute(c, space)
	case tagValue:
		switch {
		case c == '"' || c == '\'':
			w.state, w.quote = tagQuoted, c
		case !space:
			w.state = tagBare
		}
	case tagBare:
		if space {
			w.state = tagGap
		}
	}
	return false
}

func (w *tagWatch) attribute(c byte, space bool) bool {
	switch {
	case c == '=' && w.state != tagGap:
		w.state = tagValue
		return w.isHandler()
	case c == '/':
		w.state = tagGap
	case space && w.state == tagAttr:
		w.state = tagEquals
	case space:
	default:
		if w.state != tagAttr {
			w.state, w.n = tagAttr, 0
		}
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if w.n < len(w.name) {
			w.name[w.n] = c
			w.n++
		}
	}
	return false
}

// handlers begin the names of events, behind "on". They are not all words that begin so: "once = 1" is no handler.
var handlers = []string{
	"abort", "after", "anim", "auxc", "before", "begin", "blur", "bounce", "cancel", "canp", "change", "click", "close",
	"command", "content", "context", "copy", "cuec", "cut", "dbl", "drag", "drop", "dura", "empti", "end", "error", "finish",
	"focus", "form", "full", "gest", "gotp", "hash", "inpu", "inva", "key", "lang", "load", "lostp", "mess", "mous", "offl",
	"onl", "page", "past", "paus", "play", "point", "pops", "prog", "prop", "rate", "read", "repe", "rese", "resi", "row",
	"scro", "sear", "secu", "seek", "sele", "show", "slot", "stal", "star", "stor", "subm", "susp", "time", "togg", "touc",
	"tran", "unha", "unlo", "volu", "wait", "webk", "whee", "zoom",
}

func (w *tagWatch) isHandler() bool {
	name := w.name[:w.n]
	if len(name) < 5 || name[0] != 'o' || name[1] != 'n' {
		return false
	}
	for _, event := range handlers {
		if len(name)-2 >= len(event) && string(name[2:2+len(event)]) == event {
			return true
		}
	}
	return false
}
