package graphql_test

import (
	"strings"
	"testing"

	"github.com/gopalisade/palisade/validate/graphql"
)

const behind = `
type Query {
	hit: Hit  node: Node  byIDs(ids: [ID!]): [Node]  pageOf(ids: [ID!]): Page  found(filter: Filter): [User]
	on(page: [Paging!]): [User]  deep(a: A): [User]  odd(Limit: Int, page_size: Int, MaxResults: Int): [User]
	shelf(first: Int): Shelf  ruled(max: Int): [User] @listSize(slicingArguments: ["max"])
	usual(max: Int = 40): [User] @listSize(slicingArguments: ["max"])
	path(in: A = {b: {c: {first: 70}}}): [User] @listSize(slicingArguments: ["in.b.c.first"])
	loop(a: Round): [User]
}
interface Node { id: ID  list(first: Int): [User]  page(first: Int): [User]  dear: Int  argued(deep: Boolean): Int  more: [User]
	ruled(max: Int, in: A): [User] }
type User implements Node { id: ID  list(first: Int): [User]  page(first: Int = 200): [User]  dear: Int @cost(weight: "500")
	argued(deep: Boolean @cost(weight: "70")): Int  more: [User] @listSize(assumedSize: 300) friend: User
	ruled(max: Int = 60, in: A): [User] @listSize(slicingArguments: ["max", "in.b.c.first"]) }
type Heavy implements Node @cost(weight: "90") { id: ID  list(first: Int): [User]  page(first: Int): [User]  dear: Int
	argued(deep: Boolean): Int  more: [User]
	ruled(max: Int = 80, in: A): [User] @listSize(slicingArguments: ["max", "in.b.c.first"]) }
union Hit = Heavy | User
type Page { nodes: [User] }  type Shelf { page: Page  name: String  owner: User }
input Paging { first: Int }  input Filter { ids: [ID!]  not: Filter }
input A { b: B }  input B { c: C }  input C { first: Int }
input Round { again: Round = {first: 3}  first: Int }
`

