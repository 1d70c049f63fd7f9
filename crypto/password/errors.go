package password

import (
	"errors"
	"net/http"
	"time"

	"github.com/gopalisade/palisade/problem"
)

// The ways to fail. Show the client of a login one answer for ErrMismatch, ErrMalformed and an unknown account.
var (
	ErrMismatch        = errors.New("password: does not match")
	ErrMalformed       = errors.New("password: stored hash cannot be read") // tell the operator
	ErrEmpty     error = &inputError{"password: empty", "password_empty"}
	ErrTooLong   error = &inputError{"password: too long", "password_too_long"}
	ErrBusy      error = &busyError{}
)

func isMismatch(err error) bool { return errors.Is(err, ErrMismatch) }

// inputError is a 422: it depends on what was sent only, not on an account.
type inputError struct{ text, code string }

func (e *inputError) Error() string   { return e.text }
func (e *inputError) HTTPStatus() int { return http.StatusUnprocessableEntity }
func (e *inputError) Code() string    { return e.code }

// busyError is a 503 with Retry-After.
type busyError struct{}

func (*busyError) Error() string { return "password: too many hashes at once" }

func (*busyError) Problem() problem.Problem {
	return problem.Problem{Status: http.StatusServiceUnavailable, Code: "password_busy", RetryAfter: 2 * time.Second}
}
