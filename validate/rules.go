package validate

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// rule is one compiled rule of a node.
type rule struct {
	code   string
	params map[string]any // the rule's own limits; shared, never changed
	ok     func(reflect.Value) bool
	costly bool // runs only where the others passed
	words  []ruleWord
}

// rules compiles the words of a validate tag for n.
func (c *compiler) rules(n *node, src ruleSource, where string) {
	n.required = src.required
	for _, w := range src.words {
		switch {
		case w.plain("required"):
			n.required = true
		case w.plain("nonzero"):
			n.rules = append(n.rules, rule{code: CodeRequired, ok: func(v reflect.Value) bool { return !v.IsZero() }})
		case w.plain("omitempty"), w.plain("omitzero"):
			n.omit = !src.behind
		case w.plain("omitnil"): // nil is skipped anyway
		case isCross(w.name) && src.field && w.or == nil:
			n.crossWords = append(n.crossWords, w) // its object compiles them
		default:
			r, err := c.rule(n, w)
			if err != nil {
				c.fault(where, "validate: %s: %v", w.name, err)
				continue
			}
			n.rules = append(n.rules, r)
			n.limitElements(w)
		}
	}
	slices.SortStableFunc(n.rules, func(a, b rule) int {
		return boolInt(a.costly) - boolInt(b.costly)
	})
	// Normalising a slice of texts is normalising its elements.
	if n.kind != kindSlice && n.kind != kindArray && n.kind != kindMap && n.kind != kindStruct {
		var err error
		if n.norm, err = compileNorm(n, src.norm); err != nil {
			c.fault(where, "norm: %v", err)
		}
	} else if src.norm != "" && n.kind == kindStruct {
		c.fault(where, "norm: needs text")
	}
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// limitElements remembers how many elements the rules allow, so that decoding stops behind them.
func (n *node) limitElements(w ruleWord) {
	if n.kind != kindSlice && n.kind != kindMap || w.or != nil {
		return
	}
	if limit, err := strconv.Atoi(w.param); err == nil && w.bounds(limit) && (n.max < 0 || limit < n.max) {
		n.max = limit
	}
}

// bounds reports whether the rule allows at most so many elements.
func (w ruleWord) bounds(elements int) bool {
	return (w.name == "max" || w.name == "len" || w.name == "lte" || w.name == "eq") && w.param == strconv.Itoa(elements)
}

// rule compiles one word and its alternatives.
func (c *compiler) rule(n *node, w ruleWord) (rule, error) {
	r, err := c.single(n, w)
	if err != nil || w.or == nil {
		return r, err
	}
	checks := []func(reflect.Value) bool{r.ok}
	r.params = maps.Clone(r.params)
	for _, other := range w.or {
		o, err := c.single(n, other)
		if err != nil {
			return r, fmt.Errorf("%s: %w", other.name, err)
		}
		checks = append(checks, o.ok)
		r.code += "|" + o.code
		r.costly = r.costly || o.costly
		r.words = append(r.words, o.words...)
		if r.params == nil {
			r.params = map[string]any{}
		}
		maps.Copy(r.params, o.params)
	}
	r.ok = func(v reflect.Value) bool {
		return slices.ContainsFunc(checks, func(ok func(reflect.Value) bool) bool { return ok(v) })
	}
	return r, nil
}

func (c *compiler) single(n *node, w ruleWord) (rule, error) {
	r := rule{code: w.name, words: []ruleWord{{name: w.name, param: w.param, hasParam: w.hasParam}}}
	switch {
	case w.name == "dive", w.name == "keys", w.name == "endkeys":
		return r, errors.New("stands behind dive, or is one, without parameter and alternative")
	case isCross(w.name):
		return r, errors.New("stands alone, at a field and not at its elements")
	case structural(w.name):
		return r, errors.New("stands alone: it takes no parameter and no alternative")
	}
	var err error
	if own, ok := c.cfg.Rules[w.name]; ok && own.compile != nil {
		r.params = own.params
		if w.hasParam && own.params == nil {
			r.params = map[string]any{w.name: w.param}
		}
		r.ok, err = own.compile(n.subject(), w.param)
		r.costly = true // whatever it does, it does it to what the other rules let through
		return r, err
	}
	if build, ok := builtin(w.name); ok {
		r.ok, r.params, err = build(n, w)
		return r, err
	}
	r.ok, err = c.engine.compile(n, w)
	r.costly = true
	if w.hasParam {
		r.params = map[string]any{w.name: w.param}
	}
	return r, err
}

// subject is the type that rules see: of a secret its text.
func (n *node) subject() reflect.Type {
	if n.kind == kindSecret {
		return reflect.TypeFor[string]()
	}
	return n.typ
}

func (n *node) isText() bool { return n.kind == kindString || n.kind == kindSecret }

// builder compiles a built-in rule for a node.
type builder func(n *node, w ruleWord) (func(reflect.Value) bool, map[string]any, error)

// builtin finds a rule of our own.
func builtin(name string) (builder, bool) {
	if b, ok := compared[name]; ok {
		return func(n *node, w ruleWord) (func(reflect.Value) bool, map[string]any, error) { return b.build(n, w) }, true
	}
	if ok, found := textFormats[name]; found {
		return func(n *node, w ruleWord) (func(reflect.Value) bool, map[string]any, error) {
			if !n.isText() {
				return nil, nil, fmt.Errorf("needs text, not %v", n.typ)
			}
			if w.hasParam {
				return nil, nil, errors.New("takes no parameter")
			}
			return func(v reflect.Value) bool { return ok(v.String()) }, nil, nil
		}, true
	}
	b, ok := builders[name]
	return b, ok
}

var builders = map[string]builder{
	"oneof": buildOneOf, "oneofci": buildOneOf, "noneof": buildOneOf, "minbytes": buildBytes, "maxbytes": buildBytes,
	"contains": textWith(strings.Contains), "excludes": textWith(func(s, sub string) bool { return !strings.Contains(s, sub) }),
	"startswith": textWith(strings.HasPrefix), "endswith": textWith(strings.HasSuffix),
	"containsany":    textWith(strings.ContainsAny),
	"excludesall":    textWith(func(s, chars string) bool { return !strings.ContainsAny(s, chars) }),
	"eq_ignore_case": textWith(strings.EqualFold),
	"ne_ignore_case": textWith(func(s, t string) bool { return !strings.EqualFold(s, t) }),
}

// textWith builds a rule that compares a text with its parameter.
func textWith(ok func(s, param string) bool) builder {
	return func(n *node, w ruleWord) (func(reflect.Value) bool, map[string]any, error) {
		if !n.isText() || w.param == "" {
			return nil, nil, errors.New("needs text and a parameter")
		}
		return func(v reflect.Value) bool { return ok(v.String(), w.param) }, map[string]any{w.name: w.param}, nil
	}
}

// buildOneOf compares with a list, "a b 'c d'".
func buildOneOf(n *node, w ruleWord) (func(reflect.Value) bool, map[string]any, error) {
	values, err := splitList(w.param)
	if err != nil || len(values) == 0 {
		return nil, nil, errors.New("needs a list such as a b 'c d'")
	}
	params := map[string]any{w.name: values}
	in := func(s string) bool { return slices.Contains(values, s) }
	if w.name == "oneofci" {
		in = func(s string) bool {
			return slices.ContainsFunc(values, func(v string) bool { return strings.EqualFold(s, v) })
		}
	}
	if w.name == "noneof" {
		in = func(s string) bool { return !slices.Contains(values, s) }
	}
	switch {
	case n.isText():
		return func(v reflect.Value) bool { return in(v.String()) }, params, nil
	case n.kind == kindInt:
		for _, s := range values {
			if _, err := strconv.ParseInt(s, 10, n.bits); err != nil {
				return nil, nil, wrong(err, n)
			}
		}
		return func(v reflect.Value) bool { return in(strconv.FormatInt(v.Int(), 10)) }, params, nil
	case n.kind == kindUint:
		for _, s := range values {
			if _, err := strconv.ParseUint(s, 10, n.bits); err != nil {
				return nil, nil, wrong(err, n)
			}
		}
		return func(v reflect.Value) bool { return in(strconv.FormatUint(v.Uint(), 10)) }, params, nil
	}
	return nil, nil, fmt.Errorf("needs text or whole numbers, not %v", n.typ)
}

// splitList separates words by spaces; quotes hold one together.
func splitList(s string) ([]string, error) {
	var words []string
	for s = strings.TrimLeft(s, " "); s != ""; s = strings.TrimLeft(s, " ") {
		end, quoted := " ", s[0] == '\''
		if quoted {
			s, end = s[1:], "'"
		}
		word, rest, closed := strings.Cut(s, end)
		if quoted && !closed {
			return nil, errors.New("a quote is not closed")
		}
		words = append(words, word)
		s = rest
	}
	return words, nil
}

// buildBytes counts bytes, where min and max count characters.
func buildBytes(n *node, w ruleWord) (func(reflect.Value) bool, map[string]any, error) {
	if !n.isText() {
		return nil, nil, fmt.Errorf("needs text, not %v", n.typ)
	}
	limit, err := strconv.ParseUint(w.param, 10, 31)
	return func(v reflect.Value) bool {
		return v.Len() >= int(limit) == (w.name == "minbytes") || v.Len() == int(limit)
	}, map[string]any{w.name: limit, "unit": "bytes"}, wrong(err, n)
}
