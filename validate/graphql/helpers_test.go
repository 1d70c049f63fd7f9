package graphql_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/validate/graphql"
)

const sdl = `
type Query {
	me: User
	user(id: ID!): User
	users(first: Int = 20, last: Int, filter: Filter, page: Page): [User!]!
	posts(first: Int, after: String, page: Page): PostConnection
	search(limit: Big, text: String): [Hit]
	matrix: [[User]]
	tags(first: Int): [String!]
	sum(values: [Int!], tree: Tree, one: One): Int
	mood(of: Mood = CALM): Mood
	at(x: Float, on: Boolean, when: Big, text: String): String
}
type Mutation { login(name: String!, secret: String!): String  rename(id: ID!, name: String!): User }
type Subscription { ticks: Int  other: Int }
interface Node { id: ID! }
type User implements Node { id: ID!  name: String  friend: User  friends(first: Int): [User!]
	posts(first: Int): PostConnection  image(size: Int): String  tags: [String] }
type Post implements Node { id: ID!  title: String  author: User  comments(first: Int): [Comment] }
type Comment { id: ID!  text: String  author: User  replies(first: Int): [Comment] }
type PostConnection { nodes: [Post]  edges: [PostEdge]  facets: [Facet]  total: Int }
type PostEdge { node: Post }
type Facet { name: String }
union Hit = User | Post
enum Mood { CALM WILD }
scalar Big
input Filter { name: String  tree: Tree }
input Page { first: Int = 5  inner: Inner }
input Inner { limit: Int }
input Tree { kids: [Tree!]  leaf: Int }
input One @oneOf { a: Int  b: String }
`

func newGuard(tb testing.TB, cfg graphql.Config) *graphql.Guard {
	tb.Helper()
	if cfg.SDL == "" && cfg.Schema == nil {
		cfg.SDL = sdl
	}
	g, err := graphql.New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	return g
}

// post is a request with a document and nothing else, or with more of the envelope: name and JSON, in turn.
func post(document string, more ...string) *http.Request {
	var b strings.Builder
	b.WriteString(`{"query":` + quote(document))
	for i := 0; i < len(more); i += 2 {
		b.WriteString(`,"` + more[i] + `":` + more[i+1])
	}
	return raw(b.String() + "}")
}

func raw(body string) *http.Request {
	r := httptest.NewRequest("POST", "/graphql", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return r
}

func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

// code is what a refusal is called, or nothing where there was none.
func code(err error) string {
	if e, ok := errors.AsType[*graphql.Error](err); ok {
		return e.Code()
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// check judges a document and returns the code of the refusal, and what passed.
func check(g *graphql.Guard, r *http.Request) (string, *graphql.Request) {
	req, err := g.Check(r)
	return code(err), req
}

// doubling makes n fragments, each of which spreads the next one twice in the way that twice says with two %s.
func doubling(n int, of, twice string) string {
	var b strings.Builder
	b.WriteString("{ me { ...F0 } }\n")
	for i := range n {
		next := "F" + itoa(i+1)
		b.WriteString("fragment F" + itoa(i) + " on " + of + " { " + strings.ReplaceAll(twice, "%s", "..."+next) + " }\n")
	}
	b.WriteString("fragment F" + itoa(n) + " on " + of + " { id }\n")
	return b.String()
}

func itoa(n int) string { b, _ := json.Marshal(n); return string(b) }
