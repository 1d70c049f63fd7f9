package cors

import (
	"errors"
	"net/http"
)

// ErrDenied matches every refused preflight.
var ErrDenied = errors.New("cors: preflight denied")

// DeniedError is the error behind a refused preflight.
type DeniedError struct {
	Reason string // as in [Decision]
}

// Error says what was not allowed, for a log.
func (e *DeniedError) Error() string { return ErrDenied.Error() + ": " + e.Reason }

// Unwrap returns [ErrDenied].
func (e *DeniedError) Unwrap() error { return ErrDenied }

// HTTPStatus is 403.
func (e *DeniedError) HTTPStatus() int { return http.StatusForbidden }

// Code is the problem's code.
func (e *DeniedError) Code() string { return "cors_denied" }
