package validate

import (
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// constraints writes the rules of a node, and names those that the keywords do not tell in full.
func (w *schemaWriter) constraints(n *node) (keywords, []string) {
	var d draft
	var notes []string
	for i := range n.rules {
		s, exact := w.rule(n, &n.rules[i])
		kept := n.sound(s)
		d.merge(kept)
		if !exact || len(kept) < len(s) {
			notes = append(notes, n.note(n.rules[i].words))
		}
	}
	if n.required && n.textual() && !d.s.has("minLength") && !d.s.has("enum") && !d.s.has("const") {
		d.s.set("minLength", 1) // no step makes something of nothing
	}
	return d.finish(), notes
}

// note spells a rule as its tag does.
func (n *node) note(words []ruleWord) string {
	parts := make([]string, len(words))
	for i, w := range words {
		parts[i] = w.name
		if w.hasParam {
			parts[i] += "=" + w.param
		} else if _, ok := compared[w.name]; ok {
			parts[i] += "=now"
		}
	}
	return strings.Join(parts, "|")
}

// sound keeps what holds for a text as it was sent, too. The rules judge it after its norm steps: after lower it is as long
// as before, after trim not longer, and after the others it may be anything.
func (n *node) sound(s keywords) keywords {
	if len(n.norm) == 0 {
		return s
	}
	length, shorter := true, !n.omit || n.required // what becomes nothing, omitempty lets pass
	for _, step := range n.norm {
		switch step.name {
		case "lower", "upper":
		case "trim", "collapse":
			length = false
		default:
			length, shorter = false, false
		}
	}
	return slices.DeleteFunc(slices.Clone(s), func(word keyword) bool {
		return !(word.name == "minLength" && shorter || word.name == "maxLength" && length)
	})
}

// rule writes a rule, alternatives and all. exact is false where it says more than the keywords.
func (w *schemaWriter) rule(n *node, r *rule) (s keywords, exact bool) {
	if len(r.words) == 1 {
		return w.word(n, r.words[0])
	}
	exact = true
	var either []keywords
	for _, word := range r.words {
		s, all := w.word(n, word)
		if len(s) == 0 {
			return nil, false
		}
		either, exact = append(either, s), exact && all
	}
	return keywords{{"anyOf", either}}, exact
}

func (w *schemaWriter) word(n *node, word ruleWord) (s keywords, exact bool) {
	if own, ok := w.plan.cfg.Rules[word.name]; ok {
		pattern, ok := ecmaPattern(own.pattern)
		if own.pattern == "" || !ok {
			return nil, false
		}
		return keywords{{"pattern", pattern}}, true
	}
	if _, ok := compared[word.name]; ok {
		return n.comparisonKeywords(word)
	}
	if f, ok := formatKeywords[word.name]; ok {
		return f.s, !f.laxer
	}
	switch word.name {
	case "oneof", "noneof":
		return n.listKeywords(word)
	case "minbytes", "maxbytes":
		return byteKeywords(word), false
	case "unique":
		return n.uniqueKeywords(word)
	}
	return textKeywords(word)
}

// comparisonKeywords writes the rules that compare with a number.
func (n *node) comparisonKeywords(w ruleWord) (keywords, bool) {
	equal := w.name == "eq" || w.name == "ne"
	switch n.kind {
	case kindBool:
		want, _ := strconv.ParseBool(w.param)
		return keywords{{"const", want == (w.name == "eq")}}, true
	case kindInt, kindUint, kindFloat:
		return n.numberKeywords(w)
	case kindString, kindSecret:
		if equal {
			return unless(w.name == "ne", keywords{{"const", w.param}}), true
		}
		return countKeywords(w, "minLength", "maxLength", func(n int) int { return n }), true
	case kindBytes:
		if w.name == "ne" {
			return nil, false
		}
		return countKeywords(w, "minLength", "maxLength", func(n int) int { return (n + 2) / 3 * 4 }), false
	case kindSlice, kindArray:
		return countKeywords(w, "minItems", "maxItems", func(n int) int { return n }), true
	case kindMap:
		return countKeywords(w, "minProperties", "maxProperties", func(n int) int { return n }), true
	}
	return nil, false // a time, compared with now
}

func unless(not bool, s keywords) keywords {
	if not {
		return keywords{{"not", s}}
	}
	return s
}

var numberKeyword = map[string]string{
	"min": "minimum", "gte": "minimum", "max": "maximum", "lte": "maximum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum",
	"len": "const", "eq": "const", "ne": "const",
}

// numberKeywords compares with the number of a tag. A float32 is rounded before it is compared, so that a number beyond a
// limit may pass; only what is more than a limit after rounding was so before.
func (n *node) numberKeywords(w ruleWord) (keywords, bool) {
	var limit any
	switch n.kind {
	case kindInt:
		i, err := strconv.ParseInt(w.param, 10, 64)
		if err != nil {
			d, _ := time.ParseDuration(w.param)
			i = int64(d)
		}
		limit = i
	case kindUint:
		limit, _ = strconv.ParseUint(w.param, 10, 64)
	default:
		if n.bits == 32 && w.name != "gt" && w.name != "lt" {
			return nil, false
		}
		f, _ := strconv.ParseFloat(w.param, 64)
		limit = jsontext.Value(strconv.FormatFloat(f, 'g', -1, 64))
	}
	return unless(w.name == "ne", keywords{{numberKeyword[w.name], limit}}), true
}

// countKeywords writes a rule about a number of characters or elements, of which each count has its size on the wire.
func countKeywords(w ruleWord, least, most string, size func(int) int) keywords {
	limit, _ := strconv.Atoi(w.param)
	switch w.name {
	case "min", "gte":
		return keywords{{least, size(limit)}}
	case "gt":
		return keywords{{least, size(limit + 1)}}
	case "max", "lte":
		return keywords{{most, size(limit)}}
	case "lt":
		if limit == 0 {
			return keywords{{"not", keywords{}}} // nothing is shorter than nothing
		}
		return keywords{{most, size(limit - 1)}}
	}
	return unless(w.name == "ne", keywords{{least, size(limit)}, {most, size(limit)}})
}

// byteKeywords bounds the characters by the bytes: each has one to four.
func byteKeywords(w ruleWord) keywords {
	limit, _ := strconv.Atoi(w.param)
	if w.name == "minbytes" {
		return keywords{{"minLength", (limit + 3) / 4}}
	}
	return keywords{{"maxLength", limit}}
}

// listKeywords writes a list of values. Numbers are compared as texts, so that 01 in a list is no 1.
func (n *node) listKeywords(w ruleWord) (keywords, bool) {
	words, _ := splitList(w.param)
	var values []any
	for _, word := range words {
		var value any = word
		switch n.kind {
		case kindInt:
			value, _ = strconv.ParseInt(word, 10, 64)
		case kindUint:
			value, _ = strconv.ParseUint(word, 10, 64)
		}
		same := n.isText() || string(render(value)) == word
		if !slices.Contains(values, value) && (same || w.name == "oneof") {
			values = append(values, value)
		}
	}
	if len(values) == 0 {
		return nil, false
	}
	return unless(w.name == "noneof", keywords{{"enum", values}}), true
}

// uniqueKeywords is for elements that are equal in Go where they are equal in JSON. Pointers are not, and a time.Time holds
// one.
func (n *node) uniqueKeywords(w ruleWord) (keywords, bool) {
	if n.kind == kindMap || w.hasParam || n.elem.kind > kindString {
		return nil, false
	}
	return keywords{{"uniqueItems", true}}, true
}

// textKeywords writes the rules that look for one text in another.
func textKeywords(w ruleWord) (keywords, bool) {
	literal := regexp.QuoteMeta(w.param)
	switch w.name {
	case "contains":
		return keywords{{"pattern", literal}}, true
	case "startswith":
		return keywords{{"pattern", "^" + literal}}, true
	case "endswith":
		return keywords{{"pattern", literal + "$"}}, true
	case "excludes":
		return keywords{{"not", keywords{{"pattern", literal}}}}, true
	}
	return nil, false
}

// cross writes the rules about several members, as far as a caller with any permission must keep them. The notes are by
// field.
func (w *schemaWriter) cross(o *object, in source) (s keywords, notes map[int][]string) {
	notes = map[int][]string{}
	dependent := map[string][]string{}
	var either []keywords
	for i := range o.cross {
		r := &o.cross[i]
		f := &o.fields[r.field]
		here := !f.write.limited && !slices.ContainsFunc(r.others, func(k int) bool { return o.fields[k].in != in })
		filled := !slices.ContainsFunc(r.others, func(k int) bool { return !o.fields[k].filledWhereSent() })
		names, _ := r.params["fields"].([]string)
		switch {
		case f.in != in:
			continue
		case here && filled && (r.code == "required_with" || r.code == "required_with_all" && len(names) == 1):
			for _, name := range names {
				dependent[name] = append(dependent[name], f.name)
			}
			continue
		case here && r.code == "required_without_all", here && r.code == "required_without" && len(names) == 1:
			one := []keywords{{{"required", []string{f.name}}}}
			for _, name := range names {
				one = append(one, keywords{{"required", []string{name}}})
			}
			either = append(either, keywords{{"anyOf", one}})
		}
		notes[r.field] = append(notes[r.field], r.note(names))
	}
	if len(dependent) > 0 {
		s.set("dependentRequired", dependent)
	}
	if len(either) > 0 {
		s.set("allOf", either)
	}
	return s, notes
}

// note names the rule and the fields that it looks at, by their names on the wire.
func (r *crossRule) note(names []string) string {
	if name, ok := r.params["field"].(string); ok {
		names = []string{name}
	}
	return r.code + " " + strings.Join(names, " ")
}

// filledWhereSent reports whether a member that is there counts as filled, which nulls and empty texts do not.
func (f *field) filledWhereSent() bool {
	n := f.node.value()
	return (n == f.node || f.required) && (n.required || !n.empty(reflect.Zero(n.typ)) ||
		n.kind == kindSlice || n.kind == kindMap) // [] and {} are something
}
