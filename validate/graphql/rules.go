package graphql

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator/core"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// specified are the rules of GraphQL section 5, without suggestions: to compute those costs the square of the names' lengths,
// and they would tell strangers the schema's words.
var specified = []core.Rule{
	rules.FieldsOnCorrectTypeRuleWithoutSuggestions,
	rules.FragmentsOnCompositeTypesRule,
	rules.KnownArgumentNamesRuleWithoutSuggestions,
	rules.KnownDirectivesRule,
	rules.KnownFragmentNamesRule,
	rules.KnownRootTypeRule,
	rules.KnownTypeNamesRuleWithoutSuggestions,
	rules.LoneAnonymousOperationRule,
	rules.MaxIntrospectionDepth,
	rules.NoFragmentCyclesRule,
	rules.NoUndefinedVariablesRule,
	rules.NoUnusedFragmentsRule,
	rules.NoUnusedVariablesRule,
	rules.OverlappingFieldsCanBeMergedRule,
	rules.ProvidedRequiredArgumentsRule,
	rules.ScalarLeafsRuleWithoutSuggestions,
	rules.SingleFieldSubscriptionsRule,
	rules.UniqueArgumentNamesRule,
	rules.UniqueDirectivesPerLocationRule,
	rules.UniqueFragmentNamesRule,
	rules.UniqueInputFieldNamesRule,
	rules.UniqueOperationNamesRule,
	rules.UniqueVariableNamesRule,
	rules.VariablesAreInputTypesRule,
	rules.VariablesInAllowedPositionRule,
}

const mostViolations = 8

// validate applies the rules. It keeps the names and places of the first violations, and drops the texts. After the last one
// that it keeps it asks no rule any more.
func (g *Guard) validate(doc *ast.QueryDocument) *Error {
	var all []Violation
	events := &core.Events{}
	for _, rule := range g.rules {
		rule.RuleFunc(events, func(options ...core.ErrorOption) {
			if len(all) == mostViolations {
				return
			}
			v := Violation{Rule: strings.TrimSuffix(rule.Name, "WithoutSuggestions")}
			var e gqlerror.Error
			for _, option := range options {
				option(&e)
			}
			if len(e.Locations) > 0 {
				v.Line, v.Column = e.Locations[0].Line, e.Locations[0].Column
			}
			if all = append(all, v); len(all) == mostViolations {
				*events = core.Events{}
			}
		})
	}
	core.Walk(g.schema, doc, events)
	if len(all) == 0 {
		return nil
	}
	e := invalid.err()
	e.Violations = all
	return e
}

// rules are those of which the parser's own library compares each type with each other, or copies all values of an enum for
// each that is used. Here both are looked up.
func (t *table) rules() []core.Rule {
	return []core.Rule{
		{Name: "PossibleFragmentSpreads", RuleFunc: func(events *core.Events, add core.AddErrFunc) {
			events.OnInlineFragment(func(_ *core.Walker, s *ast.InlineFragment) {
				if !t.meet(s.ObjectDefinition, s.TypeCondition) {
					add(core.At(s.Position))
				}
			})
			events.OnFragmentSpread(func(_ *core.Walker, s *ast.FragmentSpread) {
				if s.Definition != nil && !t.meet(s.ObjectDefinition, s.Definition.TypeCondition) {
					add(core.At(s.Position))
				}
			})
		}},
		{Name: "ValuesOfCorrectType", RuleFunc: func(events *core.Events, add core.AddErrFunc) {
			events.OnValue(func(_ *core.Walker, v *ast.Value) {
				if v.Definition != nil && v.ExpectedType != nil && !t.suits(v) {
					add(core.At(v.Position))
				}
			})
		}},
	}
}

// meet says whether an object may be of both types (GraphQL section 5.5.2.3). Types that are none are for other rules.
func (t *table) meet(parent *ast.Definition, condition string) bool {
	if parent == nil {
		return true
	}
	a, b := t.types[parent.Name], t.types[condition]
	return a == nil || b == nil || a.objects.meets(b.objects)
}
