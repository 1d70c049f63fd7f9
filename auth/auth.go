package auth

import (
	"errors"
	"log/slog"
	"net/http"
	"slices"

	"github.com/gopalisade/palisade/internal/around"
	"github.com/gopalisade/palisade/monitor/event"
)

// Gate admits requests that carry exactly one good credential. It is safe for concurrent use.
type Gate struct {
	by    []Authenticator
	realm string
	deny  func(http.ResponseWriter, *http.Request, error)
}

// Authenticate returns the principal of r's one credential, so that a Gate is an [Authenticator] itself.
//
// Every authenticator is asked, even after one has answered: a request with two credentials means different things to
// different readers, and is refused with [ErrAmbiguous]. No error comes with a principal.
func (g *Gate) Authenticate(r *http.Request) (*Principal, error) {
	var (
		found   *Principal
		refusal error
		absent  []error
		present int
	)
	for _, a := range g.by {
		p, err := a.Authenticate(r)
		if err != nil && kindOf(err) == ErrNoCredentials {
			absent = append(absent, err)
			continue
		}
		present++
		found = p
		if err != nil {
			refusal = err
		} else if p == nil {
			refusal = &Error{Kind: ErrUnavailable, Reason: "no_principal"}
		}
	}
	switch {
	case present == 0:
		return nil, &Error{Kind: ErrNoCredentials, Reason: "no_credentials", Err: errors.Join(absent...), realm: g.realm}
	case present > 1:
		return nil, &Error{Kind: ErrAmbiguous, Reason: "several_credentials", Scheme: "Bearer", realm: g.realm}
	case refusal != nil:
		return nil, g.own(refusal)
	}
	return found, nil
}

// own gives err this gate's realm, and makes an [Error] of what is none.
func (g *Gate) own(err error) error {
	kind := kindOf(err)
	if e, ok := errors.AsType[*Error](err); ok && e.Kind == kind {
		withRealm := *e
		withRealm.realm = g.realm
		return &withRealm
	}
	return &Error{Kind: kind, Scheme: "Bearer", Err: err, realm: g.realm}
}

// kinds are what an error may say about the credential, the worst first: what is our fault never makes a stranger of a client.
var kinds = [...]error{ErrUnavailable, ErrAmbiguous, ErrMalformed, ErrInvalid, ErrNoCredentials}

// kindOf returns the worst kind that err has. An [Error] is of its Kind, whatever its cause wraps; of errors that were joined
// each counts; and what has no kind is our fault.
func kindOf(err error) error {
	worst := len(kinds)
	var walk func(error)
	walk = func(err error) {
		if e, ok := err.(*Error); ok { //nolint:errorlint // the tree is walked here
			err = e.Kind
		}
		if i := slices.Index(kinds[:], err); i >= 0 {
			worst = min(worst, i)
			return
		}
		switch e := err.(type) { //nolint:errorlint // as above
		case interface{ Unwrap() []error }:
			for _, part := range e.Unwrap() {
				walk(part)
			}
		case interface{ Unwrap() error }:
			walk(e.Unwrap())
		}
	}
	if walk(err); worst == len(kinds) {
		return ErrUnavailable
	}
	return kinds[worst]
}

// Wrap returns next behind the gate: whatever has no good credential is refused.
func (g *Gate) Wrap(next http.Handler) http.Handler {
	return around.New(next, func(w http.ResponseWriter, r *http.Request) {
		p, err := g.Authenticate(r)
		if err != nil {
			g.refuse(w, r, err)
			return
		}
		next.ServeHTTP(w, r.WithContext(WithPrincipal(r.Context(), p)))
	})
}

// Optional returns next behind the gate, but lets a request pass without a principal when it carries no credential at
// all. A bad credential is refused as in [Gate.Wrap]: nobody who tried to sign in is served as a stranger.
func (g *Gate) Optional(next http.Handler) http.Handler {
	return around.New(next, func(w http.ResponseWriter, r *http.Request) {
		p, err := g.Authenticate(r)
		if err != nil && kindOf(err) != ErrNoCredentials {
			g.refuse(w, r, err)
			return
		}
		next.ServeHTTP(w, r.WithContext(WithPrincipal(r.Context(), p)))
	})
}

func (g *Gate) refuse(w http.ResponseWriter, r *http.Request, err error) {
	e := event.Event{Code: event.AuthnTokenFail, Level: slog.LevelWarn, Err: err}
	if own, ok := errors.AsType[*Error](err); ok {
		e.Reason = own.reason()
	}
	event.Emit(r.Context(), e)
	g.deny(w, r, err)
}
