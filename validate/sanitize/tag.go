package sanitize

import (
	"slices"
	"strings"
)

// tag reads the tag that s begins with. The size is 0 if it is text.
//
// Strictness keeps it linear, too: a reader stops at "<" outside of quotes, and at a quotation mark that is not behind
// "=". Of the readers that began at different places then at most three go on at a time.
func tag(s string) (name string, size int, kind partKind) {
	kind, size = startTag, 1
	if strings.HasPrefix(s, "</") {
		kind, size = endTag, 2
	}
	first := size
	for size < len(s) && (letter(s[size]) || digit(s[size]) || strings.IndexByte("-._:", s[size]) >= 0) {
		size++
	}
	if name = strings.ToLower(s[first:size]); !isElement(name) {
		return "", 0, textPart
	}
	n, bare := attributes(s[size:])
	if n == 0 || kind == endTag && !bare {
		return "", 0, textPart
	}
	return name, size + n, kind
}

// attributes returns the length of everything behind a tag's name, the ">" included, or 0 if it is not what section
// 13.1.2.3 describes, and whether there is no attribute. Words without a value are attributes only if HTML knows one of
// them: in "a<b and c>d" it knows none.
func attributes(s string) (size int, bare bool) {
	bare = true
	for sure := false; ; {
		gap := spaces(s[size:])
		size += gap
		rest := s[size:]
		end := 0
		switch {
		case strings.HasPrefix(rest, ">"):
			end = 1
		case strings.HasPrefix(rest, "/>"):
			end = 2
		case gap == 0:
			return 0, bare
		}
		if end > 0 && (bare || sure) {
			return size + end, bare
		}
		n, known := oneAttribute(rest)
		if n == 0 {
			return 0, bare
		}
		size, bare, sure = size+n, false, sure || known
	}
}

// oneAttribute returns the length of the attribute that s begins with, or 0, and whether it can be nothing else.
func oneAttribute(s string) (size int, known bool) {
	for size < len(s) && (letter(s[size]) || size > 0 && digit(s[size]) || strings.IndexByte("-_:@#*.()[]", s[size]) >= 0) {
		size++
	}
	name := s[:size]
	value := size + spaces(s[size:])
	if size == 0 || value == len(s) || s[value] != '=' {
		return size, slices.Contains(booleans, strings.ToLower(name)) || strings.ContainsAny(name, "-_:@#*")
	}
	value++
	value += spaces(s[value:])
	if value == len(s) {
		return 0, false
	}
	if quote := s[value]; quote == '"' || quote == '\'' {
		n := strings.IndexByte(s[value+1:], quote)
		if n < 0 {
			return 0, false
		}
		return value + 1 + n + 1, true
	}
	n := strings.IndexAny(s[value:], " \t\n>\"'<")
	if n < 1 || s[value] == '=' || strings.IndexByte("\"'<", s[value+n]) >= 0 {
		return 0, false
	}
	return value + n, true
}

func spaces(s string) int { return len(s) - len(strings.TrimLeft(s, " \t\n")) }

// booleans are the attributes that usually stand without a value.
var booleans = []string{
	"allowfullscreen", "async", "autofocus", "autoplay", "checked", "compact", "controls", "default", "defer", "disabled",
	"download", "draggable", "formnovalidate", "hidden", "inert", "ismap", "itemscope", "loop", "multiple", "muted", "nomodule",
	"noshade", "novalidate", "nowrap", "open", "playsinline", "readonly", "required", "reversed", "selected",
}

// isElement is true of the names of HTML, SVG and MathML, of custom elements, and of those that word processors paste.
func isElement(name string) bool {
	if name == "" || !letter(name[0]) {
		return false
	}
	prefix, _, found := strings.Cut(name, ":")
	if found {
		return slices.Contains([]string{"o", "w", "v", "m", "st1", "svg", "math"}, prefix)
	}
	return names[name] || strings.Contains(name, "-")
}

var names = func() map[string]bool {
	all := map[string]bool{}
	for name := range strings.FieldsSeq(`
		a abbr acronym address applet area article aside audio b base basefont bdi bdo bgsound big blink blockquote body br
		button canvas caption center cite code col colgroup data datalist dd del details dfn dialog dir div dl dt em embed
		fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe image
		img input ins isindex kbd keygen label legend li link listing main map mark marquee menu menuitem meta meter nav nobr
		noembed noframes noscript object ol optgroup option output p param picture plaintext pre progress q rb rp rt rtc ruby
		s samp script search section select slot small source spacer span strike strong style sub summary sup table tbody td
		template textarea tfoot th thead time title tr track tt u ul var video wbr xmp

		animate animatemotion animatetransform circle clippath cursor defs desc ellipse feblend fecolormatrix
		fecomponenttransfer fecomposite feconvolvematrix fediffuselighting fedisplacementmap fedistantlight fedropshadow
		feflood fefunca fefuncb fefuncg fefuncr fegaussianblur feimage femerge femergenode femorphology feoffset fepointlight
		fespecularlighting fespotlight fetile feturbulence filter foreignobject g glyph handler line lineargradient listener
		marker mask metadata mpath path pattern polygon polyline radialgradient rect set stop svg switch symbol text textpath
		tref tspan use view

		maction maligngroup malignmark math menclose merror mfenced mfrac mglyph mi mlabeledtr mmultiscripts mn mo mover
		mpadded mphantom mprescripts mroot mrow ms mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder
		munderover none semantics annotation`) {
		all[name] = true
	}
	return all
}()
