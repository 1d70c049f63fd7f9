package password

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/gopalisade/palisade/problem"
)

// The ways to fail. Show the client of a login one answer for ErrMismatch, ErrMalformed and an unknown account.
var (
	ErrMismatch        = errors.New("password: does not match")
	ErrMalformed       = errors.New("password: stored hash cannot be read") // tell the operator
	ErrSubject         = errors.New("password: no account named: a Sealer needs Hasher.For")
	ErrEmpty     error = &inputError{"password: empty", "password_empty"}
	ErrTooLong   error = &inputError{"password: too long", "password_too_long"}
	// ErrText is for new passwords only, and only with Config.Iterations: PBKDF2 takes UTF-8 that does not end in a NUL.
	ErrText error = &inputError{"password: not text", "password_not_text"}
	ErrBusy error = &busyError{}
)

// errUnsealed is an ErrMalformed that says what is wrong: with what is stored, or would be.
var errUnsealed = fmt.Errorf("%w: it is not sealed", ErrMalformed)

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
