package graphql_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/gopalisade/palisade/monitor/event"
	"github.com/gopalisade/palisade/validate/graphql"
)

func TestWrapHandsOn(t *testing.T) {
	g := newGuard(t, graphql.Config{})
	var got *graphql.Request
	var body, length string
	var cost int64
	h := g.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got, _ = graphql.From(r.Context())
		data, err := io.ReadAll(r.Body)
		if err != nil || r.ContentLength != int64(len(data)) || r.Body.Close() != nil {
			t.Errorf("body of %d, announced as %d: %v", len(data), r.ContentLength, err)
		}
		body, length, cost = string(data), r.Header.Get("Content-Length"), graphql.Cost(r)
	}))
	const document = "query A($n: Int) { me { friends(first: $n) { id } } }"
	sent := ` { "variables" : {"n": 3} , "qu\u0065ry": "` + document + `", "operationName":"A"} `
	r := raw(sent)
	r.Header.Set("Content-Length", itoa(len(sent)))
	header := r.Header
	h.ServeHTTP(httptest.NewRecorder(), r)

	if want := `{"query":"` + document + `","operationName":"A","variables":{"n": 3}}`; body != want {
		t.Errorf("got body %s, want %s", body, want)
	}
	if length != itoa(len(body)) || header.Get("Content-Length") != itoa(len(sent)) {
		t.Errorf("got Content-Length %s, and %s in the header of the caller", length, header.Get("Content-Length"))
	}
	if got == nil || len(got.Operations) != 1 || got.Batch || cost != 5 || got.Cost != 5 {
		t.Fatalf("got %+v at %d", got, cost)
	}
	op := got.Operations[0]
	field := op.Definition.SelectionSet[0].(*ast.Field)
	if op.Name != "A" || op.Cost != 5 || op.Variables["n"] != json.Number("3") || op.Document.Operations[0] != op.Definition ||
		field.Definition == nil || field.Definition.Name != "me" || op.Text != document {
		t.Errorf("got %+v", op)
	}
}

func TestCostWithoutGuard(t *testing.T) {
	if got := graphql.Cost(post("{ me { id } }")); got != 1 {
		t.Errorf("got %d, want 1", got)
	}
	if _, ok := graphql.From(t.Context()); ok {
		t.Error("a request came from nowhere")
	}
}

