package validate

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gopalisade/palisade/crypto/secret"
)

// crossRule concerns a field and its siblings, by whose Go names the dialect calls them.
type crossRule struct {
	field  int
	others []int
	code   string
	params map[string]any

	conditional bool // asks whether the field was sent, which a caller who may not write it cannot
	ok          func(o *object, v reflect.Value, sent *bits) bool
}

// Whether a sibling makes the field required or excluded.
var conditions = map[string]struct {
	required bool // or excluded
	if_      func(o *object, v reflect.Value, sent *bits, others []int, equal []func(reflect.Value) bool) bool
}{
	"required_if":          {true, allEqual},
	"required_unless":      {true, notAllEqual},
	"required_with":        {true, anySent},
	"required_with_all":    {true, allSent},
	"required_without":     {true, anyMissing},
	"required_without_all": {true, allMissing},
	"excluded_if":          {false, allEqual},
	"excluded_unless":      {false, notAllEqual},
	"excluded_with":        {false, anySent},
	"excluded_with_all":    {false, allSent},
	"excluded_without":     {false, anyMissing},
	"excluded_without_all": {false, allMissing},
}

// fieldOrders compare two fields.
var fieldOrders = map[string]func(order int) bool{
	"eqfield": func(o int) bool { return o == 0 }, "nefield": func(o int) bool { return o != 0 },
	"gtfield": func(o int) bool { return o > 0 }, "gtefield": func(o int) bool { return o >= 0 },
	"ltfield": func(o int) bool { return o < 0 }, "ltefield": func(o int) bool { return o <= 0 },
}

func isCross(name string) bool {
	return conditions[name].if_ != nil || fieldOrders[name] != nil
}

func (c *compiler) crossRules(o *object, i int, where string) {
	f := &o.fields[i]
	for _, w := range f.node.value().crossWords {
		r, err := compileCross(o, i, w)
		if err != nil {
			c.fault(where+"."+f.goName, "validate: %s: %v", w.name, err)
			continue
		}
		o.cross = append(o.cross, r)
	}
}

func compileCross(o *object, i int, w ruleWord) (crossRule, error) {
	r := crossRule{field: i, code: w.name}
	words, err := splitList(w.param)
	if err != nil || len(words) == 0 || w.or != nil {
		return r, errors.New("needs the Go name of a sibling, and stands alone")
	}
	if holds, ok := fieldOrders[w.name]; ok {
		return compileOrder(o, r, words, holds)
	}
	return compileCondition(o, r, w, words)
}

func sibling(o *object, self int, goName string) (int, error) {
	i := slices.IndexFunc(o.fields, func(f field) bool { return f.goName == goName })
	if i < 0 {
		return 0, fmt.Errorf("%s has no field %s", o.typ, goName)
	}
	if i == self {
		return 0, errors.New("compares a field with itself")
	}
	return i, nil
}

func compileOrder(o *object, r crossRule, words []string, holds func(int) bool) (crossRule, error) {
	if len(words) != 1 {
		return r, errors.New("compares with one sibling")
	}
	other, err := sibling(o, r.field, words[0])
	if err != nil {
		return r, err
	}
	a, b := o.fields[r.field].node.value(), o.fields[other].node.value()
	order := orderOf(a, b, r.code == "eqfield" || r.code == "nefield")
	if order == nil {
		return r, fmt.Errorf("cannot compare %v with %v", a.typ, b.typ)
	}
	r.others = []int{other}
	r.params = map[string]any{"field": o.fields[other].name}
	r.ok = func(o *object, v reflect.Value, sent *bits) bool {
		if a.omit && !o.filled(r.field, v, sent) {
			return true
		}
		x, okX := o.fields[r.field].deref(v)
		y, okY := o.fields[other].deref(v)
		return okX && okY && holds(order(x, y)) || !okX
	}
	return r, nil
}

// deref returns the field's value behind pointers and Opt, and whether there is one.
func (f *field) deref(v reflect.Value) (reflect.Value, bool) {
	v = f.of(v)
	for n := f.node; ; n = n.elem {
		switch n.kind {
		case kindPointer:
			if v.IsNil() {
				return v, false
			}
			v = v.Elem()
		case kindOpt:
			o := v.Addr().Interface().(optional)
			if o.absent() {
				return v, false
			}
			v = reflect.ValueOf(o.target()).Elem()
		default:
			return v, true
		}
	}
}

