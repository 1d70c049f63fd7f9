package validate

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	playground "github.com/go-playground/validator/v10"
)

// engine runs the rules of the dialect that we have none of our own for: checksums of books and banks, colours, hashes.
type engine struct{ v *playground.Validate }

func newEngine() *engine { return &engine{playground.New(playground.WithRequiredStructEnabled())} }

// offered are its rules for a text that look at nothing else, each read before it was listed. A new version's new rules are
// not ours before somebody has looked: one that opens a file or asks a name server for what a client sent has no place here.
var offered = strings.Fields(`
	iscolor hexcolor rgb rgba hsl hsla cmyk alphaspace alphanumspace alphaunicode alphanumunicode multibyte
	base32 datauri html html_encoded url_encoded jwt origin urn_rfc2141 urn_rfc8141 hostname_label dns_rfc1035_label
	isbn isbn10 isbn13 issn ean ean8 ean13 ssn ein luhn_checksum bic bic_iso_9362_2014 cve spicedb mongodb
	eth_addr eth_addr_checksum btc_addr btc_addr_bech32
	md4 md5 sha256 sha384 sha512 ripemd128 ripemd160 tiger128 tiger160 tiger192
	uuid3_rfc4122 uuid4_rfc4122 uuid5_rfc4122 country_code eu_country_code iso3166_1_alpha2_eu iso3166_1_alpha3_eu
	iso3166_1_alpha_numeric iso3166_1_alpha_numeric_eu iso3166_2 iso4217_numeric bcp47_strict_language_tag
`)

// parametric are those that need a parameter.
var parametric = strings.Fields("containsrune excludesrune startsnotwith endsnotwith noneofci postcode_iso3166_alpha2")

// refused are names of the dialect that people will look for, and why they are not here.
var refused = map[string]string{
	"uri":           "accepts //host and relative text: use url, or relpath for a redirect",
	"structonly":    "leaves the inside of a struct unchecked",
	"nostructlevel": "leaves the inside of a struct unchecked",
	"isdefault":     "accepts only nothing: leave the field out, or say access:\"write=-\"",
	"datetime":      "takes Go's layouts, whose names no client knows: use date, time, timestamp, or time.Time",
	"timezone":      "opens files by the name that a client sent",
	"file":          "asks the file system for what a client sent",
	"dir":           "asks the file system for what a client sent",
	"image":         "asks the file system for what a client sent",
	"tcp_addr":      "asks a name server for what a client sent",
	"fieldcontains": "compares with another field in a way that has no name here: give the type a Validate method",
	"eqcsfield":     "compares with a field elsewhere: give the type a Validate method",
}

// has reports whether a name is a rule of the dialect that is offered here.
func (e *engine) has(name string) bool {
	return name == "unique" || slices.Contains(offered, name) || slices.Contains(parametric, name)
}

// compile tries the rule on an empty value, so that what would panic on a request does so here.
func (e *engine) compile(n *node, w ruleWord) (func(reflect.Value) bool, error) {
	switch reason, ok := refused[w.name]; {
	case ok:
		return nil, errors.New(reason)
	case !e.has(w.name):
		return nil, errors.New("is no rule here")
	case slices.Contains(parametric, w.name) == (w.param == "") && w.name != "unique":
		return nil, errors.New("takes a parameter, or none where it has one")
	case w.name == "unique":
		return e.unique(n, w)
	case !n.isText():
		return nil, fmt.Errorf("needs text, not %v", n.typ)
	}
	return e.try(w, "")
}

// unique compares what can be compared by value: scalars, or structs by a field that is one.
func (e *engine) unique(n *node, w ruleWord) (func(reflect.Value) bool, error) {
	if n.kind != kindSlice && n.kind != kindArray && n.kind != kindMap {
		return nil, fmt.Errorf("does not fit %v", n.typ)
	}
	elem := n.elem.value()
	if w.hasParam {
		i := -1
		if elem.kind == kindStruct {
			i = slices.IndexFunc(elem.obj.fields, func(f field) bool { return f.goName == w.param })
		}
		if i < 0 {
			return nil, fmt.Errorf("%v has no field %s", elem.typ, w.param)
		}
		elem = elem.obj.fields[i].node
	}
	if elem.kind > kindText || elem.kind == kindBytes {
		return nil, fmt.Errorf("cannot compare %v: name a field that is text, a number or a bool", elem.typ)
	}
	sample := reflect.Zero(n.typ)
	if n.kind == kindSlice { // an empty one would not show what cannot be compared
		sample = reflect.MakeSlice(n.typ, 2, 2)
	}
	if n.elem.kind == kindPointer { // nor would nil
		sample = reflect.Zero(n.typ)
	}
	return e.try(w, sample.Interface())
}

// try returns the check for one word, or the panic that it ends in for the value.
func (e *engine) try(w ruleWord, value any) (run func(reflect.Value) bool, err error) {
	tag := w.name
	if w.hasParam {
		tag += "=" + strings.NewReplacer(",", "0x2C", "|", "0x7C").Replace(w.param)
	}
	defer func() {
		if recover() != nil {
			err = errors.New("the parameter does not fit")
		}
	}()
	_ = e.v.Var(value, tag)
	return func(v reflect.Value) (ok bool) {
		defer func() {
			if recover() != nil {
				ok = false // what cannot be judged does not pass
			}
		}()
		return e.v.Var(v.Interface(), tag) == nil
	}, nil
}
