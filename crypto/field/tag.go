package field

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

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
//	fold, email, digits     transforms of the index, and those of TableConfig, in this order
//	dangerously-few-values  IndexConfig.DangerouslyFewValues
func parseTag(text string, own []Transform) (tag, error) {
	column, rest, _ := strings.Cut(text, ",")
	t := tag{column: column}
	seen := map[string]bool{}
	needsIndex := ""
	for option := range strings.SplitSeq(rest, ",") {
		name, value, hasValue := strings.Cut(option, "=")
		if rest == "" {
			break
		}
		if seen[name] {
			return tag{}, fmt.Errorf("has %q twice", name)
		}
		seen[name] = true
		var ok bool
		switch name {
		case "pad":
			t.pad, ok = number(value)
		case "index":
			t.index.Name, ok = value, value != ""
		case "bits":
			t.index.Bits, ok = number(value)
			needsIndex = name
		case "dangerously-few-values":
			t.index.DangerouslyFewValues, ok = true, !hasValue
			needsIndex = name
		default:
			var tr Transform
			tr, ok = transform(name, own)
			t.index.Transforms, ok = append(t.index.Transforms, tr), ok && !hasValue
			needsIndex = name
		}
		if !ok {
			return tag{}, fmt.Errorf("has the option %q, which is unknown or wrong", option)
		}
	}
	if needsIndex != "" && t.index.Name == "" {
		return tag{}, fmt.Errorf("has %q without an index", needsIndex)
	}
	return t, nil
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

// plan reads the tags of a struct, and records every fault.
func plan(f *conf.Faults, cfg TableConfig, t reflect.Type) (fields []rowField) {
	if t.Kind() != reflect.Struct {
		f.Check(false, "S", t, "must be a struct")
		return nil
	}
	taken := map[string]bool{}
	for _, sf := range reflect.VisibleFields(t) {
		text, ok := sf.Tag.Lookup("enc")
		if !ok || text == "-" {
			continue
		}
		if !sf.IsExported() || behindPointer(t, sf.Index) {
			f.Check(false, sf.Name, nil, "must be exported, and not behind an embedded pointer")
			continue
		}
		p, ok := planField(f, cfg, sf, text)
		if !ok {
			continue
		}
		for _, column := range p.columns() {
			f.Check(!taken[column], sf.Name, column, "must be the column of one field only")
			taken[column] = true
		}
		fields = append(fields, p)
	}
	f.Check(len(taken) > 0 || f.Err() != nil, "S", t, `must have fields with an enc:"column" tag`)
	return fields
}

// behindPointer reports whether a promoted field may not be there.
func behindPointer(t reflect.Type, path []int) bool {
	for _, i := range path[:len(path)-1] {
		if t = t.Field(i).Type; t.Kind() == reflect.Pointer {
			return true
		}
	}
	return false
}

func planField(f *conf.Faults, cfg TableConfig, sf reflect.StructField, text string) (rowField, bool) {
	tag, err := parseTag(text, cfg.Transforms)
	if err != nil {
		f.Check(false, sf.Name, nil, err.Error())
		return rowField{}, false
	}
	checkColumn(f, sf.Name, tag.column)
	f.Check(!isForbidden(sf.Name), sf.Name, nil, forbidden)
	f.Check(tag.pad <= maxPad, sf.Name, tag.pad, "must pad to 65536 at most")
	p := rowField{path: sf.Index, column: tag.column, cell: Bind(cfg.Table, tag.column).Pad(tag.pad)}
	t := sf.Type
	if p.null = t.Kind() == reflect.Pointer; p.null {
		t = t.Elem()
	}
	if p.codec, err = codecFor(t); err != nil {
		f.Check(false, sf.Name, nil, err.Error())
	}
	if tag.index.Name != "" {
		tag.index.Ring, tag.index.Table, tag.index.Column = cfg.Ring, cfg.Table, tag.column
		ix := newIndex(f, sf.Name+".", tag.index, p.codec)
		p.ix, p.beside = &ix, tag.column+"_"+tag.index.Name
	}
	return p, true
}
