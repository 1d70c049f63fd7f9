package sanitize

import (
	"maps"
	"regexp"
)

// element is what a profile knows about one element.
type element struct {
	void       bool        // has no content and no end tag
	block      bool        // ends an open paragraph
	requires   string      // the attribute without which the element is pointless
	attributes []attribute // in the order in which they are written
	parents    []string    // it stands in one of these only, and ends what is open inside that one
}

// attribute is allowed with values that match all of pattern. A nil pattern allows any text.
type attribute struct {
	name    string
	pattern *regexp.Regexp
}

const (
	rel = "nofollow noopener noreferrer ugc"
	tab = "_blank"
)

var (
	direction = attribute{"dir", regexp.MustCompile(`^(?:ltr|rtl|auto)$`)}
	language  = attribute{"lang", regexp.MustCompile(`^[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,4}$`)}
	title     = attribute{"title", nil}
	span      = regexp.MustCompile(`^[1-9][0-9]{0,2}$`)
	pixels    = regexp.MustCompile(`^[1-9][0-9]{0,3}$`)
	align     = attribute{"align", regexp.MustCompile(`^(?:left|center|right)$`)}
	scope     = attribute{"scope", regexp.MustCompile(`^(?:row|col|rowgroup|colgroup)$`)}
	start     = attribute{"start", regexp.MustCompile(`^-?[0-9]{1,6}$`)}
	// The names that highlighters look for: a closed form, which no style sheet uses to cover the page.
	highlight = attribute{"class", regexp.MustCompile(`^language-[A-Za-z0-9+#-]{1,32}$`)}

	cell = []attribute{direction, language, align, {"colspan", span}, {"rowspan", span}}
	rows = []string{"tr", "tbody", "thead", "tfoot", "table"}
)

// profiles are the elements by profile. Nothing changes them.
var profiles = map[string]map[string]*element{
	"none":   {},
	"inline": inlineElements(),
	"ugc":    ugcElements(),
}

// plainly returns elements that take the attributes that all take.
func plainly(kind element, names ...string) map[string]*element {
	all := map[string]*element{}
	for _, name := range names {
		e := kind
		e.attributes = []attribute{direction, language}
		all[name] = &e
	}
	return all
}

func inlineElements() map[string]*element {
	all := plainly(element{}, "b", "i", "em", "strong", "u", "s", "del", "ins", "sub", "sup", "small", "mark", "code", "kbd",
		"samp", "var", "q", "cite", "abbr", "bdi")
	all["abbr"].attributes = append(all["abbr"].attributes, title)
	all["code"].attributes = append(all["code"].attributes, highlight)
	all["br"], all["wbr"] = &element{void: true}, &element{void: true}
	// The weaver judges href; rel and target are its own and never the author's.
	all["a"] = &element{requires: "href", attributes: []attribute{
		{"href", nil},
		direction, language, title,
		{"rel", regexp.MustCompile("^" + rel + "$")},
		{"target", regexp.MustCompile("^" + tab + "$")},
	}}
	return all
}

func ugcElements() map[string]*element {
	all := inlineElements()
	maps.Copy(all, plainly(element{block: true}, "p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl",
		"blockquote", "pre", "table"))
	all["ol"].attributes = append(all["ol"].attributes, start)
	all["hr"] = &element{block: true, void: true}
	maps.Copy(all, plainly(element{parents: []string{"ul", "ol"}}, "li"))
	maps.Copy(all, plainly(element{parents: []string{"dl"}}, "dt", "dd"))
	maps.Copy(all, plainly(element{parents: rows[4:]}, "thead", "tbody", "tfoot", "caption"))
	maps.Copy(all, plainly(element{parents: rows[1:]}, "tr"))
	all["td"] = &element{parents: rows, attributes: cell}
	all["th"] = &element{parents: rows, attributes: append([]attribute{scope}, cell...)}
	all["img"] = &element{void: true, requires: "src", attributes: []attribute{
		{"src", nil},
		{"alt", nil},
		title,
		{"width", pixels},
		{"height", pixels},
	}}
	return all
}
