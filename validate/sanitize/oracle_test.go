package sanitize_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// allowed is the closed set of elements and attributes, written down a second time on purpose: a test must not read the
// list that it tests.
var allowed = map[string][]string{
	"b": common, "i": common, "em": common, "strong": common, "u": common, "s": common, "del": common, "ins": common,
	"sub": common, "sup": common, "small": common, "mark": common, "kbd": common, "samp": common, "var": common, "q": common,
	"cite": common, "bdi": common, "p": common, "div": common, "h1": common, "h2": common, "h3": common, "h4": common,
	"h5": common, "h6": common, "ul": common, "dl": common, "dt": common, "dd": common, "li": common, "blockquote": common,
	"pre": common, "table": common, "thead": common, "tbody": common, "tfoot": common, "caption": common, "tr": common,
	"br": {}, "wbr": {}, "hr": {},
	"abbr": {"dir", "lang", "title"},
	"code": {"dir", "lang", "class"},
	"ol":   {"dir", "lang", "start"},
	"a":    {"href", "dir", "lang", "title", "rel", "target"},
	"img":  {"src", "alt", "title", "width", "height"},
	"td":   {"dir", "lang", "align", "colspan", "rowspan"},
	"th":   {"scope", "dir", "lang", "align", "colspan", "rowspan"},
}

var common = []string{"dir", "lang"}

// contexts are the elements into which the invariants are checked: a parser works differently in each.
var contexts = []string{"body", "div", "p", "td", "li", "table", "select", "template", "textarea", "noscript", "svg", "math"}

// danger parses markup as a browser does, in the context, and says what is wrong with the tree.
func danger(markup, context string) error {
	parent := &html.Node{Type: html.ElementNode, Data: context, DataAtom: atom.Lookup([]byte(context))}
	if context == "svg" || context == "math" {
		parent.Namespace = context
	}
	nodes, err := html.ParseFragment(strings.NewReader(markup), parent)
	if err != nil {
		return err
	}
	for _, root := range nodes {
		if err := judge(root); err != nil {
			return fmt.Errorf("in %s: %w", context, err)
		}
		for n := range root.Descendants() {
			if err := judge(n); err != nil {
				return fmt.Errorf("in %s: %w", context, err)
			}
		}
	}
	return nil
}

func judge(n *html.Node) error {
	switch n.Type {
	case html.TextNode:
		return nil
	case html.ElementNode:
	default:
		return fmt.Errorf("a node of type %d: %q", n.Type, n.Data)
	}
	names, ok := allowed[n.Data]
	if !ok && n.Data != "colgroup" {
		return fmt.Errorf("element %s %s", n.Namespace, n.Data)
	}
	for _, a := range n.Attr {
		if !slices.Contains(names, a.Key) {
			return fmt.Errorf("attribute %s on %s", a.Key, n.Data)
		}
		if a.Key == "href" || a.Key == "src" {
			if err := judgeURL(a.Val, n.Data); err != nil {
				return err
			}
		}
		if a.Key == "class" && !strings.HasPrefix(a.Val, "language-") || a.Key == "target" && a.Val != "_blank" {
			return fmt.Errorf("attribute %s with %q", a.Key, a.Val)
		}
		if a.Key == "rel" && a.Val != "nofollow noopener noreferrer ugc" {
			return fmt.Errorf("rel with %q", a.Val)
		}
	}
	return nil
}

// judgeURL reads a URL as browsers do: they remove tabs and line ends first, and strip controls and spaces.
func judgeURL(raw, element string) error {
	s := strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(strings.TrimFunc(raw, func(r rune) bool { return r <= ' ' }))
	if s != raw {
		return fmt.Errorf("URL %q has white space", raw)
	}
	scheme, rest, ok := strings.Cut(s, ":")
	if !ok || strings.ContainsAny(scheme, "/?#") {
		if element == "img" || strings.HasPrefix(s, "//") || strings.Contains(s, `\`) {
			return fmt.Errorf("relative URL %q", raw)
		}
		return nil
	}
	switch scheme {
	case "http", "https":
		u, err := url.Parse(s)
		if err != nil || u.Host == "" || u.User != nil || !strings.HasPrefix(rest, "//") || strings.Contains(rest, `\`) {
			return fmt.Errorf("URL %q", raw)
		}
		return nil
	case "mailto":
		if element == "a" {
			return nil
		}
	}
	return fmt.Errorf("scheme %q of %q", scheme, raw)
}

// places are the elements, outermost first, into which templates put blocks.
var places = []string{"div", "ul li", "dl dd", "table tbody tr td", "table caption", "section blockquote"}

// contained says whether the markup stays in the element that it is put into: what stands around must be as it was written.
func contained(markup string) error {
	for _, place := range places {
		path := strings.Fields(place)
		var page strings.Builder
		page.WriteString("<!doctype html><body><main>")
		for _, name := range path {
			page.WriteString("<" + name + ">")
		}
		page.WriteString(markup + "x") // what a template writes behind it
		for _, name := range slices.Backward(path) {
			page.WriteString("</" + name + ">")
		}
		doc, err := html.Parse(strings.NewReader(page.String() + "</main><footer>"))
		if err != nil {
			return err
		}
		n := doc.LastChild.LastChild
		if got := children(n); got != "main footer" {
			return fmt.Errorf("in %s: the body has %s", place, got)
		}
		n = n.FirstChild
		for _, name := range path {
			if got := children(n); got != name {
				return fmt.Errorf("in %s: %s has %s", place, n.Data, got)
			}
			n = n.FirstChild
		}
	}
	return nil
}

func children(n *html.Node) string {
	var names []string
	for c := range n.ChildNodes() {
		names = append(names, c.Data)
	}
	return strings.Join(names, " ")
}
