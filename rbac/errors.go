package rbac

import (
	"errors"
	"net/http"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/problem"
)

var (
	// ErrForbidden matches every refusal of a known principal.
	ErrForbidden = errors.New("rbac: insufficient permissions")
	// ErrUnknownPermission says that a route asks for a permission that its model does not have. The client sees 500.
	ErrUnknownPermission = errors.New("rbac: unknown permission")
)

// ForbiddenError is the error behind a 403.
type ForbiddenError struct {
	Permission string // the first that was missing; for the log, never sent

	method string
}

// Error names the missing permission, for a log.
func (e *ForbiddenError) Error() string { return ErrForbidden.Error() + ": " + e.Permission }

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
