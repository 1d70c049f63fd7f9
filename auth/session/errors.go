package session

import (
	"errors"
	"net/http"
	"time"

	"github.com/gopalisade/palisade/auth"
)

// ErrRefused matches every refusal of a refresh token. The client gets one answer for all of them.
var ErrRefused = errors.New("session: refresh token refused")

// RefusedError is the error behind a 401 with the code invalid_grant (RFC 6749 section 5.2). The client can only log in again.
type RefusedError struct {
	// Reason is a stable word for logs, and never sent: malformed, unknown, forged, expired, revoked, reused, foreign,
	// overdue or user.
	Reason    string
	SessionID string // which session, where the token was authentic
}

// Error gives the reason, for a log.
func (e *RefusedError) Error() string { return ErrRefused.Error() + ": " + e.Reason }

// Unwrap returns [ErrRefused].
func (e *RefusedError) Unwrap() error { return ErrRefused }

// HTTPStatus is 401.
func (e *RefusedError) HTTPStatus() int { return http.StatusUnauthorized }

// Code is the problem's code.
func (e *RefusedError) Code() string { return "invalid_grant" }

// notFound has no fields: there is one of it.
type notFound struct{}

func (notFound) Error() string   { return "session: not found" }
func (notFound) HTTPStatus() int { return http.StatusNotFound }
func (notFound) Code() string    { return "session_not_found" }

// unavailable says that a store or a lookup failed: 503, and the client keeps its token. Where nothing
// failed it is nil.
func unavailable(step string, err error) error {
	if err == nil {
		return nil
	}
	// Soon enough for a repetition within the shortest grace, should the store have done what it did not confirm.
	return &auth.Error{Kind: auth.ErrUnavailable, Reason: step, RetryAfter: 2 * time.Second, Err: err}
}
