package rbac

import (
	"errors"
	"log/slog"
	"net/http"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/monitor/event"
	"github.com/gopalisade/palisade/problem"
)

var (
	// ErrForbidden matches every refusal of a known principal.
	ErrForbidden = errors.New("rbac: insufficient permissions")
	// ErrUnknownPermission says that a route asks for a permission that its model does not have. The client sees 500.
	ErrUnknownPermission = errors.New("rbac: unknown permission")
	// ErrUndecided says that a route answered behind [Model.DenyByDefault] and no guard had decided. The client sees 500.
	ErrUndecided = errors.New("rbac: route without a decision")
	// ErrNoObject says that a record does not exist, or not for this principal. The client sees the same 404.
	ErrNoObject error = noObject{}

	errMisbuilt = errors.New("rbac: guard cannot decide")
	errNobody   = &auth.Error{Kind: auth.ErrNoCredentials, Reason: "no_principal", Scheme: "Bearer"}
)

type noObject struct{}

func (noObject) Error() string   { return "rbac: no such object" }
func (noObject) HTTPStatus() int { return http.StatusNotFound }

// ForbiddenError is the error behind a 403.
type ForbiddenError struct {
	Permission string // the first that was missing, where one would have helped; for the log, never sent

	method string
}

// Error names the missing permission, for a log.
func (e *ForbiddenError) Error() string {
	if e.Permission == "" {
		return ErrForbidden.Error()
	}
	return ErrForbidden.Error() + ": " + e.Permission
}

// Unwrap returns [ErrForbidden].
func (e *ForbiddenError) Unwrap() error { return ErrForbidden }

// HTTPStatus is 403.
func (e *ForbiddenError) HTTPStatus() int { return http.StatusForbidden }

// Code is the problem's code.
func (e *ForbiddenError) Code() string { return "insufficient_permissions" }

// Problem adds the challenge that RFC 6750 section 3.1 wants for a token. It names no scope: what a stranger to the route
// would need is none of the stranger's business.
func (e *ForbiddenError) Problem() problem.Problem {
	p := problem.Problem{Status: e.HTTPStatus(), Code: e.Code()}
	if e.method == auth.MethodToken {
		p.Challenges = []string{`Bearer error="insufficient_scope"`}
	}
	return p
}

// denial is a refusal of which the log learns more than Deny does: two that must look the same to the client are the same
// error to Deny.
type denial struct {
	shown  error // for Deny
	cause  error // for the event
	code   event.Code
	level  slog.Level
	reason string
}

func (d *denial) Error() string { return d.shown.Error() }

// hidden refuses a record that exists as if it did not.
func hidden(reason string) *denial {
	return &denial{
		shown: ErrNoObject, cause: ErrForbidden,
		code: event.MaliciousDirectReference, level: slog.LevelWarn, reason: reason,
	}
}
