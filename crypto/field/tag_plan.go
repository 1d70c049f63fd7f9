package field

import (
	"fmt"
	"reflect"

	"github.com/gopalisade/palisade/internal/conf"
)

// plan reads the tags of a struct, and records every fault.
func plan(f *conf.Faults, cfg TableConfig, t reflect.Type) (fields []rowField) {
	if t.Kind() != reflect.Struct {
		f.Check(false, "S", t, "must be a struct")
		return nil
	}
	checkTransforms(f, cfg.Transforms)
	checkReached(f, t)
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

// checkReached records a fault for every enc tag that [reflect.VisibleFields] does not lead to: nothing would be sealed, and
// nobody would know.
func checkReached(f *conf.Faults, t reflect.Type) {
	r := reach{faults: f, visible: map[string]bool{}, inside: map[reflect.Type]bool{}}
	for _, sf := range reflect.VisibleFields(t) {
		r.visible[fmt.Sprint(sf.Index)] = true
	}
	r.walk(t, nil)
}

type reach struct {
	faults  *conf.Faults
	visible map[string]bool
	inside  map[reflect.Type]bool // embedded in each other
}

func (r *reach) walk(t reflect.Type, path []int) {
	if r.inside[t] {
		return
	}
	r.inside[t] = true
	defer delete(r.inside, t)
	for sf := range t.Fields() {
		at := append(path[:len(path):len(path)], sf.Index...)
		_, tagged := sf.Tag.Lookup("enc")
		inner := sf.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		switch {
		case tagged:
			ok := r.visible[fmt.Sprint(at)] || sf.Tag.Get("enc") == "-"
			r.faults.Check(ok, sf.Name, nil, "is hidden by a field of the same name, and would not be sealed")
		case sf.Anonymous && inner.Kind() == reflect.Struct:
			r.walk(inner, at)
		default:
			r.faults.Check(!holdsTag(sf.Type, map[reflect.Type]bool{}), sf.Name, nil,
				`has fields with enc tags, which are read in embedded structs only: embed it, or give it enc:"-"`)
		}
	}
}

// holdsTag reports whether somewhere in t there is a field that should be sealed.
func holdsTag(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return holdsTag(t.Elem(), seen)
	case reflect.Struct:
		for sf := range t.Fields() {
			text, tagged := sf.Tag.Lookup("enc")
			if tagged && text != "-" || !tagged && holdsTag(sf.Type, seen) {
				return true
			}
		}
	}
	return false
}
