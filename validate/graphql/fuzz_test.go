package graphql_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/lexer"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/gopalisade/palisade/validate/graphql"
)

// printed writes a document in one form.
func printed(doc *ast.QueryDocument) string {
	var b bytes.Buffer
	formatter.NewFormatter(&b).FormatQueryDocument(doc)
	return b.String()
}

// envelope is how a lax server reads a request: with encoding/json, which takes names in any case and the last of several.
type envelope struct {
	Query         string         `json:"query"`
	OperationName string         `json:"operationName"`
	Variables     map[string]any `json:"variables"`
}

func FuzzBody(f *testing.F) {
	g := newGuard(f, graphql.Config{
		MaxBatch: 3, Documents: graphql.Hashed(small, wide),
		Introspection: func(*http.Request) bool { return true },
	})
	for _, seed := range []string{
		`{"query":"{ me { id } }"}`,
		`[{"query":"{ me { id } }"},{"query":"query A($n:Int=3){users(first:$n){...F}} fragment F on User{id}",` +
			`"variables":{"n":2},"operationName":"A"}]`,
		`{"documentId":"sha256:` + sum(small) + `","extensions":{"a":[1,{"b":null}]}}`,
		`{"query":"{ a: at(text: \"\"\"x\n y\"\"\") }","query":""}`,
		`{"query":"{ sum(tree: {kids: [{leaf: 1}]}) }","Query":"{ me { id } }"}`,
		`{"query":` + quote(introspection) + `}`,
		`{"query":` + quote(doubling(5, "User", "%s friend { %s }")) + `}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		r := raw(body)
		req, err := g.Check(r)
		if err != nil {
			if e, ok := errors.AsType[*graphql.Error](err); !ok || e.HTTPStatus() < 400 || e.HTTPStatus() > 499 || e.Code() == "" {
				t.Fatalf("refused without a reason to give: %v", err)
			}
			graphql.Write(httptest.NewRecorder(), r, err)
			return
		}
		data, _ := io.ReadAll(r.Body)
		var all []envelope
		if req.Batch {
			err = json.Unmarshal(data, &all)
		} else {
			all = make([]envelope, 1)
			err = json.Unmarshal(data, &all[0])
		}
		if err != nil || len(all) != len(req.Operations) {
			t.Fatalf("the body handed on does not parse: %v", err)
		}
		for i, op := range req.Operations {
			doc, err := parser.ParseQuery(&ast.Source{Input: all[i].Query})
			if err != nil || printed(doc) != printed(op.Document) {
				t.Fatalf("the document handed on is not the one that was judged: %v", err)
			}
			if all[i].OperationName != op.Name || len(all[i].Variables) != len(op.Variables) {
				t.Fatalf("name or variables handed on are not those that were judged")
			}
			if op.Cost < 1 || req.Cost < op.Cost {
				t.Fatalf("cost %d of %d", op.Cost, req.Cost)
			}
		}
		again := raw(string(data))
		if _, err := g.Check(again); err != nil && req.Operations[0].DocumentID == "" {
			t.Fatalf("what was handed on would be refused: %v", err)
		}
		if second, _ := io.ReadAll(again.Body); err == nil && req.Operations[0].DocumentID == "" && string(second) != string(data) {
			t.Fatalf("the body handed on is not its own canonical form: %s and %s", data, second)
		}
	})
}

func FuzzDocument(f *testing.F) {
	g := costly(f, graphql.Config{MaxBytes: 1 << 20, Introspection: func(*http.Request) bool { return true }})
	for _, seed := range []string{
		"{ me { id } }", introspection, doubling(12, "User", "%s %s"), doubling(3, "User", "a: friend { %s } b: friend { %s }"),
		"query($n: Int = 3, $p: Page) { users(first: $n, page: $p) { id @skip(if: true) } " +
			"posts(page: {inner: {limit: $n}}) { nodes { id } } }",
		"fragment A on User { ...A }", "{ ... on Query { ...B } } fragment B on Query { __typename }", "subscription { ticks }",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, document string) {
		if len(document) > 20000 {
			return
		}
		steps, err := g.Steps(document, "")
		if err != nil && steps == 0 {
			return
		}
		if n := tokens(document); steps > 16*n {
			t.Fatalf("the walk takes %d steps for %d tokens, want a constant for each: %q", steps, n, document)
		}
		if _, err := g.Check(post(document)); err != nil {
			if _, ok := errors.AsType[*graphql.Error](err); !ok {
				t.Fatalf("refused by %v", err)
			}
		}
	})
}

func tokens(document string) int {
	lex := lexer.New(&ast.Source{Input: document})
	for n := 0; ; n++ {
		if tok, err := lex.ReadToken(); err != nil || tok.Kind == lexer.EOF {
			return n
		}
	}
}

func FuzzURL(f *testing.F) {
	g := newGuard(f, graphql.Config{GET: true})
	f.Add("query=%7Bme%7Bid%7D%7D&operationName=&variables=%7B%7D")
	f.Add("query={me{id}}&extensions={\"a\":1}&query=x")
	f.Fuzz(func(t *testing.T, raw string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.URL.RawQuery = raw
		r.Header.Set("GraphQL-Require-Preflight", "1")
		req, err := g.Check(r)
		if err != nil {
			return
		}
		if got := r.URL.Query().Get("query"); got != req.Operations[0].Text || len(r.URL.Query()["query"]) != 1 {
			t.Fatalf("the URL handed on asks for %q, judged was %q", got, req.Operations[0].Text)
		}
		if req.Operations[0].Definition.Operation != ast.Query {
			t.Fatalf("a %s passed by GET", req.Operations[0].Definition.Operation)
		}
	})
}
