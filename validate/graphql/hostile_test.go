package graphql_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/validate/graphql"
)

// large is a schema of n of everything: fields, members of an input, values of an enum, and types behind two interfaces that
// have no object in common.
func large(n int) string {
	var b strings.Builder
	each := func(head, line string) {
		b.WriteString(head)
		for i := range n {
			b.WriteString(strings.ReplaceAll(line, "#", itoa(10000+i)))
		}
		b.WriteString("}\n")
	}
	each("type Query { a: A b: B take(in: In, list: [In], es: [E], is: [Int]): Int ", "field# : Int ")
	b.WriteString("interface A { id: ID a: A } interface B { id: ID b: B }\n")
	each("input In { ", "member#: Int ")
	each("enum E { ", "VALUE# ")
	each("type Last {", "} type A# implements A { id: ID a: A } type B# implements B { id: ID b: B ")
	return strings.Replace(b.String(), "type Last {}", "", 1)
}

// manyOperations are n operations that each read the fragment F, and the envelope that runs the first one.
func manyOperations(n int, fragment string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("query Q" + itoa(i) + "{...F}")
	}
	return `{"operationName":"Q0","query":` + quote(fragment+b.String()) + `}`
}

func repeat(n int, of string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.ReplaceAll(of, "#", itoa(10000+i)))
	}
	return b.String()
}

// hostile are requests that must cost us next to nothing.
var hostile = []struct {
	name string
	cfg  graphql.Config
	body func() string
	want string
}{
	{"a megabyte", graphql.Config{}, func() string {
		return `{"query":"{ me { ` + strings.Repeat("id ", 1<<20/3) + `} }"}`
	}, "body_too_large"},
	{"a megabyte that is allowed", graphql.Config{MaxBytes: 2 << 20}, func() string {
		return `{"query":"{ me { ` + strings.Repeat("id ", 1<<20/3) + `} }"}`
	}, "token_limit"},
	{"a megabyte of commas", graphql.Config{MaxBytes: 2 << 20}, func() string {
		return `{"query":"{ me { id } }` + strings.Repeat(",", 1<<20) + `}"}`
	}, "syntax_error"},
	{"a megabyte of comments", graphql.Config{MaxBytes: 2 << 20}, func() string {
		return `{"query":"{ me { id } }` + strings.Repeat(`#\n`, 1<<20/3) + `"}`
	}, "token_limit"},
	{"a megabyte of braces", graphql.Config{MaxBytes: 2 << 20}, func() string {
		return `{"query":"` + strings.Repeat(`{`, 1<<20) + `"}`
	}, "token_limit"},
	{"64 KiB of variables", graphql.Config{}, func() string {
		return `{"query":"{ me { id } }","variables":{"a":` + strings.Repeat("[", 60000) + `}}`
	}, "value_depth_limit"},
	{"100 doubling fragments", graphql.Config{}, func() string {
		return `{"query":` + quote(doubling(100, "User", "%s %s")) + `}`
	}, "token_limit"},
	{"100 doubling fragments that are allowed", graphql.Config{MaxTokens: 10000}, func() string {
		return `{"query":` + quote(doubling(100, "User", "%s %s")) + `}`
	}, "duplicate_limit"},
	{"100 doubling fragments under fields", graphql.Config{MaxTokens: 10000, MaxDepth: 500}, func() string {
		return `{"query":` + quote(doubling(100, "User", "a: friend { %s } b: friend { %s }")) + `}`
	}, "alias_limit"},
	{"30 KB of one field", graphql.Config{}, func() string {
		return `{"query":"{ me { ` + strings.Repeat("id ", 10000) + `} }"}`
	}, "token_limit"},
	{"30 KB of one field that is allowed", graphql.Config{MaxTokens: 20000}, func() string {
		return `{"query":"{ me { ` + strings.Repeat("id ", 10000) + `} }"}`
	}, "duplicate_limit"},
	{"10000 directives", graphql.Config{MaxTokens: 30000}, func() string {
		return `{"query":"{ me { id ` + strings.Repeat("@aa ", 10000) + `} }"}`
	}, "directive_limit"},
	{"1000 aliases", graphql.Config{MaxTokens: 20000}, func() string {
		return `{"query":"{ ` + aliases(1000, "__typename") + `}"}`
	}, "duplicate_limit"},
	{"a batch of 1000", graphql.Config{MaxBatch: 10}, func() string {
		return "[" + strings.Repeat(`{"query":"{ me { id } }"},`, 999) + `{"query":"{ me { id } }"}]`
	}, "batch_limit"},
	{"a thousand unknown fields", graphql.Config{}, func() string {
		return `{"query":"{ ` + strings.Join(names(990), " ") + `}"}`
	}, "validation_failed"},
	{"fragments that nobody needs", graphql.Config{}, func() string {
		return `{"query":` + quote(strings.Replace(doubling(60, "User", "id %s"), "...F0", "id", 1)) + `}`
	}, "validation_failed"},

	{"80 operations with 450 values of an enum", graphql.Config{SDL: wide1000}, func() string {
		return manyOperations(79, "fragment F on Query{take(es:["+strings.Repeat("VALUE10999 ", 450)+"])}")
	}, "visit_limit"},
	{"9 operations with 450 values of an enum", graphql.Config{SDL: wide1000}, func() string {
		return manyOperations(9, "fragment F on Query{take(es:["+strings.Repeat("VALUE10999 ", 450)+"])}")
	}, ""},
	{"80 operations with 450 of a thousand fields", graphql.Config{SDL: wide1000}, func() string {
		return manyOperations(79, "fragment F on Query{"+repeat(450, "field# ")+"}")
	}, "visit_limit"},
	{"9 operations with 450 of a thousand fields", graphql.Config{SDL: wide1000}, func() string {
		return manyOperations(9, "fragment F on Query{"+repeat(450, "field# ")+"}")
	}, ""},
	{"20 operations with 110 of a thousand types", graphql.Config{SDL: wide1000}, func() string {
		return manyOperations(20, "fragment F on Query{a{"+repeat(110, "...on A#{id}")+"}}")
	}, ""},
	{"20 operations with 110 objects of a thousand members", graphql.Config{SDL: wide1000}, func() string {
		return manyOperations(20, "fragment F on Query{take(list:["+strings.Repeat("{member10999:1}", 110)+"])}")
	}, ""},
	{"60 fragments with 35 spreads that cannot be", graphql.Config{SDL: wide1000}, func() string {
		return `{"query":` + quote("{a{...G10000}} fragment F on A{"+strings.Repeat("...on B{...on A{", 35)+"id"+
			strings.Repeat("}}", 35)+"}"+repeat(60, "fragment G# on A{...F}")) + `}`
	}, "validation_failed"},
	{"20000 objects of a thousand members", graphql.Config{SDL: wide1000}, func() string {
		return `{"query":"query($l:[In]){take(list:$l)}","variables":{"l":[{}` + strings.Repeat(",{}", 20000) + `]}}`
	}, ""},
	{"4000 values of an enum of a thousand", graphql.Config{SDL: wide1000}, func() string {
		return `{"query":"query($l:[E]){take(es:$l)}","variables":{"l":["VALUE10999"` + strings.Repeat(`,"VALUE10999"`, 4000) + `]}}`
	}, ""},
}

