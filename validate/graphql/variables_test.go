package graphql_test

import (
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/gopalisade/palisade/validate/graphql"
)

func TestVariables(t *testing.T) {
	g := newGuard(t, graphql.Config{})
	const (
		integer = "query($v: Int) { me { image(size: $v) } }"
		float   = "query($v: Float) { at(x: $v) }"
		boolean = "query($v: Boolean) { at(on: $v) }"
		text    = "query($v: String) { at(text: $v) }"
		big     = "query($v: Big) { at(when: $v) }"
		id      = "query($v: ID!) { user(id: $v) { id } }"
		usual   = `query($v: ID! = "1") { user(id: $v) { id } }`
		mood    = "query($v: Mood) { mood(of: $v) }"
		list    = "query($v: [Int!]) { sum(values: $v) }"
		tree    = "query($v: Tree) { sum(tree: $v) }"
		one     = "query($v: One) { sum(one: $v) }"
	)
	const refused = "variables_invalid"
	for _, tc := range []struct{ name, document, variables, want string }{
		{"none", integer, `{}`, ""},
		{"null", integer, `{"v":null}`, ""},
		{"unknown", integer, `{"v":1,"w":2}`, refused},
		{"another case", integer, `{"V":1}`, refused},
		{"int", integer, `{"v":7}`, ""},
		{"int of text", integer, `{"v":"7"}`, refused},
		{"int of a float", integer, `{"v":1.0}`, refused},
		{"int of an exponent", integer, `{"v":1e2}`, refused},
		{"int of 33 bits", integer, `{"v":2147483648}`, refused},
		{"int of 65 bits", integer, `{"v":18446744073709551616}`, refused},
		{"int of true", integer, `{"v":true}`, refused},
		{"int of a list", integer, `{"v":[1]}`, refused},
		{"int of an object", integer, `{"v":{}}`, refused},
		{"float", float, `{"v":1.5e3}`, ""},
		{"float of an int", float, `{"v":1}`, ""},
		{"float of too much", float, `{"v":1e999}`, refused},
		{"float of text", float, `{"v":"1"}`, refused},
		{"boolean", boolean, `{"v":false}`, ""},
		{"boolean of a number", boolean, `{"v":0}`, refused},
		{"text", text, `{"v":"x"}`, ""},
		{"text of a number", text, `{"v":5}`, refused},
		{"id of text", id, `{"v":"x"}`, ""},
		{"id of a number", id, `{"v":5}`, ""},
		{"id of a float", id, `{"v":5.5}`, refused},
		{"id of true", id, `{"v":true}`, refused},
		{"required and missing", id, `{}`, refused},
		{"required and null", id, `{"v":null}`, refused},
		{"required with a default", usual, `{}`, ""},
		{"required with a default and null", usual, `{"v":null}`, refused},
		{"anything", big, `{"v":{"a":[1,"x",null]}}`, ""},
		{"enum", mood, `{"v":"WILD"}`, ""},
		{"enum of another case", mood, `{"v":"wild"}`, refused},
		{"enum of a number", mood, `{"v":1}`, refused},
		{"list", list, `{"v":[1,2]}`, ""},
		{"list of one", list, `{"v":1}`, ""},
		{"list with a hole", list, `{"v":[1,null]}`, refused},
		{"list of text", list, `{"v":["1"]}`, refused},
		{"tree", tree, `{"v":{"leaf":1,"kids":[{"leaf":2},{}]}}`, ""},
		{"tree of one kid", tree, `{"v":{"kids":{"leaf":null}}}`, ""},
		{"tree with a stranger", tree, `{"v":{"leaf":1,"root":2}}`, refused},
		{"tree of another case", tree, `{"v":{"Leaf":1}}`, refused},
		{"tree with a wrong leaf", tree, `{"v":{"kids":[{"leaf":"x"}]}}`, refused},
		{"tree of text", tree, `{"v":"x"}`, refused},
		{"one of", one, `{"v":{"a":1}}`, ""},
		{"two of one", one, `{"v":{"a":1,"b":"x"}}`, refused},
		{"none of one", one, `{"v":{}}`, refused},
		{"null of one", one, `{"v":{"a":null}}`, refused},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got, _ := check(g, post(tc.document, "variables", tc.variables)); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

// What passed is valid also for a server that believes it.
func TestLiterals(t *testing.T) {
	g := newGuard(t, graphql.Config{})
	const refused = "validation_failed"
	for _, tc := range []struct{ name, document, want string }{
		{"int", "{ me { image(size: 7) } }", ""},
		{"int of 33 bits", "{ me { image(size: 2147483648) } }", refused},
		{"int of 37 bits", "{ tags(first: 99999999999) }", "cost_limit"},
		{"int of a float", "{ me { image(size: 1.0) } }", refused},
		{"int of text", `{ me { image(size: "7") } }`, refused},
		{"int of true", "{ me { image(size: true) } }", refused},
		{"int of a word", "{ me { image(size: SMALL) } }", refused},
		{"int of an object", "{ me { image(size: {}) } }", refused},
		{"int of a list", "{ me { image(size: [7]) } }", refused},
		{"int of null", "{ me { image(size: null) } }", ""},
		{"float of an int", "{ at(x: 1) }", ""},
		{"float of too much", "{ at(x: 1e999) }", refused},
		{"boolean", "{ at(on: true) }", ""},
		{"boolean of an object", "{ at(on: {}) }", refused},
		{"boolean of a number", "{ at(on: 0) }", refused},
		{"text", `{ at(text: "x") }`, ""},
		{"block text", `{ at(text: """x""") }`, ""},
		{"text of a number", "{ at(text: 5) }", refused},
		{"id of text", `{ user(id: "x") { id } }`, ""},
		{"id of a number", "{ user(id: 5) { id } }", ""},
		{"id of null", "{ user(id: null) { id } }", refused},
		{"id of a float", "{ user(id: 5.5) { id } }", refused},
		{"anything", "{ at(when: {a: [1, $x]}) }", refused}, // a variable that nobody defined
		{"anything at all", `{ at(when: {a: [1, "x", {b: WORD}]}) }`, ""},
		{"enum", "{ mood(of: WILD) }", ""},
		{"enum of another case", "{ mood(of: wild) }", refused},
		{"enum of text", `{ mood(of: "WILD") }`, refused},
		{"enum of a number", "{ mood(of: 1) }", refused},
		{"enum of an object", "{ mood(of: {}) }", refused},
		{"list", "{ sum(values: [1, 2]) }", ""},
		{"list of one", "{ sum(values: 1) }", ""},
		{"list with a hole", "{ sum(values: [1, null]) }", refused},
		{"list of text", `{ sum(values: ["1"]) }`, refused},
		{"list in a list", "{ sum(values: [[1]]) }", refused},
		{"tree", "{ sum(tree: {leaf: 1, kids: [{leaf: 2}, {}]}) }", ""},
		{"tree with a stranger", "{ sum(tree: {leaf: 1, root: 2}) }", refused},
		{"tree with a twin", "{ sum(tree: {leaf: 1, leaf: 2}) }", refused},
		{"tree of text", `{ sum(tree: "x") }`, refused},
		{"tree of a word", "{ sum(tree: OAK) }", refused},
		{"one of", "{ sum(one: {a: 1}) }", ""},
		{"two of one", `{ sum(one: {a: 1, b: "x"}) }`, refused},
		{"none of one", "{ sum(one: {}) }", refused},
		{"null of one", "{ sum(one: {a: null}) }", refused},
		{"a directive's", "{ me @skip(if: {}) { id } }", refused},
		{"a default", "query($n: Int = {}) { me { image(size: $n) } }", refused},
		{"a variable of another type", "query($n: Int) { at(text: $n) }", refused},
		{"a variable of an object type", "query($n: User) { at(when: $n) }", refused},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got, _ := check(g, post(tc.document)); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestRequiredInput(t *testing.T) {
	g := newGuard(t, graphql.Config{SDL: "type Query { a(in: In): Int } input In { must: Int! may: Int! = 1 }"})
	for variables, want := range map[string]string{
		`{"v":{"must":1}}`:         "",
		`{"v":{"may":1}}`:          "variables_invalid",
		`{"v":{"must":null}}`:      "variables_invalid",
		`{"v":{"must":1,"may":2}}`: "",
	} {
		if got, _ := check(g, post("query($v: In) { a(in: $v) }", "variables", variables)); got != want {
			t.Errorf("%s: got %q, want %q", variables, got, want)
		}
	}
	for document, want := range map[string]string{
		"{ a(in: {must: 1}) }": "", "{ a(in: {may: 1}) }": "validation_failed", "{ a(in: {must: null}) }": "validation_failed",
	} {
		if got, _ := check(g, post(document)); got != want {
			t.Errorf("%s: got %q, want %q", document, got, want)
		}
	}
}

// What a value costs to check has nothing to do with how large its type is.
func TestVariablesOfLargeTypes(t *testing.T) {
	const few, rest = 20, 20000
	fastest := func(members int, variables string) time.Duration {
		g := newGuard(t, graphql.Config{SDL: large(members)})
		best := time.Hour
		for range 5 {
			r := post("query($l: [In], $e: [E]) { take(list: $l, es: $e) }", "variables", variables)
			start := time.Now()
			if got, _ := check(g, r); got != "" {
				t.Fatalf("got %q", got)
			}
			best = min(best, time.Since(start))
		}
		return best
	}
	variables := `{"l":[{}` + strings.Repeat(",{}", rest) + `],"e":[]}`
	if small, all := fastest(few, variables), fastest(100*few, variables); all > 10*small {
		t.Errorf("objects of %d members take %v, of %d members %v", few, small, 100*few, all)
	}
}

// A schema that was made by hand may name types that it does not have.
func TestSchemaWithAHole(t *testing.T) {
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: sdl})
	delete(schema.Types, "Inner")
	g := newGuard(t, graphql.Config{Schema: schema})
	const document = "query($p: Page) { users(page: $p) { id } }"
	for variables, want := range map[string]string{`{"p":{"first":1}}`: "", `{"p":{"inner":{}}}`: "variables_invalid"} {
		if got, _ := check(g, post(document, "variables", variables)); got != want {
			t.Errorf("%s: got %q, want %q", variables, got, want)
		}
	}
}
