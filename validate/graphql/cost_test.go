package graphql_test

import (
	"errors"
	"math"
	"testing"

	"github.com/gopalisade/palisade/validate/graphql"
)

// costly is a Guard that lets nearly everything pass, to see what it costs.
func costly(tb testing.TB, cfg graphql.Config) *graphql.Guard {
	cfg.MaxCost, cfg.MaxDepth, cfg.MaxListDepth = math.MaxInt64, 500, 500
	cfg.MaxAliases, cfg.MaxDuplicates, cfg.MaxTokens = math.MaxInt, math.MaxInt, 10000
	cfg.MaxDirectives, cfg.MaxValueDepth = math.MaxInt, 1000
	return newGuard(tb, cfg)
}

func TestCost(t *testing.T) {
	const most = math.MaxInt64
	g := costly(t, graphql.Config{})
	for _, tc := range []struct {
		name, document, variables string
		want                      int64
	}{
		{"an operation", "{ __typename }", "", 1},
		{"scalars", "{ sum mood }", "", 1},
		{"an object", "{ me { id name } }", "", 2},
		{"a list of nobody knows", "{ me { friends { id } } }", "", 1 + 1 + 10},
		{"a list of lists", "{ matrix { id } }", "", 1 + 100},
		{"a list of scalars", "{ me { tags } }", "", 2},
		{"scalars by number", "{ tags(first: 7) }", "", 1 + 7},
		{"a size that is none", "{ me { image(size: 512) } }", "", 2},

		{"literal", "{ users(first: 3) { id } }", "", 4},
		{"zero", "{ users(first: 0) { id } }", "", 11},
		{"zero around lists", "{ users(first: 0) { friends(first: 50) { id } } }", "", 1 + 10*(1+50)},
		{"zero that is no size", "{ me { posts(first: 0) { nodes { id } } } }", "", 1 + 1 + 1 + 10},
		{"the larger one", "{ users(first: 3, last: 5) { id } }", "", 6},
		{"the schema's default", "{ users { id } }", "", 21},
		{"null", "{ users(first: null) { id } }", "", 21}, // perhaps the resolver's default is the schema's
		{"null without a default", "{ me { friends(first: null) { id } } }", "", 1 + 1 + 10},
		{"null beside a size", "{ users(first: null, last: 30) { id } }", "", 31},
		{"null in an input object", "{ users(page: {first: null}) { id } }", "", 21},
		{"variable", "query($n: Int) { users(first: $n) { id } }", `{"n":6}`, 7},
		{"variable of null", "query($n: Int) { users(first: $n) { id } }", `{"n":null}`, 21},
		{"variable that nobody defined", "query($n: Int) { users(first: $m, last: $n) { id } }", "", 21},
		{"variable with null inside", "query($p: Page) { users(first: 1, page: $p) { id } }", `{"p":{"first":null}}`, 11},
		{"variable that is not there", "query($n: Int) { users(first: $n) { id } }", `{}`, 21},
		{"variable's default", "query($n: Int = 4) { users(first: $n) { id } }", `{}`, 5},
		{"variable's default not used", "query($n: Int = 4) { users(first: $n) { id } }", `{"n":8}`, 9},
		{"input object", "{ users(page: {first: 30}) { id } }", "", 31},
		{"input object below", "{ users(page: {inner: {limit: 40}}) { id } }", "", 41},
		{"input object's default", "{ users(first: 1, page: {}) { id } }", "", 6},
		{"input object by variable", "query($p: Page) { users(page: $p) { id } }", `{"p":{"first":50}}`, 51},
		{"input object below by variable", "query($p: Page) { users(page: $p) { id } }", `{"p":{"inner":{"limit":60}}}`, 61},
		{"input object's default by variable", "query($p: Page) { users(first: 1, page: $p) { id } }", `{"p":{}}`, 6},
		{"variable inside an input object", "query($n: Int) { users(page: {inner: {limit: $n}}) { id } }", `{"n":70}`, 71},
		{"object inside an object by variable", "query($i: Inner) { users(page: {inner: $i}) { id } }", `{"i":{"limit":80}}`, 81},
		{"default of an object by variable", "query($p: Page = {first: 90}) { users(page: $p) { id } }", `{}`, 91},

		{"negative", "{ users(first: -1) { id } }", "", most},
		{"negative variable", "query($n: Int) { users(first: $n) { id } }", `{"n":-1}`, most},
		{"1e9 twice", "{ users(first: 1000000000) { friends(first: 1000000000) { id } } }", "", 1 + 1e9 + 1e18},
		{
			"1e9 three times", "{ users(first: 1000000000) { friends(first: 1000000000) { friends(first: 1000000000) { id } } } }",
			"", most,
		},
		{"more than fits", "{ users(first: 99999999999999999999) { id } }", "", most},
		{"text", `{ search(limit: "25") { ... on User { id } } }`, "", 26},
		{"text in a variable", "query($n: Big) { search(limit: $n) { ... on User { id } } }", `{"n":"25"}`, 26},
		{"text that is no number", `{ search(limit: "all") { ... on User { id } } }`, "", 11},
		{"text that is a number in Go", `{ search(limit: "0x_f") { ... on User { id } } }`, "", 11},
		{"text that looks like a number", `{ search(limit: "1e") { ... on User { id } } }`, "", 11},
		{"float", "{ search(limit: 24.5) { ... on User { id } } }", "", 26},
		{"float too large", "{ search(limit: 1e300) { ... on User { id } } }", "", most},
		{"negative float", "{ search(limit: -1.5) { ... on User { id } } }", "", most},
		{"float that overflows", `query($n: Big) { search(limit: $n) { ... on User { id } } }`, `{"n":1e999}`, most},
		{"an object where a number belongs", `query($n: Big) { search(limit: $n) { ... on User { id } } }`, `{"n":{"a":1}}`, 11},
		{"a literal object where a number belongs", `{ search(limit: {a: 1}) { ... on User { id } } }`, "", 11},
		{"true where a number belongs", `query($n: Big) { search(limit: $n) { ... on User { id } } }`, `{"n":true}`, 11},

		{"a page", "{ posts(first: 5) { nodes { id } total } }", "", 1 + 1 + 5},
		{"a page of edges", "{ posts(first: 5) { edges { node { id } } } }", "", 1 + 1 + 5*2},
		{"another list on a page", "{ posts(first: 5) { facets { name } } }", "", 1 + 1 + 10},
		{"a page without a size", "{ posts { nodes { id } } }", "", 1 + 1 + 10},
		{"a page by fragment", "{ posts(first: 1000000000) { ...A } } fragment A on PostConnection { nodes { id } }", "", 1 +
			1 + 1e9},
		{
			"a page by fragments at two sizes",
			"{ posts(first: 3) { ...A } me { posts(first: 4) { ...A } } } fragment A on PostConnection { nodes { id } }", "", 1 +
				1 + 3 + 1 + 1 + 4,
		},
		{"a page's size goes one level", "{ posts(first: 3) { nodes { comments { id } } } }", "", 1 + 1 + 3*(1+10)},
		{"nested pages", "{ users(first: 2) { posts(first: 3) { nodes { comments(first: 4) { id } } } } }", "", 1 + 2*(1+1+3*(1+4))},
		{
			"two branches of a union", "{ search(limit: 2) { ... on User { friend { id } } ... on Post { author { id } } } }", "",
			1 + 2*3,
		},
		{"skipped counts", "{ me @skip(if: true) { id } }", "", 2},
		{"the chosen one", "query A { me { id } } query B { users { id } }", "", 2},
		{"a mutation", `mutation { rename(id: 1, name: "x") { id } }`, "", 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			more := []string{}
			if tc.variables != "" {
				more = append(more, "variables", tc.variables)
			}
			if tc.name == "the chosen one" {
				more = append(more, "operationName", `"A"`)
			}
			got, req := check(g, post(tc.document, more...))
			if got != "" {
				if got != "validation_failed" {
					t.Fatalf("got %q", got)
				}
				priced(t, tc.document, tc.want) // the size is of another type than the argument: refused after it was priced
				return
			}
			if req.Cost != tc.want || req.Operations[0].Cost != tc.want {
				t.Errorf("got %d, want %d", req.Cost, tc.want)
			}
		})
	}
}

