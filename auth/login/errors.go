package login

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/problem"
)

// The ways not to get in. Those of the guard come as they are, and so does password.ErrBusy: both say when to try again.
// While accounts are out of reach the error matches auth.ErrUnavailable.
var (
	// ErrInvalidLogin is the one answer to every login that is not right. It matches [auth.ErrInvalid].
	ErrInvalidLogin error = &invalidError{}
	// ErrPolicy matches every [PolicyError].
	ErrPolicy = errors.New("login: password refused by the policy")
	// ErrUnchecked says that nobody could tell whether a new password was breached, and the policy does not take it then.
	ErrUnchecked = errors.New("login: password could not be checked")
)

// invalidError has no fields: what differs between refusals is for the event.
type invalidError struct{}

func (*invalidError) Error() string { return "login: invalid credentials" }
func (*invalidError) Unwrap() error { return auth.ErrInvalid }

// Problem is a 401. Its challenge is the usual one of package problem: a login by form or JSON has no scheme of its own.
func (*invalidError) Problem() problem.Problem {
	return problem.Problem{Status: http.StatusUnauthorized, Code: "invalid_credentials"}
}

// PolicyError lists every rule that a new password breaks, and never the password.
type PolicyError struct {
	Fields []problem.Field
}

// Error names the rules, for a log.
func (e *PolicyError) Error() string {
	codes := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		codes[i] = f.Code
	}
	return ErrPolicy.Error() + ": " + strings.Join(codes, ", ")
}

// Unwrap returns [ErrPolicy].
func (e *PolicyError) Unwrap() error { return ErrPolicy }

// Problem is a 422 with one entry for each rule.
func (e *PolicyError) Problem() problem.Problem {
	return problem.Problem{Status: http.StatusUnprocessableEntity, Code: "password_refused", Errors: e.Fields}
}

// uncheckedError is a 503.
type uncheckedError struct{ err error }

func (e *uncheckedError) Error() string   { return ErrUnchecked.Error() + ": " + e.err.Error() }
func (e *uncheckedError) Unwrap() []error { return []error{ErrUnchecked, e.err} }

func (e *uncheckedError) Problem() problem.Problem {
	return problem.Problem{Status: http.StatusServiceUnavailable, Code: "password_unchecked", RetryAfter: 5 * time.Second}
}
