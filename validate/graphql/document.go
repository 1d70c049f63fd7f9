package graphql

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/lexer"
	"github.com/vektah/gqlparser/v2/parser"
)

// Documents finds the documents that are trusted, by id: those that the application's own clients were built with.
//
// An id of 64 lower-case hexadecimal digits is the SHA-256 of the document, and a text with another hash is not believed.
// Other ids are letters, digits, dots, colons, - and _. An id that is not there is [ErrNoDocument]; with any other error the
// request is refused with 503.
type Documents interface {
	Document(ctx context.Context, id string) (text string, err error)
}

// ErrNoDocument is the answer of [Documents] for an id that it does not have.
var ErrNoDocument = errors.New("graphql: no such document")

// Hashed returns documents by their SHA-256, in hexadecimal.
func Hashed(texts ...string) Documents {
	h := make(hashed, len(texts))
	for _, text := range texts {
		h[hash(text)] = text
	}
	return h
}

type hashed map[string]string

func (h hashed) Document(_ context.Context, id string) (string, error) {
	text, ok := h[id]
	if !ok {
		return "", ErrNoDocument
	}
	return text, nil
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// document finds out which text e is about, and whether it is trusted: then e has its id.
func (g *Guard) document(ctx context.Context, e *entry) *Error {
	if e.query == "" {
		switch {
		case e.id == "" && e.hash == "":
			return noQuery.err()
		case e.id != "" && e.hash != "" && e.id != e.hash:
			return documentMismatch.err()
		case e.id == "":
			return g.byHash(ctx, e)
		}
		text, err := g.lookup(ctx, e.id)
		e.query = text
		return err
	}
	if e.hash != "" && e.hash != hash(e.query) {
		return documentMismatch.err()
	}
	if e.id == "" && !g.only {
		return nil
	}
	named := e.id != ""
	if !named {
		e.id = hash(e.query)
	}
	text, err := g.lookup(ctx, e.id)
	switch {
	case err != nil && err.refusal == documentUnknown && !named:
		return documentRequired.err()
	case err != nil:
		return err
	case text != e.query:
		return documentMismatch.err()
	}
	return nil
}

// byHash is for clients that try the hash alone first. They send the text as well when they read one of two codes, and after
// the one of servers that know no hashes they do so from then on. The text is judged like any other, and kept nowhere.
func (g *Guard) byHash(ctx context.Context, e *entry) *Error {
	if g.documents == nil {
		return hashUnsupported.err()
	}
	e.id = e.hash
	text, err := g.lookup(ctx, e.id)
	if err != nil && err.refusal == documentUnknown && !g.only {
		return hashUnknown.err()
	}
	e.query = text
	return err
}

func (g *Guard) lookup(ctx context.Context, id string) (string, *Error) {
	if g.documents == nil {
		return "", documentUnknown.err()
	}
	text, err := g.documents.Document(ctx, id)
	switch {
	case errors.Is(err, ErrNoDocument):
		return "", documentUnknown.err()
	case err != nil:
		return "", unavailable.because(err)
	case sha256Hash.MatchString(id) && hash(text) != id:
		return "", unavailable.because(errors.New("the store's text has another hash"))
	case text == "" || !utf8.ValidString(text):
		return "", unavailable.because(errors.New("the store's text is no document"))
	}
	return text, nil
}

// totals are what the entries of a request need together.
type totals struct {
	tokens, visits, aliases, repeats, directives, cost, documents int64
}

// operation judges one entry, and fills op.
func (g *Guard) operation(r *http.Request, e *entry, total *totals, op *Operation) *Error {
	if err := g.document(r.Context(), e); err != nil {
		return err
	}
	tokens, err := count(e.query, total.tokens, g.bounds(e).tokens)
	switch {
	case err != nil:
		return err
	case e.id == "":
		total.tokens = tokens
	}
	doc, err := parse(e.query)
	if err != nil {
		return err
	}
	def, err := g.choose(r, doc, e.name)
	if err != nil {
		return err
	}
	cost, err := g.walk(r, e, doc, def, total)
	if err != nil {
		return err
	}
	if err := g.validate(doc); err != nil {
		return err
	}
	if err := g.checkVariables(def, e.variables); err != nil {
		return err
	}
	*op = Operation{
		Text: e.query, Document: doc, Definition: def, Name: e.name, Variables: e.variables, Cost: cost, DocumentID: e.id,
	}
	return nil
}

// walk measures a document, and compares what was found with the limits of those who sent it.
func (g *Guard) walk(
	r *http.Request, e *entry, doc *ast.QueryDocument, def *ast.OperationDefinition, total *totals,
) (int64, *Error) {
	trusted := e.id != ""
	w := &walker{table: g.table, limits: g.bounds(e), selected: def, variables: e.variables}
	m, err := w.document(doc)
	switch {
	case err != nil:
		return 0, err
	case w.introspects && !trusted && (g.introspection == nil || !g.introspection(r)):
		return 0, introspects.err()
	}
	return m.cost, total.add(m, w.limits, trusted)
}

// bounds are the limits of those who sent e.
func (g *Guard) bounds(e *entry) *limits {
	if e.id != "" {
		return &g.trusted
	}
	return &g.limits
}

// count adds the tokens of a document to n, and stops where there are too many: nothing was built from them yet.
//
// A block string that ends in a quote is refused. Our lexer ends it with the last three quotes of a row, others with the
// first three (GraphQL section 2.9.4), and read everything behind them in another way.
func count(text string, n, limit int64) (int64, *Error) {
	lex := lexer.New(&ast.Source{Input: text})
	for {
		tok, err := lex.ReadToken()
		switch {
		case err != nil:
			return n, at(syntax.err(), err)
		case tok.Kind == lexer.EOF:
			return n, nil
		case tok.Kind == lexer.BlockString && strings.HasSuffix(tok.Value, `"`):
			e := syntax.err()
			e.Violations = []Violation{{Line: tok.Pos.Line, Column: tok.Pos.Column}}
			return n, e
		}
		if n++; n > limit {
			return n, tooLong.over(n, limit)
		}
	}
}

// add counts an operation in, and asks that all together keep to the limits.
func (t *totals) add(m measure, lim *limits, trusted bool) *Error {
	if trusted {
		t.documents = add(t.documents, m.cost)
		if t.documents > lim.cost {
			return tooCostly.over(t.documents, lim.cost)
		}
		return nil
	}
	t.visits = add(t.visits, m.visits)
	t.aliases, t.repeats = add(t.aliases, m.aliases), add(t.repeats, m.repeats)
	t.directives, t.cost = add(t.directives, m.directives), add(t.cost, m.cost)
	switch {
	case t.visits > lim.visits:
		return tooWoven.over(t.visits, lim.visits)
	case t.aliases > lim.aliases:
		return tooAliased.over(t.aliases, lim.aliases)
	case t.repeats > lim.duplicates:
		return tooRepetitive.over(t.repeats, lim.duplicates)
	case t.directives > lim.directives:
		return tooDirected.over(t.directives, lim.directives)
	case t.cost > lim.cost:
		return tooCostly.over(t.cost, lim.cost)
	}
	return nil
}

func parse(text string) (*ast.QueryDocument, *Error) {
	doc, err := parser.ParseQuery(&ast.Source{Input: text})
	if err != nil {
		return nil, at(syntax.err(), err)
	}
	for _, f := range doc.Fragments {
		if len(f.VariableDefinition) > 0 { // an experiment that other parsers do not know
			return nil, syntax.err()
		}
	}
	return doc, nil
}

// at adds the place, and nothing else, of a parser's error.
func at(e *Error, err error) *Error {
	if g, ok := errors.AsType[*gqlerror.Error](err); ok && len(g.Locations) > 0 {
		e.Violations = []Violation{{Line: g.Locations[0].Line, Column: g.Locations[0].Column}}
	}
	return e
}

// choose finds the operation to run (GraphQL section 6.1): the one that is named, or the only one.
func (g *Guard) choose(r *http.Request, doc *ast.QueryDocument, name string) (*ast.OperationDefinition, *Error) {
	var def *ast.OperationDefinition
	switch {
	case name != "":
		if def = doc.Operations.ForName(name); def == nil || def.Name != name {
			return nil, notOperation.err()
		}
	case len(doc.Operations) != 1:
		return nil, noOperation.err()
	default:
		def = doc.Operations[0]
	}
	switch {
	case r.Method == http.MethodGet && def.Operation != ast.Query:
		return nil, methodMutation.err()
	case def.Operation == ast.Subscription && !g.subscriptions:
		return nil, subscription.err()
	}
	return def, nil
}
