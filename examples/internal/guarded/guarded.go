// Package guarded runs, with gqlgen, the operations that a guard of validate/graphql let pass.
//
// It takes the place of gqlgen's handler package. Its transports would decode the body once more and its executor would
// parse and validate the document once more; here the document of the guard is executed, and a request that no guard has
// seen is not. Clients learn of a resolver's error what [problem.Of] says of it, and nothing of any other.
//
// It does not run subscriptions, and it limits nothing: that is the guard's business.
package guarded

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"

	gqlgen "github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/gopalisade/palisade/monitor/event"
	"github.com/gopalisade/palisade/problem"
	"github.com/gopalisade/palisade/validate/graphql"
)

var (
	errUnguarded    = errors.New("guarded: the request did not come through a guard")
	errSubscription = errors.New("guarded: the guard let a subscription pass")
	errStopped      = &problem.Problem{Status: http.StatusServiceUnavailable} // the request's time is over
)

type handler struct {
	exec *executor.Executor
	log  *slog.Logger
}

// New returns what stands inside the guard. The guard has es.Schema() as its own schema: documents point into it.
func New(es gqlgen.ExecutableSchema, log *slog.Logger) http.Handler {
	h := &handler{executor.New(es), log}
	h.exec.SetQueryCache(documents{})
	h.exec.SetErrorPresenter(h.present)
	h.exec.SetRecoverFunc(recovered)
	return h
}

// ServeHTTP answers 200 whatever resolvers say (GraphQL over HTTP section 6.4): a part of the data may be there.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer, err := h.answer(r)
	if err != nil {
		h.log.ErrorContext(r.Context(), "operation not executed", "err", err)
		graphql.Write(w, r, err)
		return
	}
	w.Header().Set("Content-Type", graphql.MediaType(r)+"; charset=utf-8")
	_, _ = w.Write(append(answer, '\n')) // the client is gone: nobody is left to tell
}

func (h *handler) answer(r *http.Request) ([]byte, error) {
	req, ok := graphql.From(r.Context())
	if !ok {
		return nil, errUnguarded
	}
	all := make([]*gqlgen.Response, len(req.Operations))
	for i := range req.Operations {
		one, err := h.run(r, &req.Operations[i])
		if err != nil {
			return nil, err
		}
		all[i] = one
	}
	if req.Batch {
		return json.Marshal(all)
	}
	return json.Marshal(all[0])
}

func (h *handler) run(r *http.Request, op *graphql.Operation) (*gqlgen.Response, error) {
	if op.Definition.Operation == ast.Subscription {
		return nil, errSubscription
	}
	ctx := gqlgen.StartOperationTrace(context.WithValue(r.Context(), documentKey{}, op.Document))
	running, faults := h.exec.CreateOperationContext(ctx, &gqlgen.RawParams{
		Query: op.Text, OperationName: op.Name, Variables: op.Variables, Headers: r.Header,
	})
	if len(faults) > 0 {
		return h.exec.DispatchError(gqlgen.WithOperationContext(ctx, running), faults), nil
	}
	running.DisableIntrospection = false // the guard has decided who may ask
	next, ctx := h.exec.DispatchOperation(ctx, running)
	if answer := next(ctx); answer != nil {
		return answer, nil
	}
	return nil, errors.Join(errStopped, ctx.Err())
}

// documents is a cache that has the document of this request, so that the executor never parses one.
type documents struct{}

type documentKey struct{}

func (documents) Get(ctx context.Context, _ string) (*ast.QueryDocument, bool) {
	doc, ok := ctx.Value(documentKey{}).(*ast.QueryDocument)
	return doc, ok
}

func (documents) Add(context.Context, string, *ast.QueryDocument) {}

// present says what a client may know of err. What nobody foresaw is for the log.
func (h *handler) present(ctx context.Context, err error) *gqlerror.Error {
	p := problem.Of(err)
	shown := &gqlerror.Error{Message: cmp.Or(p.Detail, p.Title), Extensions: map[string]any{"code": p.Code}}
	if at, ok := errors.AsType[*gqlerror.Error](err); ok {
		shown.Path, shown.Locations = at.Path, at.Locations
	}
	if len(p.Errors) > 0 {
		shown.Extensions["errors"] = p.Errors
	}
	if p.Status >= http.StatusInternalServerError {
		h.log.ErrorContext(ctx, "resolver failed", "path", shown.Path.String(), "err", err)
	}
	return shown
}

// recovered makes an error of a panic, with the place for the log.
func recovered(ctx context.Context, fault any) error {
	event.Emit(ctx, event.Event{Code: event.SysCrash})
	return fmt.Errorf("guarded: panic: %v\n%s", fault, debug.Stack())
}
