package sanitize

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// maxDepth bounds how deep elements nest. Browsers flatten beyond 512.
const maxDepth = 100

// weaver writes a balanced tree of allowed elements. It leaves a parser nothing to repair that would end an element
// around the result: every end tag has its start tag, and items, rows and cells stand in a list or table of their own.
// Nothing that switches a parser into another mode is written (no foreign content, no raw text, no template), so a
// browser reads what was meant.
type weaver struct {
	*policy
	out   strings.Builder
	stack []string // open elements
	over  bool
}

func (w *weaver) weave(s string) {
	parts := scan(s)
	// The library reads the tags that count: their values have references of their own.
	var tags strings.Builder
	for _, p := range parts {
		if p.kind == startTag && w.elements[p.name] != nil {
			tags.WriteString(s[p.start:p.end])
		}
	}
	z := html.NewTokenizer(strings.NewReader(tags.String()))
	for _, p := range parts {
		if w.over {
			return
		}
		switch raw := s[p.start:p.end]; p.kind {
		case textPart:
			w.text(html.UnescapeString(raw))
		case rawPart:
			w.text(raw)
		case endTag:
			w.end(p.name)
		case startTag: // "<b/>" is "<b>" to every browser
			if e := w.elements[p.name]; e != nil {
				z.Next()
				w.start(e, z.Token())
			}
		}
	}
	for len(w.stack) > 0 {
		w.pop()
	}
}

// The quotation mark is escaped for values; text is escaped alike, as the second gate does.
var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;")

func (w *weaver) text(s string) {
	_, _ = escaper.WriteString(&w.out, printable(s))
	w.limit()
}

func (w *weaver) limit() { w.over = w.over || w.out.Len() > w.cfg.MaxOutput }

func (w *weaver) start(e *element, t html.Token) {
	values := w.values(e, t)
	if e.requires != "" && values[0] == nil { // the required attribute is the first
		return
	}
	if !w.place(t.Data, e) || len(w.stack) == maxDepth && !e.void {
		return
	}
	w.out.WriteString("<" + t.Data)
	for i, v := range values {
		if v != nil {
			w.out.WriteString(" " + e.attributes[i].name + `="`)
			_, _ = escaper.WriteString(&w.out, *v)
			w.out.WriteByte('"')
		}
	}
	w.out.WriteByte('>')
	if !e.void {
		w.stack = append(w.stack, t.Data)
	}
	w.limit()
}

// values returns the allowed values by the index of their attribute. Of an attribute that stands twice browsers read
// the first.
func (w *weaver) values(e *element, t html.Token) []*string {
	values := make([]*string, len(e.attributes))
	for i, a := range e.attributes {
		at := slices.IndexFunc(t.Attr, func(given html.Attribute) bool { return given.Key == a.name })
		if v, ok := w.value(t.Data, a, t.Attr, at); ok {
			values[i] = &v
		}
	}
	return values
}

func (w *weaver) value(name string, a attribute, given []html.Attribute, at int) (string, bool) {
	switch {
	case a.name == "rel":
		return rel, true
	case a.name == "target":
		return tab, w.cfg.NewTab
	case at < 0:
		return "", false
	case a.name == "href":
		return link(given[at].Val, linkSchemes, w.cfg.RelativeLinks)
	case name == "img" && a.name == "src":
		return link(given[at].Val, imageSchemes, false)
	}
	v := printable(given[at].Val)
	return v, a.pattern == nil || a.pattern.MatchString(v)
}

// place ends what the element would end in a browser, and says whether it may stand here.
func (w *weaver) place(name string, e *element) bool {
	switch {
	case e.parents != nil:
		at := w.find(e.parents, slices.Contains(e.parents, "table"))
		if at < 0 {
			return false
		}
		w.popTo(at + 1)
	case name == "a":
		w.close([]string{"a"})
	case e.block:
		w.close([]string{"p"})
		if name[0] == 'h' && !e.void { // a heading ends a heading
			w.close([]string{"h1", "h2", "h3", "h4", "h5", "h6"})
		}
		if at := w.find([]string{"table"}, false); name == "table" && at >= 0 { // not in a cell
			w.popTo(at)
		}
	}
	return true
}

// close ends the nearest of these elements, if one is open here.
func (w *weaver) close(names []string) {
	if at := w.find(names, false); at >= 0 {
		w.popTo(at)
	}
}

// find returns the index of the nearest open element of these names, or -1. A cell is a room of its own: only the parts
// of its table look beyond it.
func (w *weaver) find(names []string, beyond bool) int {
	for i := len(w.stack) - 1; i >= 0; i-- {
		switch name := w.stack[i]; {
		case slices.Contains(names, name):
			return i
		case !beyond && (name == "td" || name == "th" || name == "caption"):
			return -1
		}
	}
	return -1
}

func (w *weaver) end(name string) {
	if e := w.elements[name]; e != nil {
		part := name == "table" || slices.Contains(e.parents, "table")
		if at := w.find([]string{name}, part); at >= 0 {
			w.popTo(at)
		}
	}
}

func (w *weaver) popTo(length int) {
	for len(w.stack) > length {
		w.pop()
	}
}

func (w *weaver) pop() {
	last := len(w.stack) - 1
	w.out.WriteString("</" + w.stack[last] + ">")
	w.stack = w.stack[:last]
	w.limit()
}
