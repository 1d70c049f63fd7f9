package validate

import (
	"errors"
	"fmt"
	"net/textproto"
	"reflect"
	"slices"
	"strings"
)

// fieldTag is what the tags of one field say.
type fieldTag struct {
	in         source
	name       string
	whole      bool // body:"json"
	sourced    bool // has a source
	ignored    bool // "-"
	any        bool // has any tag of ours
	comma      bool
	slash      bool
	hasDefault bool
	def        string
	norm       string
	validate   string
	access     string
	options    jsonOptions
}

// jsonOptions are the options of a json tag that matter when a value is written.
type jsonOptions struct{ omitZero, omitEmpty bool }

// readTag reads the tags of a field, or says what is wrong with them.
func readTag(tag reflect.StructTag) (ft fieldTag, fault string) {
	fault = wellFormed(tag)
	var given []string
	for in, key := range [...]string{"json", "query", "path", "header", "form", "body"} {
		text, ok := tag.Lookup(key)
		if !ok {
			continue
		}
		given = append(given, key)
		ft.any, ft.in = true, source(in)
		if text == "-" {
			ft.ignored = true
			continue
		}
		if fault == "" {
			fault = ft.source(key, text)
		}
	}
	ft.norm, ft.validate, ft.access = tag.Get("norm"), tag.Get("validate"), tag.Get("access")
	ft.def, ft.hasDefault = tag.Lookup("default")
	ft.any = ft.any || ft.hasDefault || ft.norm != "" || ft.validate != "" || ft.access != ""
	ft.sourced = len(given) > 0
	switch {
	case fault != "":
	case len(given) > 1 && !(ft.ignored && len(given) == strings.Count(string(tag), `:"-"`)):
		fault = "must have one source, not " + strings.Join(given, " and ")
	case len(given) == 0:
		fault = "needs a source: json, query, path, header, form or body, or json:\"-\""
	case ft.ignored && (ft.hasDefault || ft.norm != "" || ft.validate != "" || ft.access != ""):
		fault = "is left out by \"-\", so its other tags do nothing"
	}
	return ft, fault
}

// source reads one source tag: a name, then options.
func (ft *fieldTag) source(key, text string) string {
	name, rest, hasOptions := strings.Cut(text, ",")
	ft.name = name
	if key == "body" {
		ft.in, ft.name, ft.whole = inBody, "", true
		if text != "json" {
			return `body must be "json"`
		}
		return ""
	}
	switch {
	case name == "-":
		return `has the name "-", which reads like none: choose another`
	case name == "":
		return "needs a name in its " + key + " tag"
	case key == "json" && strings.ContainsAny(name, `'"\`+"`"+``):
		return "must have a name without quotes and backslashes"
	case len(name) > 128 || strings.ContainsFunc(name, func(r rune) bool { return r < 0x20 || r == 0x7f || r == 0xfffd }):
		return "must have a printable name of at most 128 bytes"
	case key == "header":
		ft.name = textproto.CanonicalMIMEHeaderKey(name)
		if !token(name) {
			return "must be the name of a header field (RFC 9110 section 5.6.2)"
		}
	}
	if !hasOptions {
		return ""
	}
	for option := range strings.SplitSeq(rest, ",") {
		switch {
		case key == "json" && option == "omitzero":
			ft.options.omitZero = true
		case key == "json" && option == "omitempty":
			ft.options.omitEmpty = true
		case option == "comma" && (key == "query" || key == "header" || key == "form"):
			ft.comma = true
		case option == "slash" && key == "path":
			ft.slash = true
		default:
			return fmt.Sprintf("has the unknown option %q in its %s tag", option, key)
		}
	}
	return ""
}

func token(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r > 0x7e || r <= ' ' || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	})
}

func validMediaType(s string) bool {
	kind, sub, ok := strings.Cut(s, "/")
	return ok && token(kind) && token(sub) && s == strings.ToLower(s)
}

func validName(s string) bool {
	for i, c := range []byte(s) {
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (i == 0 || c != '_' && c != '-' && (c < '0' || c > '9')) {
			return false
		}
	}
	return s != ""
}

// ruleWord is one rule of a validate tag: a name with a parameter, or several of which one suffices.
type ruleWord struct {
	name, param string
	hasParam    bool
	or          []ruleWord // further alternatives
}

// plain reports whether the word is the name alone.
func (w ruleWord) plain(name string) bool { return w.name == name && !w.hasParam && w.or == nil }

// structural reports whether a name is no rule but says how the others are read.
func structural(name string) bool {
	switch name {
	case "required", "present", "nonzero", "omitempty", "omitzero", "omitnil", "dive", "keys", "endkeys":
		return true
	}
	return isCross(name)
}

// splitRules reads a validate tag: rules separated by commas, alternatives by bars; 0x2C and 0x7C in a parameter stand for
// those two.
func splitRules(tag string) ([]ruleWord, error) {
	if tag == "" || tag == "-" {
		return nil, nil
	}
	var words []ruleWord
	for part := range strings.SplitSeq(tag, ",") {
		var word ruleWord
		for i, alternative := range strings.Split(part, "|") {
			w := ruleWord{}
			w.name, w.param, w.hasParam = strings.Cut(alternative, "=")
			w.param = strings.NewReplacer("0x2C", ",", "0x7C", "|").Replace(w.param)
			if !validName(w.name) {
				return nil, fmt.Errorf("%q is no rule", alternative)
			}
			if i == 0 {
				word = w
			} else {
				word.or = append(word.or, w)
			}
		}
		words = append(words, word)
	}
	return words, nil
}

// takePresence removes the rules in front of a dive that are about whether a value was sent.
func takePresence(words []ruleWord) (rest []ruleWord, required, present bool) {
	dived := false
	for _, w := range words {
		dived = dived || w.plain("dive")
		switch {
		case dived:
		case w.plain("required"):
			required = true
			continue
		case w.plain("present"):
			present = true
			continue
		}
		rest = append(rest, w)
	}
	return rest, required, present
}

// ruleSource is what the tags of a field say about one of its nodes.
type ruleSource struct {
	words    []ruleWord
	norm     string
	required bool
	field    bool // it is a field's own value, not an element
	behind   bool // behind a pointer or Opt, where nil and absent are what may be left out
}

// diveRules are the rules of keys and elements.
type diveRules struct {
	given bool
	keys  []ruleWord
	elem  []ruleWord
	norm  string
}

// dive separates the rules of a collection from those of what is in it.
func (s ruleSource) dive() (ruleSource, diveRules, error) {
	inside := diveRules{norm: s.norm}
	i := slices.IndexFunc(s.words, func(w ruleWord) bool { return w.plain("dive") })
	if i < 0 {
		return s, inside, nil
	}
	inside.given, inside.elem = true, s.words[i+1:]
	s.words = s.words[:i]
	if len(inside.elem) == 0 || inside.elem[0].name != "keys" {
		return s, inside, nil
	}
	end := slices.IndexFunc(inside.elem, func(w ruleWord) bool { return w.name == "endkeys" })
	if end < 0 {
		return s, inside, errors.New("keys has no endkeys")
	}
	inside.keys, inside.elem = inside.elem[1:end], inside.elem[end+1:]
	return s, inside, nil
}