// priced asks that a document that the rules refuse is refused for its cost below, and for the rules at, its cost.
func priced(t *testing.T, document string, cost int64) {
	t.Helper()
	if cost > 1 {
		if got, _ := check(newGuard(t, graphql.Config{MaxCost: cost - 1}), post(document)); got != "cost_limit" {
			t.Errorf("got %q below %d", got, cost)
		}
	}
	if got, _ := check(newGuard(t, graphql.Config{MaxCost: cost}), post(document)); got != "validation_failed" {
		t.Errorf("got %q at %d", got, cost)
	}
}

const weighed = `
type Query {
	plain: Thing
	dear: Thing @cost(weight: "4.2")
	scalar: Int @cost(weight: "3")
	argued(deep: Boolean @cost(weight: "7"), cheap: Boolean): Thing
	heavy: Heavy
	color: Color
	assumed: [Thing] @listSize(assumedSize: 30)
	none: [Thing] @listSize(assumedSize: 0)
	sliced(max: Int, first: Int): [Thing] @listSize(assumedSize: 30, slicingArguments: ["max"])
	single(max: Int): [Thing] @listSize(slicingArguments: "max")
	deep(input: In): [Thing] @listSize(slicingArguments: ["input.page.rows"])
	page(first: Int): Page @listSize(slicingArguments: ["first"], sizedFields: ["rows"])
	guessed(first: Int): Page
	ruled(first: Int): [Page] @listSize(slicingArguments: ["first"], sizedFields: ["rows"])
	seen(first: Int): Rows @listSize(slicingArguments: ["first"], sizedFields: ["rows"])
}
input In { page: Paging } input Paging { rows: Int = 2 }
type Thing { id: Int things: [Thing] page: Hidden }
type Heavy @cost(weight: "20") { id: Int } enum Color @cost(weight: "2") { RED }
interface Rows { rows: [Thing] }
type Page implements Rows { rows: [Thing] nodes: [Thing] }
type Hidden { hits: [Thing] }
`