func TestDocuments(t *testing.T) {
	g := newGuard(t, graphql.Config{MaxDepth: 4, MaxListDepth: 2, MaxDirectives: 3, MaxValueDepth: 4, Subscriptions: true})
	five := "a: id b: name c: image d: tags e: __typename"
	many := func(n int, s string) string { return strings.Repeat(s, n) }
	for _, tc := range []struct{ name, document, want string }{
		{"fields", "{ me { id name } }", ""},
		{"__typename", "{ __typename me { __typename } }", ""},
		{"depth 4", "{ me { friend { friend { id } } } }", ""},
		{"depth 5", "{ me { friend { friend { friend { id } } } } }", "depth_limit"},
		{
			"depth in fragments",
			"{ me { friend { ...A } } } fragment A on User { friend { ...B } } fragment B on User { friend { id } }", "depth_limit",
		},
		{
			"depth through a fragment seen before",
			"{ a: me { ...A } b: me { friend { friend { ...A } } } } fragment A on User { friend { id } }", "depth_limit",
		},
		{"depth in inline fragments", "{ me { ... { friend { ... on User { friend { friend { id } } } } } } }", "depth_limit"},
		{"lists in lists", "{ me { friends { posts(first: 1) { nodes { comments { id } } } } } }", "depth_limit"},
		{"list depth 2", "{ me { friends(first: 1) { friends(first: 1) { id } } } }", ""},
		{"list depth 3", "{ users(first: 1) { friends(first: 1) { friends(first: 1) { id } } } }", "list_depth_limit"},
		{"list of lists", "{ matrix { friends(first: 1) { id } } }", "list_depth_limit"},

		{"15 aliases", "{ me { " + five + " friend { " + five + " friend { " + five + " } } } }", ""},
		{"16 aliases", "{ x: me { " + five + " friend { " + five + " friend { " + five + " } } } }", "alias_limit"},
		{"1000 aliases of one field", "{" + aliases(300, "__typename") + "}", "duplicate_limit"},
		{"aliases spread twice", "{ me { ...A friend { ...A } } } fragment A on User { " + five +
			" friend { b: id c: name d: tags } }", "alias_limit"},
		{"login by alias", "mutation {" + aliases(12, `login(name: "a", secret: "b")`) + "}", "duplicate_limit"},
		{"10 repeats", "{ me { " + many(11, "id ") + "} }", ""},
		{"11 repeats", "{ me { " + many(12, "id ") + "} }", "duplicate_limit"},
		{"repeats over two sets", "{ me { " + many(7, "id ") + "friend { " + many(7, "id ") + "} } }", "duplicate_limit"},
		{"repeats in inline fragments", "{ me { " + many(12, "... { id } ") + "} }", "duplicate_limit"},
		{"the same of two types", "{ search { ... on User { id } ... on Post { id } } }", ""},
		{"a fragment again and again", "{ me { " + many(12, "...A ") + "} } fragment A on User { id }", "duplicate_limit"},
		{"repeats nobody spreads", "{ me { id } } fragment A on User { " + many(12, "id ") + "}", "duplicate_limit"},

		{"3 directives", "{ me { id " + many(3, "@include(if: true) ") + "} }", "validation_failed"}, // not repeatable
		{"4 directives", "{ me { id " + many(4, "@include(if: true) ") + "} }", "directive_limit"},
		{"directives on a query", "query " + many(4, "@a ") + "{ me { id } }", "directive_limit"},
		{"directives on a fragment", "{ me { ...A } } fragment A on User " + many(4, "@a ") + "{ id }", "directive_limit"},
		{"directives on a spread", "{ me { ...A " + many(4, "@a ") + "} } fragment A on User { id }", "directive_limit"},
		{"directives inline", "{ me { ... " + many(4, "@a ") + "{ id } } }", "directive_limit"},
		{"directives on a variable", "query($a: Int " + many(4, "@a ") + ") { me { id } }", "directive_limit"},
		{
			"directives spread twice",
			"{ me { ...A friend { ...A } } } fragment A on User { id @skip(if: false) name @skip(if: true) }", "directive_limit",
		},
		{"directives in two fields", "{ me @skip(if: false) { id @a @b @c } }", "directive_limit"},

		{"literal depth 4", "{ sum(tree: {kids: {kids: {kids: {}}}}) }", ""},
		{"literal depth 5", "{ sum(tree: {kids: {kids: [{kids: {}}]}}) }", "value_depth_limit"},
		{"deep default", "query($t: Tree = {kids: {kids: [{kids: {}}]}}) { sum(tree: $t) }", "value_depth_limit"},
		{"deep directive", "{ me @include(if: [[[[[1]]]]]) { id } }", "value_depth_limit"},
		{"deep operation directive", "query @include(if: [[[[[1]]]]]) { me { id } }", "value_depth_limit"},
		{"deep directive on a variable", "query($a: Int @x(y: [[[[[1]]]]])) { me { id } }", "value_depth_limit"},
		{"deeper than the parser", "{ sum(values: " + many(450, "[") + ") }", "syntax_error"},
		{"999 fields deep", many(240, "{ me "), "syntax_error"},

		{"cycle of one", "{ me { ...A } } fragment A on User { id ...A }", "fragment_cycle"},
		{"cycle of two", "{ me { ...A } } fragment A on User { ...B } fragment B on User { friend { ...A } }", "fragment_cycle"},
		{"cycle nobody spreads", "{ me { id } } fragment A on User { ...A }", "fragment_cycle"},
		{"fragment that is not there", "{ me { ...Nobody } }", "validation_failed"},
		{"two fragments of one name", "{ me { ...A } } fragment A on User { id } fragment A on User { name }", "validation_failed"},
		{"unused fragment", "{ me { id } } fragment A on User { id }", "validation_failed"},
		{"fragment on nothing", "{ me { ...A } } fragment A on Nothing { id x { y } }", "validation_failed"},

		{"introspection", "{ __schema { types { name } } }", "introspection_refused"},
		{"introspection by alias", `{ a: __type(name: "User") { name } }`, "introspection_refused"},
		{"introspection by fragment", "{ ...A } fragment A on Query { __schema { types { name } } }", "introspection_refused"},
		{"introspection by subscription", "subscription { __schema { types { name } } }", "introspection_refused"},
		{
			"introspection in circles", "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }",
			"introspection_refused",
		},
		{"a fragment with its name", "{ ...__schema } fragment __schema on Query { me { id } }", ""},
		{"its name as an alias", "{ __schema: me { id } }", ""},

		{"unknown field", "{ secretField }", "validation_failed"},
		{"wrong literal", `{ users(first: "10") { id } }`, "validation_failed"},
		{"conflict", "{ me { a: id a: name } }", "validation_failed"},
		{"two fields in a subscription", "subscription { ticks other }", "validation_failed"},
		{"subscription", "subscription { ticks }", ""},

		{"nothing", "   ,,, ", "operation_required"},
		{"only a fragment", "fragment A on Query { me { id } }", "operation_required"},
		{"two operations", "query A { me { id } } query B { me { id } }", "operation_required"},
		{"schema language", "type Query { a: Int }", "syntax_error"},
		{"garbage", "{ me { id ", "syntax_error"},
		{"a byte that is no token", "{ me ? }", "syntax_error"},
		{"fragment with variables", "{ me { ...A } } fragment A($x: Int) on User { id }", "syntax_error"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, req := check(g, post(tc.document))
			if got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
			if (req == nil) != (got != "") {
				t.Errorf("got %v with %q", req, got)
			}
		})
	}
}

