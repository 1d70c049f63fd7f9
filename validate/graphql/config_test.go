package graphql_test

import (
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/gopalisade/palisade/internal/conf"
	"github.com/gopalisade/palisade/validate/graphql"
)

func TestNewFaults(t *testing.T) {
	const ok = "type Query { a: Int }"
	loaded := gqlparser.MustLoadSchema(&ast.Source{Input: ok})
	for _, tc := range []struct {
		name string
		cfg  graphql.Config
		want []string
	}{
		{"nothing", graphql.Config{}, []string{"SDL"}},
		{"both", graphql.Config{SDL: ok, Schema: loaded}, []string{"SDL"}},
		{"no schema", graphql.Config{SDL: "type {"}, []string{"SDL"}},
		{"no valid schema", graphql.Config{SDL: "type Query { a: Nothing }"}, []string{"SDL"}},
		{"no query", graphql.Config{Schema: &ast.Schema{}}, []string{"Schema"}},
		{"negative limits", graphql.Config{
			SDL: ok, MaxBytes: -1, MaxTokens: -1, MaxVisits: -1, MaxDepth: -1, MaxListDepth: -1, MaxAliases: -1,
			MaxDuplicates: -1, MaxDirectives: -1,
			MaxValueDepth: -1, MaxBatch: -1, MaxCost: -1, ListSize: -1,
		}, []string{
			"MaxBytes", "MaxTokens", "MaxVisits", "MaxDepth", "MaxListDepth", "MaxAliases", "MaxDuplicates", "MaxDirectives",
			"MaxValueDepth", "MaxBatch", "MaxCost", "ListSize", "MaxDocumentCost",
		}},
		{"values too deep", graphql.Config{SDL: ok, MaxValueDepth: 1001}, []string{"MaxValueDepth"}},
		{"only documents, without", graphql.Config{SDL: ok, OnlyDocuments: true, MaxDocumentCost: 1}, []string{
			"OnlyDocuments",
			"MaxDocumentCost",
		}},
		{"preflight without GET", graphql.Config{SDL: ok, Preflight: "X-A"}, []string{"Preflight"}},
		{"preflight of odd characters", graphql.Config{SDL: ok, GET: true, Preflight: "X A"}, []string{"Preflight"}},
		{"preflight that all browsers send", graphql.Config{SDL: ok, GET: true, Preflight: "accept"}, []string{"Preflight"}},
		{"no cost", graphql.Config{SDL: `type Query { a: [Query] @cost(weight: null) }`}, []string{"SDL"}},
		{"costs", graphql.Config{SDL: `
			type Query @cost(weight: "-1") { a: Int @cost(weight: "x") b(c: Int @cost(weight: "1e16")): Int @cost(weight: "NaN") }
		`}, []string{"Schema", "Schema", "Schema", "Schema"}},
		{"costs of an own directive", graphql.Config{SDL: `
			directive @cost(weight: Float) on OBJECT | FIELD_DEFINITION | ARGUMENT_DEFINITION
			type Query { a: Int @cost(weight: -1) b(c: Int @cost(weight: 1e16)): Int @cost d: T }
			type T @cost(weight: -2) { a: Int }
		`}, []string{"Schema", "Schema", "Schema", "Schema"}},
		{"list sizes", graphql.Config{SDL: `
			type Query {
				a: [Query] @listSize(assumedSize: -1)
				b(first: Int, in: In): [Query] @listSize(slicingArguments: ["last", "in.last", "in.first.more"])
				c: Query @listSize(sizedFields: ["nodes"])
				d: [Int] @listSize(sizedFields: ["nodes"])
			}
			input In { first: Int }
		`}, []string{"Schema", "Schema", "Schema", "Schema", "Schema", "Schema"}},
		{"sizes that are no numbers", graphql.Config{SDL: `
			type Query {
				a(in: [In]): [Query] @listSize(slicingArguments: ["in.first"])
				b(all: Boolean): [Query] @listSize(slicingArguments: ["all"])
				c(in: In): [Query] @listSize(slicingArguments: ["in"])
				d(of: Of): [Query] @listSize(slicingArguments: ["of"])
				e(ids: [Int]): [Query] @listSize(slicingArguments: ["ids"])
			}
			input In { first: Int } enum Of { TEN }
		`}, []string{"Schema", "Schema", "Schema", "Schema", "Schema"}},
		{"list sizes that say nothing", graphql.Config{SDL: `type Query {
			a: [Query] @listSize
			b: [Query] @listSize(requireOneSlicingArgument: false)
			c: Int @listSize(assumedSize: 5)
		}`}, []string{"Schema", "Schema", "Schema"}},
		{"a list that is endless", graphql.Config{SDL: ok, ListSize: 1<<30 + 1}, []string{"ListSize"}},
		{"no slicing arguments", graphql.Config{SDL: ok, SlicingArguments: []string{}}, []string{"SlicingArguments"}},
		{"slicing arguments that are not there", graphql.Config{SDL: sdl, SlicingArguments: []string{"first", "frist", ""}}, []string{
			"SlicingArguments", "SlicingArguments",
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := graphql.New(tc.cfg)
			var got []string
			for _, f := range conf.All(err) {
				got = append(got, f.Field)
			}
			if strings.Join(got, " ") != strings.Join(tc.want, " ") {
				t.Errorf("got %v, want %v: %v", got, tc.want, err)
			}
		})
	}
}

