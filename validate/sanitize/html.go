package sanitize

import (
	"strings"

	"github.com/microcosm-cc/bluemonday"
)

// HTML removes from markup everything that its profile does not name. No profile allows scripts, styles, event
// handlers, forms, frames, foreign content, id or name (which clobber properties of the page's document), or class,
// except language-… on code. Every link is marked rel="nofollow noopener noreferrer ugc". The zero value allows no
// element at all.
//
// What is no element of HTML, SVG or MathML, breaks their syntax, or has no end, is text and stays, escaped: "a<b && c>d",
// "<ada@example.com>", and "<script>" in a question about it. Custom elements (<my-name>) are elements, and go.
type HTML struct{ p *policy }

type policy struct {
	elements map[string]*element
	gate     *bluemonday.Policy
	cfg      HTMLConfig
}

// Sanitize returns s with only what the profile allows, balanced, so that nothing of it reaches beyond the element that
// it is put into. It is a fixed point: sanitising the result changes nothing.
//
// Text that is too long going in or coming out is [ErrTooLong] and an empty string: half a text that somebody wrote,
// stored without a word, is worse for a caller than a refusal, and no error goes unseen where it is one of two results.
func (h HTML) Sanitize(s string) (string, error) {
	p := h.p
	if p == nil {
		p = nonePolicy()
	}
	if len(s) > p.cfg.MaxInput {
		return "", &Error{ErrTooLong, "the input exceeds MaxInput"}
	}
	s = printable(s)
	if !strings.ContainsAny(s, `<>&"`) && len(s) <= p.cfg.MaxOutput { // most of what people write
		return s, nil
	}
	// Two gates, neither trusting the other: ours builds a balanced tree and judges links, the library's judges the result.
	w := weaver{policy: p}
	w.weave(s)
	if w.over {
		return "", &Error{ErrTooLong, "the output exceeds MaxOutput"}
	}
	out := p.gate.Sanitize(w.out.String())
	// Values stand in double quotes, so an apostrophe need not be escaped; an escaped one tempts callers to unescape all.
	return strings.ReplaceAll(out, "&#39;", "'"), nil
}

// compile builds the library's policy from the same table that the weaver reads.
func compile(elements map[string]*element, cfg HTMLConfig) *policy {
	gate := bluemonday.NewPolicy()
	gate.RequireParseableURLs(true)
	gate.AllowURLSchemes("http", "https", "mailto")
	gate.AllowRelativeURLs(cfg.RelativeLinks)
	for name, e := range elements {
		if e.requires == "" {
			gate.AllowElements(name)
			gate.AllowNoAttrs().OnElements(name)
		}
		for _, a := range e.attributes {
			if a.pattern == nil {
				gate.AllowAttrs(a.name).OnElements(name)
			} else {
				gate.AllowAttrs(a.name).Matching(a.pattern).OnElements(name)
			}
		}
	}
	return &policy{elements: elements, gate: gate, cfg: cfg}
}
