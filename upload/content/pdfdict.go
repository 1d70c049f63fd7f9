package content

import "slices"

// pdfDict is what must be known of an object's outermost dictionary.
type pdfDict struct {
	length, first, count pdfNumber

	key     *pdfNumber // the last one, if it is one of those
	role    pdfRole    // of the last one
	packed  bool       // calls itself an object stream
	filters int        // times that there is a filter,
	flate   int        // and that it is this one
	other   bool       // something changes data otherwise, or may
	file    bool       // the data is in another file
}

// pdfRole is what a key says of the data of a stream.
type pdfRole uint8

const (
	roleNone   pdfRole = iota
	roleFilter         // how it is coded
	roleParms          // and with what parameters
	roleFile           // where it is
)

// pdfNumber is a number behind a key.
type pdfNumber struct {
	words int // that stand there: a reference has three, and a key that comes twice has more
	n     int64
}

// value returns a number that stands there itself, or -1.
func (n *pdfNumber) value() int64 {
	if n.words != 1 {
		return -1
	}
	return n.n
}

// holdsObjects reports whether a reader may take the stream for one of objects.
func (d *pdfDict) holdsObjects() bool { return d.packed || d.first.words > 0 }

// pdfNest are the arrays and dictionaries that are open. Readers go different ways where brackets do not match, a key has no
// value or a value no key, and would see another dictionary than the one here: that is malformed.
type pdfNest struct {
	levels [pdfDepth]struct {
		bracket byte
		key     bool // waits for its value
	}
	depth int
}

// see takes a token into account. It returns false for one that is out of place.
func (n *pdfNest) see(t token, bracket byte) bool {
	if n.depth > 0 {
		level := &n.levels[n.depth-1]
		switch {
		case t == tokClose && (level.bracket != bracket || level.key):
			return false
		case level.bracket != '<' || t == tokClose:
		case level.key:
			level.key = false
		case t == tokName:
			level.key = true
		case t != tokWord: // the other two of a reference
			return false
		}
	}
	switch {
	case t == tokOpen && n.depth < pdfDepth:
		n.levels[n.depth].bracket, n.levels[n.depth].key = bracket, false
		n.depth++
	case t == tokOpen || t == tokClose && n.depth == 0:
		return false
	case t == tokClose:
		n.depth--
	}
	return true
}

// atKey reports whether the name that was just seen is a key of the outermost dictionary.
func (n *pdfNest) atKey() bool { return n.depth == 1 && n.levels[0].key }

// value reads a value that begins with t, and all that it holds.
func (p *pdfWalk) value(d *pdfDict, t token) {
	nest := &p.nest
	nest.depth = 0
	for ; p.healthy(); t = p.lex.next() {
		if t == tokEnd {
			p.fail(ErrMalformed, "object without an end")
			return
		}
		if !nest.see(t, p.lex.bracket) {
			p.fail(ErrMalformed, "nesting")
			return
		}
		if t != tokName && t != tokClose && d.role == roleFile && nest.depth > 0 {
			d.file = true
		}
		switch t {
		case tokName:
			p.name(d, nest.atKey())
		case tokWord:
			d.word(&p.lex, nest.depth)
			switch string(p.lex.word()) {
			case "obj", "endobj", "stream":
				p.fail(ErrMalformed, "object without an end")
			}
		}
		if nest.depth == 0 {
			return
		}
	}
}

// name judges a name.
func (p *pdfWalk) name(d *pdfDict, key bool) {
	word := string(p.lex.word())
	switch {
	case slices.Contains(pdfActive, word):
		p.fail(ErrActive, "name of something active")
	case word == "Encrypt":
		p.fail(ErrEncrypted, "security handler")
	}
	switch word {
	case "ObjStm":
		d.packed = true
	case "F", "FFilter", "Predictor", "LZWDecode", "LZW", "ASCIIHexDecode", "AHx", "ASCII85Decode", "A85",
		"RunLengthDecode", "RL", "Crypt":
		d.other = true
	}
	switch {
	case key:
		d.begin(word)
	case d.role == roleFilter && (word == "FlateDecode" || word == "Fl"):
		d.flate++
	case d.role == roleFilter:
		d.other = true
	}
}

// begin notes what a key is for.
func (d *pdfDict) begin(key string) {
	d.key, d.role = nil, roleNone
	switch key {
	case "Length":
		d.key = &d.length
	case "First":
		d.key = &d.first
	case "N":
		d.key = &d.count
	case "Filter":
		d.role = roleFilter
		d.filters++
	case "DecodeParms", "DP":
		d.role = roleParms
	case "F":
		d.role = roleFile
	}
}

// word notes the number that stands behind a key, and a reference to what must stand there itself.
func (d *pdfDict) word(l *lexer, depth int) {
	if (d.role == roleFilter || d.role == roleParms) && string(l.word()) == "R" {
		d.other = true
	}
	if d.key == nil || depth != 1 {
		return
	}
	n, ok := l.number()
	if d.key.words++; !ok {
		n = -1
	}
	d.key.n = n
}