// orderOf returns a comparison, or nil. Texts are only equal or not: the dialect compares their lengths, which nobody means.
func orderOf(a, b *node, equal bool) func(x, y reflect.Value) int {
	switch {
	case a.kind == kindInt && b.kind == kindInt:
		return func(x, y reflect.Value) int { return compare(x.Int(), y.Int()) }
	case a.kind == kindUint && b.kind == kindUint:
		return func(x, y reflect.Value) int { return compare(x.Uint(), y.Uint()) }
	case a.kind == kindFloat && b.kind == kindFloat:
		return func(x, y reflect.Value) int { return compare(x.Float(), y.Float()) }
	case a.kind == kindBool && b.kind == kindBool:
		return func(x, y reflect.Value) int { return boolInt(x.Bool()) - boolInt(y.Bool()) }
	case a.kind == kindString && b.kind == kindString && equal:
		return func(x, y reflect.Value) int { return strings.Compare(x.String(), y.String()) }
	case a.kind == kindSecret && b.kind == kindSecret && equal:
		return func(x, y reflect.Value) int { return strings.Compare(revealed(x), revealed(y)) }
	case a.typ == b.typ && a.typ == reflect.TypeFor[time.Time]():
		return func(x, y reflect.Value) int { return x.Interface().(time.Time).Compare(y.Interface().(time.Time)) }
	}
	return nil
}

func revealed(v reflect.Value) string {
	text, _ := v.Interface().(secret.Any).RevealText()
	return text
}

func compileCondition(o *object, r crossRule, w ruleWord, words []string) (crossRule, error) {
	cond := conditions[w.name]
	r.conditional = true
	var equal []func(reflect.Value) bool
	step := 1
	if strings.HasSuffix(w.name, "_if") || strings.HasSuffix(w.name, "_unless") {
		step = 2
	}
	if len(words)%step != 0 {
		return r, errors.New("needs pairs of a sibling and a value")
	}
	names := []string{}
	for k := 0; k < len(words); k += step {
		other, err := sibling(o, r.field, words[k])
		if err != nil {
			return r, err
		}
		if step == 2 {
			eq, err := equals(o.fields[other].node.value(), words[k+1])
			if err != nil {
				return r, err
			}
			equal = append(equal, eq)
		}
		r.others = append(r.others, other)
		names = append(names, o.fields[other].name)
	}
	r.params = map[string]any{"fields": names}
	r.ok = func(o *object, v reflect.Value, sent *bits) bool {
		return !cond.if_(o, v, sent, r.others, equal) || cond.required == o.filled(r.field, v, sent)
	}
	return r, nil
}

// equals compiles a comparison with a value that a tag spells.
func equals(n *node, text string) (func(reflect.Value) bool, error) {
	switch n.kind {
	case kindString:
		return func(v reflect.Value) bool { return v.String() == text }, nil
	case kindInt:
		want, err := strconv.ParseInt(text, 10, n.bits)
		return func(v reflect.Value) bool { return v.Int() == want }, wrong(err, n)
	case kindUint:
		want, err := strconv.ParseUint(text, 10, n.bits)
		return func(v reflect.Value) bool { return v.Uint() == want }, wrong(err, n)
	case kindBool:
		want, err := strconv.ParseBool(text)
		return func(v reflect.Value) bool { return v.Bool() == want }, wrong(err, n)
	}
	return nil, fmt.Errorf("cannot compare %v with a word", n.typ)
}

// filled reports whether a field was sent with something in it: a text that is not empty, anything else that is not null.
func (o *object) filled(i int, v reflect.Value, sent *bits) bool {
	value, ok := o.fields[i].deref(v)
	return ok && sent.has(i) && !o.fields[i].node.value().empty(value)
}

func allEqual(o *object, v reflect.Value, _ *bits, others []int, equal []func(reflect.Value) bool) bool {
	for k, i := range others {
		if value, ok := o.fields[i].deref(v); !ok || !equal[k](value) {
			return false
		}
	}
	return true
}

func notAllEqual(o *object, v reflect.Value, sent *bits, others []int, equal []func(reflect.Value) bool) bool {
	return !allEqual(o, v, sent, others, equal)
}

func anySent(o *object, v reflect.Value, sent *bits, others []int, _ []func(reflect.Value) bool) bool {
	return slices.ContainsFunc(others, func(i int) bool { return o.filled(i, v, sent) })
}

func allSent(o *object, v reflect.Value, sent *bits, others []int, equal []func(reflect.Value) bool) bool {
	return !anyMissing(o, v, sent, others, equal)
}

func anyMissing(o *object, v reflect.Value, sent *bits, others []int, _ []func(reflect.Value) bool) bool {
	return slices.ContainsFunc(others, func(i int) bool { return !o.filled(i, v, sent) })
}

func allMissing(o *object, v reflect.Value, sent *bits, others []int, equal []func(reflect.Value) bool) bool {
	return !anySent(o, v, sent, others, equal)
}