// A header that comes without a preflight proves nothing.
func TestPreflight(t *testing.T) {
	for _, tc := range []struct{ kind, names, want string }{
		{"of pages", "Accept Accept-Language Content-Language Content-Type Range", "Preflight"},
		{"of browsers", "Sec-Fetch-Site sec-ch-ua Upgrade-Insecure-Requests Priority DNT TE Last-Event-ID Ping-From", "Preflight"},
		{"of hints", "Save-Data DPR Viewport-Width Downlink RTT ECT Device-Memory", "Preflight"},
		{"of caches", "If-None-Match If-Modified-Since If-Range Cache-Control Pragma", "Preflight"},
		{"of logins", "Authorization Proxy-Authorization Cookie", "Preflight"},
		{"of proxies", "Via Forwarded X-Forwarded-For X-Real-IP CF-Ray Traceparent X-Request-ID X-Amzn-Trace-Id", "Preflight"},
		{"of connections", "Content-Length Host Transfer-Encoding Upgrade Keep-Alive Expect Trailer", "Preflight"},
		{"of clients", "GraphQL-Require-Preflight Apollo-Require-Preflight X-Requested-With X-Csrf x-apollo-operation-name", ""},
	} {
		for name := range strings.FieldsSeq(tc.names) {
			_, err := graphql.New(graphql.Config{SDL: sdl, GET: true, Preflight: name})
			var got strings.Builder
			for _, f := range conf.All(err) {
				got.WriteString(f.Field)
			}
			if got.String() != tc.want {
				t.Errorf("%s, %s: got %q, want %q", tc.kind, name, got.String(), tc.want)
			}
		}
	}
}

func TestNewAccepts(t *testing.T) {
	loaded := gqlparser.MustLoadSchema(&ast.Source{Input: sdl})
	for name, cfg := range map[string]graphql.Config{
		"loaded":          {Schema: loaded},
		"text":            {SDL: sdl},
		"its own cost":    {SDL: `directive @cost(weight: Int!) on FIELD_DEFINITION type Query { me: Query @cost(weight: 3) }`},
		"null size":       {SDL: `type Query { me: [Query] @listSize(assumedSize: null) }`},
		"preflight":       {SDL: sdl, GET: true, Preflight: "x-requested-with"},
		"unusual schemas": {SDL: `schema { query: Q mutation: M } type Q { me: Q } type M { me: Q }`},
	} {
		t.Run(name, func(t *testing.T) {
			if got, _ := check(newGuard(t, cfg), post("{ me { __typename } }")); got != "" {
				t.Errorf("got %q", got)
			}
			want := "validation_failed" // what the schema does not have
			if cfg.Schema != nil || cfg.SDL == sdl {
				want = "subscription_refused"
			}
			cfg.Subscriptions = want == "validation_failed"
			if got, _ := check(newGuard(t, cfg), post("subscription { me }")); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}
