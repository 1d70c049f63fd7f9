package sanitize

import (
	"slices"
	"strings"
)

// part is a piece of the input: text, or a tag. Comments, declarations and content that nobody is meant to read are none.
type part struct {
	kind       partKind
	name       string // of a tag, in lower case
	start, end int
}

type partKind int

const (
	textPart partKind = iota // with character references
	rawPart                  // text without
	startTag
	endTag
)

// scan cuts s into its parts in linear time. It reads strictly: a "<" begins markup only if an element of that name
// exists and the tag has no fault of syntax, and a comment or an element with content of its own only if it ends.
// Everything else is text that somebody wrote, as in "a<b && c>d" or "<ada@example.com>". Browsers are laxer, which does
// no harm: what is text here is escaped, or taken apart.
func scan(s string) []part {
	c := scanner{s: s}
	for at := 0; at < len(s); {
		next := strings.IndexByte(s[at:], '<')
		if next < 0 {
			break
		}
		at += next
		at += max(1, c.markup(at))
	}
	c.text(len(s))
	return visible(c.parts)
}

type scanner struct {
	s       string
	parts   []part
	done    int      // where the text begins that is in no part yet
	endless []string // what does not end from here on
}

// text makes a part of the text up to there.
func (c *scanner) text(end int) {
	if c.done < end {
		c.parts = append(c.parts, part{textPart, "", c.done, end})
	}
	c.done = end
}

// markup reads what begins at the "<", and returns its length, or 0 if it is text.
func (c *scanner) markup(at int) int {
	rest := c.s[at:]
	if size := c.aside(rest); size > 0 {
		c.text(at)
		c.done = at + size
		return size
	}
	name, size, kind := tag(rest)
	if size == 0 {
		return 0
	}
	if kind == startTag && slices.Contains(rawElements, name) {
		content, end := c.closing(name, rest[size:])
		if end == 0 {
			return 0
		}
		c.text(at)
		switch name {
		case "textarea":
			c.parts = append(c.parts, part{textPart, "", at + size, at + size + content})
		case "xmp":
			c.parts = append(c.parts, part{rawPart, "", at + size, at + size + content})
		}
		c.done = at + size + end
		return size + end
	}
	c.text(at)
	c.done = at + size
	c.parts = append(c.parts, part{kind, name, at, c.done})
	return size
}

// aside returns the length of the comment, declaration or instruction that s begins with, or 0.
func (c *scanner) aside(s string) int {
	switch {
	case strings.HasPrefix(s, "<!--"):
		if slices.Contains(c.endless, "!") {
			return 0
		}
		if size := commentEnd(s); size > 0 {
			return size
		}
		c.endless = append(c.endless, "!")
		return 0
	case len(s) > 9 && strings.EqualFold(s[:9], "<!doctype"), strings.HasPrefix(s, "<!["),
		len(s) > 2 && s[1] == '?' && letter(s[2]):
		if end := strings.IndexAny(s[1:], "<>"); end >= 0 && s[1+end] == '>' {
			return end + 2
		}
	}
	return 0
}

// commentEnd returns the length of the comment (section 13.2.5.43), or 0 if it does not end.
func commentEnd(s string) int {
	for at := len("<!"); ; at++ {
		next := strings.Index(s[at:], "--")
		if next < 0 {
			return 0
		}
		at += next
		if strings.HasPrefix(s[at:], "-->") {
			return at + 3
		}
		if strings.HasPrefix(s[at:], "--!>") && at > len("<!-") {
			return at + 4
		}
	}
}

// rawElements have content in which no tag is one, but their own end.
var rawElements = []string{
	"script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes", "noscript", "plaintext",
}

// closing returns the length of what stands before the end tag, and with it; the latter is 0 if there is none.
func (c *scanner) closing(name, s string) (content, end int) {
	if slices.Contains(c.endless, name) {
		return 0, 0
	}
	for at := 0; ; at += 2 {
		next := strings.Index(s[at:], "</")
		if next < 0 {
			break
		}
		at += next
		behind := at + 2 + len(name)
		if behind >= len(s) || !strings.EqualFold(s[at+2:behind], name) || strings.IndexByte(" \t\n/>", s[behind]) < 0 {
			continue
		}
		last := strings.IndexByte(s[behind:], '>')
		if last < 0 {
			break
		}
		return at, behind + last + 1
	}
	c.endless = append(c.endless, name)
	return 0, 0
}

// visible removes the content of templates, the only hidden element that nests. One that does not end is text.
func visible(parts []part) []part {
	ends := 0
	for i, p := range slices.Backward(parts) {
		switch {
		case p.name != "template":
		case p.kind == endTag:
			ends++
		case ends > 0:
			ends--
		default:
			parts[i].kind, parts[i].name = textPart, ""
		}
	}
	depth := 0
	return slices.DeleteFunc(parts, func(p part) bool {
		hidden := depth > 0
		switch {
		case p.name != "template":
		case p.kind == startTag:
			depth++
			return true
		default:
			depth = max(0, depth-1)
			return true
		}
		return hidden
	})
}
