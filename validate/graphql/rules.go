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
	rules.PossibleFragmentSpreadsRule,
	rules.ProvidedRequiredArgumentsRule,
	rules.ScalarLeafsRuleWithoutSuggestions,
	rules.SingleFieldSubscriptionsRule,
	rules.UniqueArgumentNamesRule,
	rules.UniqueDirectivesPerLocationRule,
	rules.UniqueFragmentNamesRule,
	rules.UniqueInputFieldNamesRule,
	rules.UniqueOperationNamesRule,
	rules.UniqueVariableNamesRule,
	rules.ValuesOfCorrectTypeRuleWithoutSuggestions,
	rules.VariablesAreInputTypesRule,
	rules.VariablesInAllowedPositionRule,
}

const mostViolations = 8

// validate applies the rules. It keeps the names and places of the first violations, and drops the texts.
func (g *Guard) validate(doc *ast.QueryDocument) *Error {
	var all []Violation
	events := &core.Events{}
	for _, rule := range specified {
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
			all = append(all, v)
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
