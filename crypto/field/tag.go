package field

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/gopalisade/palisade/internal/conf"
)

// tag is what stands in a field's `enc:"column,option,…"`.
type tag struct {
	column string
	pad    int
	index  IndexConfig // without a Name there is none
}

// parseTag reads the options, each of them once:
//
//	pad=32                  length of the column's padding block
//	index=eq                an index of this name, in the column "column_eq"
//	bits=20                 of the index
//	population=1000000      IndexConfig.Population
//	fold, email, digits     transforms of the index, and those of TableConfig, in this order
//	dangerously-few-values  IndexConfig.DangerouslyFewValues
func parseTag(text string, own []Transform) (tag, error) {
	column, rest, more := strings.Cut(text, ",")
	t := tag{column: column}
	if strings.ContainsFunc(column, isOdd) {
		return tag{}, fmt.Errorf("has the column %q: white space, quotes and control characters are refused", column)
	}
	seen := map[string]bool{}
	needsIndex := ""
	for option := range strings.SplitSeq(rest, ",") {
		if !more {
			break
		}
		name, value, hasValue := strings.Cut(option, "=")
		if seen[name] {
			return tag{}, fmt.Errorf("has %q twice", name)
		}
		seen[name] = true
		if !t.set(name, value, hasValue, own) {
			return tag{}, fmt.Errorf("has the option %q, which is unknown or wrong", option)
		}
		if name != "pad" && name != "index" {
			needsIndex = name
		}
	}
	if needsIndex != "" && t.index.Name == "" {
		return tag{}, fmt.Errorf("has %q without an index", needsIndex)
	}
	return t, nil
}

func (t *tag) set(option, value string, hasValue bool, own []Transform) (ok bool) {
	switch option {
	case "pad":
		t.pad, ok = number(value)
	case "index":
		t.index.Name, ok = value, value != ""
	case "bits":
		t.index.Bits, ok = number(value)
	case "population":
		t.index.Population, ok = number(value)
	case "dangerously-few-values":
		t.index.DangerouslyFewValues, ok = true, !hasValue
	default:
		var tr Transform
		tr, ok = transform(option, own)
		t.index.Transforms, ok = append(t.index.Transforms, tr), ok && !hasValue
	}
	return ok
}

// isOdd reports what no column is named with on purpose.
func isOdd(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("\"'`;\\", r)
}

func number(s string) (int, bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil && n > 0 && strconv.Itoa(n) == s
}

func transform(name string, own []Transform) (Transform, bool) {
	for _, tr := range append([]Transform{Fold(), Email(), Digits()}, own...) {
		if tr.Name == name {
			return tr, true
		}
	}
	return Transform{}, false
}

// checkTransforms refuses names that tags understand as something else.
func checkTransforms(f *conf.Faults, own []Transform) {
	for i, tr := range own {
		field := fmt.Sprintf("Transforms[%d]", i)
		f.Check(isName(tr.Name) && tr.Map != nil, field, tr.Name, "needs Name and Map")
		f.Check(!strings.ContainsFunc(tr.Name, isOdd) && !strings.ContainsAny(tr.Name, ",="), field, tr.Name,
			"must be one word, for tags")
		_, taken := transform(tr.Name, own[:i])
		switch tr.Name {
		case "pad", "index", "bits", "population", "dangerously-few-values":
			taken = true
		}
		f.Check(!taken, field, tr.Name, "means something else in tags")
	}
}
