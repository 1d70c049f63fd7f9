package graphql_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/validate/graphql"
)

// Lexers disagree on where a block string ends that has more than three quotes at its end, so there is none.
func TestBlockStrings(t *testing.T) {
	const q = `"""`
	g := newGuard(t, graphql.Config{SDL: `type Query { at(text: [String]): Int users(first: Int): [Query] }`, GET: true})
	for _, tc := range []struct{ name, document, want string }{
		{"plain", "{ at(text: " + q + "x" + q + ") }", ""},
		{"empty", "{ at(text: " + q + q + ") }", ""},
		{"two quotes inside", "{ at(text: " + q + `a "" b` + q + ") }", ""},
		{"three inside", "{ at(text: " + q + `a \""" b` + q + ") }", ""},
		{"a quote before a line's end", "{ at(text: " + q + `a"` + "\n" + q + ") }", "syntax_error"},
		{"a quote before a word", "{ at(text: " + q + `a" ` + "\n b" + q + ") }", ""},
		{"a quote at the end", "{ at(text: " + q + `x"` + q + ") }", "syntax_error"},
		{"two at the end", "{ at(text: " + q + `x""` + q + ") }", "syntax_error"},
		{"three at the end", "{ at(text: " + q + `x\"""` + q + ") }", "syntax_error"},
		{"nothing but a quote", "{ at(text: " + q + `"` + q + ") }", "syntax_error"},
		{
			"a field between two readings",
			`{ a: at(text: ["""x"""" "]) users(first: 1000000) { at } b: at(text: [" ]) # "])` + "\n}", "syntax_error",
		},
		{
			"an operation between two readings",
			`query A { at(text: ["""x"""" ]) } query B { a: at(text: [" ]) } # "])}` + "\n", "syntax_error",
		},
		{"in a description", q + `x"` + q + " query A { at }", "syntax_error"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got, _ := check(g, post(tc.document)); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
			if got, _ := check(g, get(url.Values{"query": {tc.document}})); got != tc.want {
				t.Errorf("by GET: got %q, want %q", got, tc.want)
			}
		})
	}
}

// Each operation and each fragment reads again what it spreads.
func TestVisits(t *testing.T) {
	for _, tc := range []struct {
		name, document string
		want           int
	}{
		{"selections", "{ me { id name } }", 3},
		{"values", "{ sum(values: [1, 2]) }", 4},
		{"objects", "{ sum(tree: {leaf: 1}) }", 3},
		{"directives", "{ me @skip(if: true) { id } }", 4},
		{"variables", "query A($n: Int = 3) { users(first: $n) { id } }", 5},
		{"inline", "{ me { ... on User { id } } }", 3},
		{"a fragment", "query A { me { ...F } } fragment F on User { id name }", 2 + 2 + 2},
		{"spread twice", "query A { me { ...F friend { ...F } } } fragment F on User { id name }", 4 + 2 + 2},
		{"two operations", "query A { me { ...F } } query B { me { ...F } } fragment F on User { id name }", 2*(2+2) + 2},
		{
			"a chain", "query A { me { ...F } } fragment F on User { id ...G } fragment G on User { id ...H } fragment H on User { id }",
			(2 + 5) + 5 + 3 + 1,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := func() *http.Request {
				if strings.HasPrefix(tc.document, "query") {
					return post(tc.document, "operationName", `"A"`)
				}
				return post(tc.document)
			}
			if got, _ := check(newGuard(t, graphql.Config{MaxVisits: tc.want}), r()); got != "" {
				t.Errorf("got %q at %d", got, tc.want)
			}
			if got, _ := check(newGuard(t, graphql.Config{MaxVisits: tc.want - 1}), r()); got != "visit_limit" {
				t.Errorf("got %q below %d", got, tc.want)
			}
		})
	}
	trusted := newGuard(t, graphql.Config{MaxVisits: 1, Documents: graphql.Hashed(small)})
	if got, _ := check(trusted, raw(`{"documentId":"`+sum(small)+`"}`)); got != "" {
		t.Errorf("got %q for a document that is trusted", got)
	}
}

// Fragments are spread where the types have an object in common.
func TestPossibleSpreads(t *testing.T) {
	g := newGuard(t, graphql.Config{SDL: `
		type Query { a: A b: B x: X y: Y u: U e: E }
		interface A { id: ID } interface B { id: ID } interface E { id: ID }
		type X implements A { id: ID } type Y implements A & B { id: ID } type Z implements B { id: ID } union U = X | Z
	`})
	for _, tc := range []struct{ from, to, want string }{
		{"x", "X", ""},
		{"x", "A", ""},
		{"x", "U", ""},
		{"x", "Y", "validation_failed"},
		{"x", "B", "validation_failed"},
		{"a", "A", ""},
		{"a", "X", ""},
		{"a", "B", ""},
		{"a", "U", ""},
		{"a", "Z", "validation_failed"},
		{"u", "Y", "validation_failed"},
		{"u", "B", ""},
		{"e", "A", "validation_failed"},
		{"a", "E", "validation_failed"},
		{"a", "Nothing", "validation_failed"},
		{"a", "ID", "validation_failed"},
	} {
		for _, document := range []string{
			"{ " + tc.from + " { ... on " + tc.to + " { __typename } } }",
			"{ " + tc.from + " { ...F } } fragment F on " + tc.to + " { __typename }",
		} {
			if got, _ := check(g, post(document)); got != tc.want {
				t.Errorf("%s: got %q, want %q", document, got, tc.want)
			}
		}
	}
}
