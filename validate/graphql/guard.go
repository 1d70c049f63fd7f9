package graphql

import (
	"context"
	"net/http"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/gopalisade/palisade/internal/around"
	"github.com/gopalisade/palisade/monitor/event"
)

// Request is what a [Guard] let pass.
type Request struct {
	Operations []Operation // one, but for a batch
	Batch      bool        // the operations came in an array, of one or more
	Cost       int64       // of all operations, at least 1

	body  []byte
	query string // of the URL, where the request came by GET
}

// Operation is one operation of a [Request]. It was parsed and validated, and belongs to this request alone.
type Operation struct {
	Text       string                   // the document, as the server will see it
	Document   *ast.QueryDocument       // the document, with the schema's definitions in it
	Definition *ast.OperationDefinition // the operation that was chosen
	Name       string                   // as the client gave it; empty where it did not
	Variables  map[string]any           // as the client gave them; numbers are json.Number
	Cost       int64                    // at least 1
	DocumentID string                   // of a trusted document; empty otherwise
}

// Check judges r. What it lets pass it also puts in r.Body, and takes the query from r.URL (for GET: puts it there), written
// anew, so that whoever reads it sees what was judged and nothing else. After a refusal the body is spent.
func (g *Guard) Check(r *http.Request) (*Request, error) {
	req, err := g.judge(r)
	if err != nil {
		return nil, err
	}
	req.install(r)
	return req, nil
}

// Wrap returns next behind [Guard.Check].
func (g *Guard) Wrap(next http.Handler) http.Handler {
	return around.New(next, func(w http.ResponseWriter, r *http.Request) {
		req, err := g.judge(r)
		if err != nil {
			g.deny(w, r, err)
			return
		}
		r = r.WithContext(context.WithValue(r.Context(), requestKey{}, req))
		req.install(r)
		next.ServeHTTP(w, r)
	})
}

type requestKey struct{}

// From returns what the guard around this handler let pass; false where there is no guard.
func From(ctx context.Context) (*Request, bool) {
	req, ok := ctx.Value(requestKey{}).(*Request)
	return req, ok
}

// Cost is for a rate limiter inside the guard that charges by cost: 1 or more; 1 where there is no guard around it.
func Cost(r *http.Request) int64 {
	if req, ok := From(r.Context()); ok {
		return req.Cost
	}
	return 1
}

// judge decides, and tells the monitor of a refusal.
func (g *Guard) judge(r *http.Request) (*Request, error) {
	req, err := g.decide(r)
	if err == nil {
		return req, nil
	}
	err.expose = g.expose
	event.Emit(r.Context(), event.Event{
		Code: event.InputValidationFail, Reason: err.Reason, Count: max(err.Found, int64(len(err.Violations))), Err: err.Err,
	})
	return nil, err
}

func (g *Guard) decide(r *http.Request) (*Request, *Error) {
	in, err := g.read(r)
	if err != nil {
		return nil, err
	}
	req := &Request{Operations: make([]Operation, len(in.entries)), Batch: in.batch}
	var total totals
	for i := range in.entries {
		if err := g.operation(r, &in.entries[i], &total, &req.Operations[i]); err != nil {
			return nil, err
		}
		req.Cost = add(req.Cost, req.Operations[i].Cost)
	}
	if r.Method == http.MethodGet {
		req.query = in.entries[0].encodeQuery()
		return req, nil
	}
	req.body = in.encode()
	return req, nil
}
