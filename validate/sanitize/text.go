package sanitize

import (
	"slices"
	"strings"
)

// textRounds bounds how many layers of markup inside encoded markup are peeled off. Honest text has one or two.
const textRounds = 16

// Text returns the text of s without its markup, as plain text: "it's 5 < 6" stays as it is, "<b>a</b> &amp; b" becomes
// "a & b". Markup that is encoded as character references, however often, is removed as well, so that no later decoding
// brings it back. The content of script, style, template and of other elements that show nothing is removed, if they end.
// Where blocks end, a line ends. Controls are removed.
//
// What is no element, or has no end, is text: "a<b && c>d" and "<ada@example.com>". A space follows the "<" there, or some
// reader would find a tag: "x<y" becomes "x< y". "list<object>" loses its end, since that is an element's name, and
// "<my-name>" goes, which a page may have defined.
//
// The result is not HTML: the template that it is put into must escape it, as html/template does. It is a fixed point,
// and the time is linear. Text with more than 16 layers of tricks is an attack, and loses every "&" and "<".
func Text(s string) string {
	s = printable(s)
	for range textRounds {
		next := strip(decode(s))
		if next == s {
			return apart(s)
		}
		s = next
	}
	return strings.NewReplacer("&", "", "<", "").Replace(s)
}

// strip removes one layer of tags, comments, and content that is not shown.
func strip(s string) string {
	if !strings.Contains(s, "<") {
		return s
	}
	var out lines
	for _, p := range scan(s) {
		if p.kind == textPart || p.kind == rawPart {
			out.write(s[p.start:p.end])
		} else {
			out.tag(p.name)
		}
	}
	return out.String()
}

// lines joins the texts of blocks with a line end, and of cells with a space.
type lines struct {
	strings.Builder
	gap  string
	last byte
}

func (l *lines) tag(name string) {
	switch {
	case slices.Contains([]string{
		"p", "div", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "blockquote",
		"pre", "table", "tr", "caption", "section", "article", "header", "footer", "figure", "option",
	}, name):
		l.gap = "\n"
	case l.gap == "" && (name == "td" || name == "th"):
		l.gap = " "
	}
}

func (l *lines) write(s string) {
	if s == "" {
		return
	}
	if l.gap != "" && l.Len() > 0 && l.last > ' ' && s[0] > ' ' {
		l.WriteString(l.gap)
	}
	l.gap, l.last = "", s[len(s)-1]
	l.WriteString(s)
}

// apart puts a space behind every "<" that would begin a tag or a comment.
func apart(s string) string {
	if !strings.Contains(s, "<") {
		return s
	}
	var b strings.Builder
	for i := range len(s) {
		b.WriteByte(s[i])
		if s[i] == '<' && i+1 < len(s) && (letter(s[i+1]) || strings.IndexByte("/!?", s[i+1]) >= 0) {
			b.WriteByte(' ')
		}
	}
	return b.String()
}

func letter(c byte) bool { c |= 0x20; return 'a' <= c && c <= 'z' }
