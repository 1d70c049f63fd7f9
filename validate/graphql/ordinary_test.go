package graphql_test

import (
	"strings"
	"testing"

	"github.com/gopalisade/palisade/validate/graphql"
)

// component is a part of a page: what it shows itself, and the parts inside it.
func component(i, last int) string {
	s := "fragment Part" + itoa(i) + " on User { id name image(size: 64) friend { id name } "
	if i < last {
		s += "...Part" + itoa(i+1) + " "
	}
	return s + "}\n"
}

// What ordinary clients send passes with the defaults.
func TestOrdinary(t *testing.T) {
	var page strings.Builder
	page.WriteString("query Page($id: ID!) { user(id: $id) { ...Part0 } }\n")
	for i := range 15 {
		page.WriteString(component(i, 14))
	}
	var tools strings.Builder // many operations in one editor, of which one is run
	for i := range 12 {
		tools.WriteString("query Q" + itoa(i) + " { me { ...Part0 posts(first: 3) { nodes { id title } } } }\n")
	}
	tools.WriteString(component(0, 1) + component(1, 1))
	for _, tc := range []struct{ name, document, operation, variables string }{
		{"a page", ordinary, "Home", `{"n":5}`},
		{"a page of 15 parts within each other", page.String(), "Page", `{"id":"1"}`},
		{"twelve operations", tools.String(), "Q3", `{}`},
		{
			"a connection", `query List($first: Int!, $after: String) { posts(first: $first, after: $after) {
				edges { node { id title author { ...Who } } } total } } fragment Who on User { id name }`, "List",
			`{"first":20,"after":null}`,
		},
		{
			"a union", `query Find($text: String = "x") { search(text: $text, limit: 20) { __typename
				... on User { id name } ... on Post { id title author { name } } } }`, "Find", `{}`,
		},
		{"an interface", "query Any { me { ...N } search(limit: 5) { ...N } } fragment N on Node { id }", "Any", `{}`},
		{
			"a mutation", "mutation Rename($id: ID!, $name: String!) { rename(id: $id, name: $name) { id name } }", "Rename",
			`{"id":"1","name":"x"}`,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := post(tc.document, "operationName", quote(tc.operation), "variables", tc.variables)
			got, _ := check(newGuard(t, graphql.Config{}), r)
			if got != "" {
				t.Errorf("got %q", got)
			}
		})
	}
}
