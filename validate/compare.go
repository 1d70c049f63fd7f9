package validate

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"time"
	"unicode/utf8"
)

// comparison is one of the rules that compare with a number: a value, the runes of a text, the elements of a collection.
type comparison struct {
	holds func(order int) bool
	equal bool // eq and ne compare texts, where the others count
}

var compared = map[string]comparison{
	"min": {holds: func(o int) bool { return o >= 0 }}, "gte": {holds: func(o int) bool { return o >= 0 }},
	"max": {holds: func(o int) bool { return o <= 0 }}, "lte": {holds: func(o int) bool { return o <= 0 }},
	"gt": {holds: func(o int) bool { return o > 0 }}, "lt": {holds: func(o int) bool { return o < 0 }},
	"len": {holds: func(o int) bool { return o == 0 }},
	"eq":  {holds: func(o int) bool { return o == 0 }, equal: true},
	"ne":  {holds: func(o int) bool { return o != 0 }, equal: true},
}

func (c comparison) build(n *node, w ruleWord) (func(reflect.Value) bool, map[string]any, error) {
	switch n.kind {
	case kindInt:
		return c.ints(n, w)
	case kindUint:
		limit, err := strconv.ParseUint(w.param, 10, n.bits)
		return func(v reflect.Value) bool { return c.holds(compare(v.Uint(), limit)) }, map[string]any{w.name: limit}, wrong(err, n)
	case kindFloat:
		limit, err := strconv.ParseFloat(w.param, n.bits)
		if limit != limit || limit-limit != 0 {
			err = errors.New("is no finite number")
		}
		return func(v reflect.Value) bool { return c.holds(compare(v.Float(), limit)) }, map[string]any{w.name: limit}, wrong(err, n)
	case kindBool:
		want, err := strconv.ParseBool(w.param)
		if !c.equal {
			err = errors.New("a bool is only equal or not")
		}
		return func(v reflect.Value) bool { return c.holds(boolInt(v.Bool() != want)) }, map[string]any{w.name: want}, wrong(err, n)
	case kindString, kindSecret:
		if c.equal && !w.hasParam {
			return nil, nil, errors.New("needs a parameter")
		}
		if c.equal {
			return func(v reflect.Value) bool { return c.holds(boolInt(v.String() != w.param)) }, map[string]any{w.name: w.param}, nil
		}
		return c.counted(n, w, "characters", func(v reflect.Value) int { return utf8.RuneCountInString(v.String()) })
	case kindSlice, kindArray, kindMap:
		return c.counted(n, w, "items", reflect.Value.Len)
	case kindBytes:
		return c.counted(n, w, "bytes", reflect.Value.Len)
	case kindText:
		if n.typ == reflect.TypeFor[time.Time]() && !c.equal {
			return c.times(w)
		}
	}
	return nil, nil, fmt.Errorf("cannot compare %v", n.typ)
}

func (c comparison) ints(n *node, w ruleWord) (func(reflect.Value) bool, map[string]any, error) {
	limit, err := strconv.ParseInt(w.param, 10, n.bits)
	return func(v reflect.Value) bool { return c.holds(compare(v.Int(), limit)) }, map[string]any{w.name: limit}, wrong(err, n)
}

func (c comparison) counted(
	n *node, w ruleWord, unit string, count func(reflect.Value) int,
) (func(reflect.Value) bool, map[string]any, error) {
	limit, err := strconv.ParseUint(w.param, 10, 31)
	params := map[string]any{w.name: limit, "unit": unit}
	return func(v reflect.Value) bool { return c.holds(compare(count(v), int(limit))) }, params, wrong(err, n)
}

// times compares with the moment of the request, as the dialect's gt and lt without a parameter do.
func (c comparison) times(w ruleWord) (func(reflect.Value) bool, map[string]any, error) {
	if w.hasParam {
		return nil, nil, errors.New("compares a time with now only, without a parameter")
	}
	return func(v reflect.Value) bool { return c.holds(v.Interface().(time.Time).Compare(time.Now())) }, nil, nil
}

func compare[N int | int64 | uint64 | float64](a, b N) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func wrong(err error, n *node) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("the parameter does not fit %v: %w", n.typ, err)
}