// What may be behind an interface or a union costs what the dearest costs.
func TestCostBehind(t *testing.T) {
	g := costly(t, graphql.Config{SDL: behind})
	ids := `["1"` + strings.Repeat(`,"1"`, 99) + `]`
	for _, tc := range []struct {
		name, document, variables string
		want                      int64
	}{
		{"weight behind a union", "{ hit { ... on User { id } } }", "", 1 + 90},
		{"weight behind an interface", "{ node { id } }", "", 1 + 90},
		{"weight of a field", "{ node { dear } }", "", 1 + 90 + 500},
		{"weight of an argument", "{ node { argued(deep: true) } }", "", 1 + 90 + 70},
		{"weight of a type that is known", "{ node { friendly: id ... on Heavy { dear } } }", "", 1 + 90},
		{"default", "{ node { page { id } } }", "", 1 + 90 + 200},
		{"default not used", "{ node { page(first: 3) { id } } }", "", 1 + 90 + 3},
		{"assumed size", "{ node { more { id } } }", "", 1 + 90 + 300},
		{"ruled by the dearest default", "{ node { ruled { id } } }", "", 1 + 90 + 80},
		{"ruled by what is given", "{ node { ruled(max: 70) { id } } }", "", 1 + 90 + 70},
		{"ruled by a path", "{ node { ruled(max: 1, in: {b: {c: {first: 75}}}) { id } } }", "", 1 + 90 + 75},

		{"as long as the list of ids", "query($i: [ID!]) { byIDs(ids: $i) { id } }", `{"i":` + ids + `}`, 1 + 100*90},
		{"as a literal", "{ byIDs(ids: " + ids + ") { id } }", "", 1 + 100*90},
		{"a short list", `{ byIDs(ids: ["1"]) { id } }`, "", 1 + 10*90},
		{"a page of them", "query($i: [ID!]) { pageOf(ids: $i) { nodes { id } } }", `{"i":` + ids + `}`, 1 + 1 + 100},
		{"in an input object", "query($f: Filter) { found(filter: $f) { id } }", `{"f":{"not":{"ids":` + ids + `}}}`, 1 + 100},
		{"twice", "query($f: Filter) { found(filter: $f) { id } b: found(filter: $f) { id } }", `{"f":{"ids":` + ids + `}}`, 201},
		{"a default", "query($i: [ID!] = " + ids + ") { byIDs(ids: $i) { id } }", `{}`, 1 + 100*90},

		{"size in a list", "{ on(page: [{first: 30}, {first: 40}]) { id } }", "", 71},
		{"size in a list by variable", "query($p: [Paging!]) { on(page: $p) { id } }", `{"p":[{"first":30},{"first":40}]}`, 71},
		{"size in a list of one", "{ on(page: {first: 30}) { id } }", "", 31},
		{"size deep inside", "{ deep(a: {b: {c: {first: 30}}}) { id } }", "", 31},
		{"capitals", "{ odd(Limit: 30) { id } }", "", 31},
		{"underscores", "{ odd(page_size: 30) { id } }", "", 31},
		{"another usual name", "{ odd(MaxResults: 30) { id } }", "", 31},
		{"a default around itself", "{ loop(a: {}) { id } }", "", 4},

		{"handed on", "{ shelf(first: 30) { page { nodes { id } } } }", "", 1 + 1 + 1 + 30},
		{"handed on to a guess", "{ shelf(first: 2) { page { nodes { id } } } }", "", 1 + 1 + 1 + 10},
		{"not past a list", "{ on(page: [{first: 30}]) { friend { friend { id } } } }", "", 1 + 30*3},

		{"ruled", "{ ruled(max: 30) { id } }", "", 31},
		{"ruled by 0", "{ ruled(max: 0) { id } }", "", 2},
		{"ruled by null", "{ ruled(max: null) { id } }", "", 11},
		{"ruled by null with a default", "{ usual(max: null) { id } }", "", 41},
		{"ruled by a default", "{ usual { id } }", "", 41},
		{"ruled by a variable", "query($n: Int) { ruled(max: $n) { id } }", `{"n":30}`, 31},
		{"ruled by a variable of null", "query($n: Int) { ruled(max: $n) { id } }", `{"n":null}`, 11},
		{"ruled by a variable's default", "query($n: Int = 30) { ruled(max: $n) { id } }", `{}`, 31},
		{"ruled by no variable", "query($n: Int) { usual(max: $n) { id } }", `{}`, 41},
		{"a path", "{ path(in: {b: {c: {first: 30}}}) { id } }", "", 31},
		{"a path's default", "{ path { id } }", "", 71},
		{"a path's default by JSON", "query($a: A) { path(in: $a) { id } }", `{"a":null}`, 71},
		{"a path's default for null", "{ path(in: null) { id } }", "", 71},
		{"a path by variable", "query($a: A) { path(in: $a) { id } }", `{"a":{"b":{"c":{"first":30}}}}`, 31},
		{"a path that ends early", "query($a: A) { path(in: $a) { id } }", `{"a":{"b":{}}}`, 11},
		{"a path that ends in null", "query($a: A) { path(in: $a) { id } }", `{"a":{"b":{"c":null}}}`, 11},
	} {
		t.Run(tc.name, func(t *testing.T) {
			more := []string{}
			if tc.variables != "" {
				more = append(more, "variables", tc.variables)
			}
			if got, req := check(g, post(tc.document, more...)); got != "" || req.Cost != tc.want {
				t.Errorf("got %q %v, want %d", got, req, tc.want)
			}
		})
	}
}

// A variable is searched once, however often it is used.
func TestSizesAreLinear(t *testing.T) {
	g := costly(t, graphql.Config{SDL: behind})
	list := "[" + strings.Repeat("{first: 1} ", 100) + "]"
	steps := func(n int) int {
		var b strings.Builder
		b.WriteString("query($p: [Paging!] = " + list + ") {")
		for i := range n {
			b.WriteString(" a" + itoa(i) + ": on(page: $p) { id }")
		}
		got, err := g.Steps(b.String()+" }", "")
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if each := steps(2) - steps(1); each > 5 || steps(50) != steps(1)+49*each {
		t.Errorf("50 uses take %d steps, 2 take %d, 1 takes %d", steps(50), steps(2), steps(1))
	}
}
