package upload

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"github.com/gopalisade/palisade/internal/around"
	"github.com/gopalisade/palisade/monitor/event"
	"github.com/gopalisade/palisade/problem"
)

// Guard takes the files of multipart forms. It is safe for concurrent use.
type Guard struct {
	cfg      Config
	fields   map[string]*Field
	values   map[string]*Value
	running  chan struct{} // one token for each form that is being taken
	checking chan struct{} // one for each file that is being looked into, which is all work and some memory
}

// Wrap reads the form, then lets next run with the [Batch] in the context, or answers with what is wrong. The body has been
// read by then; r.FormValue finds the values. When next returns, what it did not commit is gone.
func (g *Guard) Wrap(next http.Handler) http.Handler {
	return around.New(next, func(w http.ResponseWriter, r *http.Request) {
		batch, err := g.take(w, r)
		if err != nil {
			g.refuse(w, r, err)
			return
		}
		defer batch.vanish()
		event.Emit(r.Context(), event.Event{Code: event.UploadComplete, Principal: batch.owner, Count: int64(len(batch.files))})
		next.ServeHTTP(w, batch.request(r))
	})
}

func (g *Guard) refuse(w http.ResponseWriter, r *http.Request, err error) {
	e := event.Event{Code: event.UploadValidation, Level: slog.LevelWarn, Count: 1, Err: err}
	if coded, ok := errors.AsType[coded](err); ok { // a store's too
		e.Reason = coded.Code()
	}
	if errors.Is(err, ErrInfected) {
		e.Level = slog.LevelError
	}
	event.Emit(r.Context(), e)
	if g.cfg.Deny != nil {
		g.cfg.Deny(w, r, err)
		return
	}
	problem.Write(w, r, err)
}

// coded is an error with a stable code.
type coded interface {
	error
	Code() string
}

// take reads and judges a whole form. On an error nothing of it is left.
func (g *Guard) take(w http.ResponseWriter, r *http.Request) (b *Batch, err error) {
	select {
	case g.running <- struct{}{}:
		defer func() { <-g.running }()
	default:
		return nil, &Error{Kind: ErrBusy, Word: CodeBusy}
	}
	if b, err = g.open(w, r); err != nil {
		return nil, gone(err)
	}
	taken := false
	defer func() { // also when a store panics
		if !taken {
			b.stream.arm()
			b.vanish()
		}
	}()
	if err = b.read(); err == nil {
		b.stream.lift()
		err = b.complete()
	}
	if err == nil {
		err = b.scan()
	}
	taken = err == nil
	return b, gone(err)
}

// open refuses what can be refused before the body, and begins a transaction.
func (g *Guard) open(w http.ResponseWriter, r *http.Request) (*Batch, error) {
	delimiter, ok := boundary(r.Header)
	switch {
	case !ok, slices.ContainsFunc(r.Header["Content-Encoding"], encoded):
		return nil, &Error{Kind: ErrMediaType, Word: CodeMediaType}
	case r.Form != nil || r.MultipartForm != nil:
		return nil, &Error{Kind: ErrRead, Word: CodeMalformed, Err: errors.New("somebody has read the form before")}
	case r.ContentLength > g.cfg.Limits.Body:
		return nil, &Error{Kind: ErrTooLarge, Word: CodeTooLarge}
	case r.Body == nil || r.Body == http.NoBody || r.ContentLength == 0:
		return nil, &Error{Kind: ErrMalformed, Word: CodeMalformed}
	}
	owner := ""
	if g.cfg.Owner != nil {
		owner = g.cfg.Owner(r) // before there is anything that its panic would leave behind
	}
	// A transaction lives as long as the request, and ends by vanish: the store must not lose it between the two.
	ctx, cancel := context.WithCancel(r.Context())
	tx, err := g.cfg.Store.Begin(ctx)
	if err != nil {
		cancel()
		return nil, err
	}
	return &Batch{
		guard: g, ctx: ctx, cancel: cancel, tx: tx, stream: newStream(w, r, delimiter, &g.cfg.Limits), boundary: delimiter,
		owner: owner, values: values{},
	}, nil
}

func encoded(encoding string) bool { return !strings.EqualFold(encoding, "identity") }
