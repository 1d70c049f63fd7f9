package validate

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// ourKeys are the keys of a struct tag that mean something here.
var ourKeys = []string{"json", "query", "path", "header", "form", "body", "default", "norm", "validate", "access"}

// otherKeys are those of other validators. Whoever writes one expects it to be obeyed.
var otherKeys = []string{"binding", "valid", "validator"}

// wellFormed reads a struct tag as a whole and says what is wrong with it. Package reflect drops what it does not understand,
// and with it a rule that somebody counts on.
func wellFormed(tag reflect.StructTag) string {
	var seen []string
	rest := strings.Trim(string(tag), " ")
	for rest != "" {
		key, after, ok := strings.Cut(rest, ":")
		if !ok || key == "" || strings.ContainsAny(key, " \"\t") {
			return `has a tag that is not key:"value" key:"value"`
		}
		quoted, err := strconv.QuotedPrefix(after)
		if err != nil || quoted[0] != '"' {
			return `has a tag that is not key:"value" key:"value"`
		}
		rest = after[len(quoted):]
		if rest != "" && rest[0] != ' ' {
			return "has tags without a space between them"
		}
		rest = strings.TrimLeft(rest, " ")
		switch {
		case slices.Contains(seen, key) && slices.Contains(ourKeys, key):
			return "has the tag " + key + " twice"
		case slices.Contains(otherKeys, key):
			return "has the tag " + key + ", which nobody reads here: the rules stand in validate"
		case misspelt(key):
			return "has the tag " + key + ", which is misspelt"
		}
		seen = append(seen, key)
	}
	return ""
}

func misspelt(key string) bool {
	return !slices.Contains(ourKeys, key) && slices.ContainsFunc(ourKeys, func(own string) bool {
		return nearly(strings.ToLower(key), own)
	})
}

// nearly reports whether two names differ by one letter that is wrong, missing, too much, or swapped with its neighbour.
func nearly(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 || len(b) < 4 {
		return a == b
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) < len(b) {
		return a[i:] == b[i+1:]
	}
	swapped := i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
	return i == len(a) || a[i+1:] == b[i+1:] || swapped
}

// taggedInside names a field of a struct whose tags do nothing, because the type reads or writes itself.
func taggedInside(t reflect.Type, keys ...string) string {
	if t.Kind() != reflect.Struct {
		return ""
	}
	for sf := range t.Fields() {
		for _, key := range keys {
			if _, ok := sf.Tag.Lookup(key); ok {
				return sf.Name
			}
		}
	}
	return ""
}