func TestCostDirectives(t *testing.T) {
	g := costly(t, graphql.Config{SDL: weighed})
	for _, tc := range []struct {
		document string
		want     int64
	}{
		{"{ plain { id } }", 2},
		{"{ dear { id } }", 1 + 5 + 1},
		{"{ scalar }", 4},
		{"{ argued(deep: true) { id } }", 1 + 7 + 1},
		{"{ argued(cheap: true) { id } }", 1 + 1},
		{"{ heavy { id } }", 21},
		{"{ color }", 3},
		{"{ assumed { id } }", 31},
		{"{ none { id } }", 2},
		{"{ sliced { id } }", 31},
		{"{ sliced(max: 3) { id } }", 4},
		{"{ sliced(first: 3) { id } }", 31},
		{"{ single(max: 3) { id } }", 4},
		{"{ deep(input: {page: {rows: 6}}) { id } }", 7},
		{"{ deep(input: {page: {}}) { id } }", 3},
		{"{ deep(input: {}) { id } }", 11}, // a page that is not given has no defaults
		{"{ deep { id } }", 11},
		{"{ page(first: 4) { rows { id } } }", 2 + 4},
		{"{ page(first: 4) { nodes { id } } }", 2 + 10},
		{"{ guessed(first: 4) { rows { id } nodes { id } } }", 2 + 4 + 10},
		{"{ ruled(first: 4) { rows { id } } }", 1 + 10*(1+4)},
		{"{ seen(first: 4) { rows { id } ... on Page { rows { id } } } }", 2 + 4 + 4},
		{"{ plain { things { id } page { hits { id } } } }", 2 + 10 + 1 + 10},
	} {
		t.Run(tc.document, func(t *testing.T) {
			got, req := check(g, post(tc.document))
			if got != "" || req.Cost != tc.want {
				t.Errorf("got %q %v, want %d", got, req, tc.want)
			}
		})
	}
}

func TestCostConfig(t *testing.T) {
	g := costly(t, graphql.Config{SlicingArguments: []string{"size"}, ListSize: 3})
	for document, want := range map[string]int64{
		"{ users(first: 500) { id } }":        4,
		"{ posts { edges { node { id } } } }": 8,
	} {
		if got, req := check(g, post(document)); got != "" || req.Cost != want {
			t.Errorf("%s: got %q %v, want %d", document, got, req, want)
		}
	}
}

// Each fragment spreads the next one twice, so what they ask for doubles, until it is too much for a number.
func TestDoublingCost(t *testing.T) {
	g := costly(t, graphql.Config{})
	for _, n := range []int{1, 2, 10, 20, 30, 40, 50, 60, 64, 100} {
		got, req := check(g, post(doubling(n, "User", "a: friend { %s } b: friend { %s }")))
		if got != "" {
			t.Fatalf("%d: got %q", n, got)
		}
		want := int64(math.MaxInt64)
		if n <= 60 {
			want = 2 << n // 2 for me, and 2+4+…+2^n below
		}
		if req.Cost != want {
			t.Errorf("%d: got %d, want %d", n, req.Cost, want)
		}
	}
}

func TestErrorTellsLimit(t *testing.T) {
	_, err := newGuard(t, graphql.Config{}).Check(post("{ users(first: 2000) { id } }"))
	e, ok := errors.AsType[*graphql.Error](err)
	if !ok || e.Limit != 1000 || e.Found != 2001 || !errors.Is(err, graphql.ErrLimit) {
		t.Errorf("got %#v", err)
	}
	if got, want := err.Error(), "graphql: limit exceeded: cost_limit (2001 of 1000)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
