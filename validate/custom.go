package validate

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
)

// Rule is a rule of one's own, for [Config].Rules. RuleFor, RuleWith and Pattern make them.
type Rule struct {
	compile func(t reflect.Type, param string) (func(reflect.Value) bool, error)
	params  map[string]any
	pattern string
}

// RuleFor returns a rule that holds where ok does. It fits fields whose type is V or is convertible to V without loss, as a
// named string is to string; on others its use is a fault of New. The rule takes no parameter. It must be quick, and safe
// for concurrent use.
func RuleFor[V any](ok func(value V) bool) Rule {
	return RuleWith(func(param string) (func(V) bool, error) {
		if param != "" {
			return nil, errors.New("takes no parameter")
		}
		return ok, nil
	})
}

// RuleWith returns a rule with a parameter, which compile reads once, in New.
func RuleWith[V any](compile func(param string) (func(value V) bool, error)) Rule {
	return Rule{compile: func(t reflect.Type, param string) (func(reflect.Value) bool, error) {
		want := reflect.TypeFor[V]()
		if t.Kind() != want.Kind() || !t.ConvertibleTo(want) {
			return nil, fmt.Errorf("is a rule for %v, not %v", want, t)
		}
		ok, err := compile(param)
		if err != nil {
			return nil, err
		}
		return func(v reflect.Value) bool { return ok(v.Convert(want).Interface().(V)) }, nil
	}}
}

// Pattern returns a rule for texts that match the regular expression as a whole. It is linear in the text (RE2); put a max
// beside it all the same.
func Pattern(expr string) (Rule, error) {
	if len(expr) > 1000 {
		return Rule{}, errors.New("validate: a pattern has at most 1000 bytes")
	}
	if _, err := regexp.Compile(expr); err != nil { // before the anchors, which an unbalanced one would leave
		return Rule{}, fmt.Errorf("validate: pattern: %w", err)
	}
	re, err := regexp.Compile(`\A(?:` + expr + `)\z`)
	if err != nil {
		return Rule{}, fmt.Errorf("validate: pattern: %w", err)
	}
	r := RuleFor(re.MatchString)
	r.pattern = "^(?:" + expr + ")$"
	return r, nil
}