var wide1000 = large(1000)

// TestHostile asserts what each request makes us allocate: less than 8 MiB, which is less than it takes to answer it.
func TestHostile(t *testing.T) {
	for _, tc := range hostile {
		t.Run(tc.name, func(t *testing.T) {
			g := newGuard(t, tc.cfg)
			r := raw(tc.body())
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			got, _ := check(g, r)
			runtime.ReadMemStats(&after)
			if got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used >= 8<<20 {
				t.Errorf("allocated %d bytes", used)
			}
		})
	}
}

// What the rules visit grows with the square of a chain of fragments, and is counted.
func TestVisitsOfAChain(t *testing.T) {
	for _, n := range []int{10, 50, 90} {
		var chain strings.Builder
		chain.WriteString("{ me { ...F0 } } ")
		for i := range n {
			chain.WriteString("fragment F" + itoa(i) + " on User { id ...F" + itoa(i+1) + " } ")
		}
		chain.WriteString("fragment F" + itoa(n) + " on User { id }")
		want := (2 + 2*n + 1) + (n+1)*(n+1) // from the operation; from each fragment, which are the odd numbers
		for limit, code := range map[int]string{want: "", want - 1: "visit_limit"} {
			if got, _ := check(costly(t, graphql.Config{MaxVisits: limit}), post(chain.String())); got != code {
				t.Errorf("%d fragments: got %q at %d visits, want %q", n, got, limit, code)
			}
		}
	}
}

// After the eighth violation no rule is asked any more.
func TestRulesStopEarly(t *testing.T) {
	g := newGuard(t, graphql.Config{})
	for document, want := range map[string]int{
		"{ me { id name } }":                           3,
		"{" + strings.Join(names(7), " ") + " sum }":   8,
		"{" + strings.Join(names(8), " ") + " sum }":   8,
		"{" + strings.Join(names(300), " ") + " sum }": 8,
	} {
		if got, err := g.Asked(document); got != want {
			t.Errorf("rules are asked about %d fields, want %d: %v", got, want, err)
		}
	}
}

// The walk visits each selection once, however often its fragment is spread.
func TestWalkIsLinear(t *testing.T) {
	g := costly(t, graphql.Config{})
	for _, twice := range []string{
		"%s %s",
		"a: friend { %s } b: friend { %s }",
		"... on User { %s } ... on Node { %s }",
		"friends(first: 2) { %s } x: friends(first: 3) @include(if: true) { %s }",
	} {
		steps := func(n int) int {
			got, err := g.Steps(doubling(n, "User", twice), "")
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		each := steps(11) - steps(10)
		for n := 10; n <= 60; n++ {
			if got, want := steps(n), steps(10)+(n-10)*each; got != want || each > 12 {
				t.Errorf("%q: %d fragments take %d steps, want %d", twice, n, got, want)
			}
		}
	}
}

// What breaks a limit is not walked to its end.
func TestWalkStopsEarly(t *testing.T) {
	g := newGuard(t, graphql.Config{MaxDuplicates: 5})
	for _, tc := range []struct {
		name     string
		document func(n int) string
		want     string
	}{
		{"repeats", func(n int) string { return "{ me { " + strings.Repeat("id ", n) + "} }" }, "duplicate_limit"},
		{"aliases", func(n int) string { return "{" + aliases(n, "me { id }") + "}" }, "duplicate_limit"},
		{"directives", func(n int) string { return "{ me { id " + strings.Repeat("@a ", n) + "} }" }, "directive_limit"},
		{"spreads", func(n int) string {
			return "{ me { " + strings.Repeat("...A ", n) + "} } fragment A on User { id }"
		}, "duplicate_limit"},
		{"literals", func(n int) string {
			return "{ sum(tree: " + strings.Repeat("[", 11) + strings.Repeat("1 ", n) + strings.Repeat("]", 11) + ") }"
		}, "value_depth_limit"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			few, err := g.Steps(tc.document(30), "")
			if code(err) != tc.want {
				t.Fatalf("got %v, want %s", err, tc.want)
			}
			if many, err := g.Steps(tc.document(300), ""); many != few || code(err) != tc.want {
				t.Errorf("%d steps for 300, %d for 30: %v", many, few, err)
			}
		})
	}
}