// aliases selects a field n times under new names.
func aliases(n int, field string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("a" + itoa(i) + ": " + field + " ")
	}
	return b.String()
}

func TestTokens(t *testing.T) {
	g := newGuard(t, graphql.Config{MaxTokens: 20})
	for _, tc := range []struct{ name, document, want string }{
		{"20", "{ me { a: id b: name c: id friend { id name } } } # 20", ""},
		{"21", "{ me { a: id b: name c: id friend { id name } } } # 20\n# 21", "token_limit"},
		{"comments", "{ me { id } } " + strings.Repeat("# nothing\n", 20), "token_limit"},
		{"commas are none", "{ me { id" + strings.Repeat(",", 1000) + " } }", ""},
		{"a block string is one", `{ at(text: """` + strings.Repeat("a \n", 1000) + `""") }`, ""},
		{"directives", "{ me { id " + strings.Repeat("@aa", 10000) + " } }", "token_limit"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got, _ := check(g, post(tc.document)); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestOperationName(t *testing.T) {
	two := "query Small { me { id } } query Large { users(first: 2000) { id } }"
	g := newGuard(t, graphql.Config{})
	for _, tc := range []struct{ name, document, operation, want string }{
		{"the small one", two, `"Small"`, ""},
		{"beside one too deep", "query A { me { id } } query B { " + strings.Repeat("me { ", 11) + "id" + strings.Repeat(" }",
			12), `"A"`, "depth_limit"},
		{"beside introspection", "query A { me { id } } query B { __schema { types { name } } }", `"A"`, "introspection_refused"},
		{"the large one", two, `"Large"`, "cost_limit"},
		{"none", two, `null`, "operation_required"},
		{"no name is none", two, `""`, "operation_required"},
		{"another", two, `"Other"`, "unknown_operation"},
		{"another case", two, `"small"`, "unknown_operation"},
		{"of one", "query A { me { id } }", `"A"`, ""},
		{"of one without a name", "{ me { id } }", `"A"`, "unknown_operation"},
		{"of one, none", "query A { me { id } }", `""`, ""},
		{"subscription", "subscription { ticks }", `null`, "subscription_refused"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got, _ := check(g, post(tc.document, "operationName", tc.operation)); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

const introspection = `query IntrospectionQuery {
	__schema { queryType { name } mutationType { name } types { ...FullType }
	directives { name locations args { ...InputValue } } } }
fragment FullType on __Type { kind name description
	fields(includeDeprecated: true) { name args { ...InputValue } type { ...TypeRef } isDeprecated }
	inputFields { ...InputValue } interfaces { ...TypeRef } enumValues(includeDeprecated: true) { name }
	possibleTypes { ...TypeRef } }
fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue }
fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType {
	kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } } }`

func TestIntrospection(t *testing.T) {
	g := newGuard(t, graphql.Config{
		SDL: "type Query { a: Int _service: _Service! node: Node } type _Service { sdl: String } " +
			"type Node { _service: Int sdl: Svc } type Svc { sdl: String } interface Root { _service: Svc }",
		Introspection: func(r *http.Request) bool { return r.Header.Get("X-Role") == "developer" },
		MaxCost:       250,
	})
	deep := "{ __schema { types { ofType {" + strings.Repeat(" ofType {", 20) + " name" + strings.Repeat(" }", 24)
	for _, tc := range []struct{ name, document, role, want string }{
		{"the usual query", introspection, "developer", ""},
		{"the usual query of others", introspection, "", "introspection_refused"},
		{"a federated schema", "{ _service { sdl } }", "", "introspection_refused"},
		{"a federated schema by an interface", "{ ... on Root { _service { sdl } } }", "", "introspection_refused"},
		{"a field with its name", "{ node { _service } }", "", ""},
		{
			"again and again", "{ a: __schema { types { name } } b: __schema { types { name } } c: __type(name: \"Node\") { name } }",
			"developer", "cost_limit",
		},
		{"too deep all the same", deep, "developer", "depth_limit"},
		{
			"in circles", "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }", "developer",
			"validation_failed",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := post(tc.document)
			r.Header.Set("X-Role", tc.role)
			got, req := check(g, r)
			if got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
			if req != nil && req.Cost > 200 {
				t.Errorf("costs %d, want a price at which a developer gets it", req.Cost)
			}
		})
	}
}

func TestBatch(t *testing.T) {
	g := newGuard(t, graphql.Config{MaxBatch: 5, MaxCost: 10, MaxTokens: 60, MaxAliases: 4, MaxDirectives: 4, MaxDuplicates: 3})
	one := `{"query":"{ me { id } }"}`
	of := func(n int, entry string) string { return "[" + strings.Repeat(entry+",", n-1) + entry + "]" }
	for _, tc := range []struct{ name, body, want string }{
		{"one alone", one, ""},
		{"one in an array", of(1, one), ""},
		{"five", of(5, one), ""},
		{"six", of(6, one), "batch_limit"},
		{"a thousand", of(1000, one), "batch_limit"},
		{"none", "[]", "query_missing"},
		{"one bad", of(2, one)[:len(of(2, one))-1] + `,{"query":"{ nothing }"}]`, "validation_failed"},
		{"cost is shared", of(4, `{"query":"{ me { friend { id } } }"}`), "cost_limit"},
		{"tokens are shared", of(4, `{"query":"{ me { id # 1\n# 2\n# 3\n# 4\n# 5\n# 6\n# 7\n# 8\n# 9\n# 10\n} }"}`), "token_limit"},
		{"aliases are shared", of(5, `{"query":"{ a: me { id } }"}`), "alias_limit"},
		{"repeats are shared", of(4, `{"query":"{ me { id id } }"}`), "duplicate_limit"},
		{"directives are shared", of(3, `{"query":"{ me @skip(if: true) @include(if: true) { id } }"}`), "directive_limit"},
		{"array in an array", "[[]]", "malformed_request"},
		{"null in an array", "[null]", "malformed_request"},
		{"open", "[" + one, "malformed_request"},
		{"trailing", of(1, one) + "[]", "malformed_request"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := raw(tc.body)
			got, req := check(g, r)
			if got != tc.want {
				t.Fatalf("got %q, want %q", got, tc.want)
			}
			if req == nil {
				return
			}
			if data, _ := io.ReadAll(r.Body); string(data) != tc.body || req.Batch != (tc.body[0] == '[') {
				t.Errorf("handed on %s as batch=%v", data, req.Batch)
			}
		})
	}
	if got, _ := check(newGuard(t, graphql.Config{}), raw(of(1, one))); got != "batch_refused" {
		t.Errorf("got %q, want arrays refused where there are no batches", got)
	}
}

func TestEvent(t *testing.T) {
	g := newGuard(t, graphql.Config{})
	var all []event.Event
	rec := event.RecorderFunc(func(_ context.Context, e event.Event) { all = append(all, e) })
	ctx := event.WithRecorder(t.Context(), rec)
	for _, document := range []string{"{ me { id } }", "{ users(first: 2000) { id } }", "{ x y }"} {
		_, _ = g.Check(post(document).WithContext(ctx))
	}
	if len(all) != 2 || all[0].Code != event.InputValidationFail || all[0].Reason != "cost_limit" || all[0].Count != 2001 ||
		all[1].Reason != "validation_failed" || all[1].Count != 2 {
		t.Errorf("got %v", all)
	}
}

func TestDeny(t *testing.T) {
	var got error
	g := newGuard(t, graphql.Config{Deny: func(w http.ResponseWriter, _ *http.Request, err error) {
		got = err
		w.WriteHeader(http.StatusTeapot)
	}})
	w := httptest.NewRecorder()
	g.Wrap(http.NotFoundHandler()).ServeHTTP(w, post("{ x }"))
	if w.Code != http.StatusTeapot || !errors.Is(got, graphql.ErrInvalid) {
		t.Errorf("got %d with %v", w.Code, got)
	}
}

// The schema and what was made of it are shared by all requests.
func TestConcurrent(t *testing.T) {
	g := newGuard(t, graphql.Config{})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				for document, want := range map[string]string{
					ordinary: "", "{ users(first: 2000) { id } }": "cost_limit",
					"{ x }": "validation_failed",
				} {
					if got, _ := check(g, post(document)); got != want {
						t.Errorf("got %q, want %q", got, want)
					}
				}
			}
		})
	}
	wg.Wait()
}
