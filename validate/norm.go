package validate

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/gopalisade/palisade/validate/sanitize"
)

// normFunc is one step of a norm tag. A text that it cannot read is a fault with the code.
type normFunc struct {
	name string
	do   func(string) (string, bool)
	code string
}

func always(do func(string) string) func(string) (string, bool) {
	return func(s string) (string, bool) { return do(s), true }
}

// fallible steps leave alone what they do not understand: the rule of the same name tells.
func fallible(do func(string) (string, error)) func(string) (string, bool) {
	return func(s string) (string, bool) {
		out, err := do(s)
		return out, err == nil
	}
}

var norms = map[string]func(string) (string, bool){
	"trim":     always(strings.TrimSpace),
	"collapse": always(collapse),
	"nfc":      always(norm.NFC.String),
	"nfkc":     always(norm.NFKC.String),
	"lower":    always(strings.ToLower),
	"upper":    always(strings.ToUpper),
	"text":     always(sanitize.Text),
	"filename": always(sanitize.Filename),
	"name":     always(sanitize.Name),
	"email":    fallible(sanitize.Email),
	"username": fallible(sanitize.Username),
}

// collapse makes one space of several, and none at the ends.
func collapse(s string) string {
	if !strings.Contains(s, "  ") && !strings.ContainsFunc(s, func(r rune) bool { return r != ' ' && unicode.IsSpace(r) }) {
		return strings.Trim(s, " ")
	}
	return strings.Join(strings.Fields(s), " ")
}

// compileNorm reads a norm tag.
func compileNorm(n *node, tag string) ([]normFunc, error) {
	if tag == "" {
		return nil, nil
	}
	if !n.isText() {
		return nil, fmt.Errorf("needs text, not %v", n.typ)
	}
	var steps []normFunc
	for word := range strings.SplitSeq(tag, ",") {
		name, param, hasParam := strings.Cut(word, "=")
		do, ok := norms[name]
		switch {
		case name == "html":
			policy, ok := sanitize.Profile(param)
			if !ok {
				return nil, fmt.Errorf("html=%s is no profile of package sanitize", param)
			}
			do = fallible(policy.Sanitize)
		case !ok:
			return nil, fmt.Errorf("%q is no step", word)
		case hasParam:
			return nil, errors.New(name + " takes no parameter")
		}
		steps = append(steps, normFunc{name: name, do: do, code: name})
	}
	return steps, nil
}
