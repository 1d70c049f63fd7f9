package guard

import (
	"errors"
	"net/http"
	"time"

	"github.com/gopalisade/palisade/problem"
)

// ErrBlocked matches every refusal for too many failures. A refusal because nobody could count matches
// ratelimit.ErrUnavailable.
var ErrBlocked = errors.New("guard: too many failures")

// BlockedError is the error behind a refusal. It is the same for an account that exists and for one that does not.
type BlockedError struct {
	RetryAfter time.Duration // until a guess passes, if nobody else fails meanwhile
	By         string        // what is banned, for the log: "account", "pair", "addr", "accounts_per_addr", "addrs_per_account"
}

// Error names what is banned, for a log.
func (e *BlockedError) Error() string { return ErrBlocked.Error() + ": " + e.By }

// Unwrap returns [ErrBlocked].
func (e *BlockedError) Unwrap() error { return ErrBlocked }

// HTTPStatus is 429.
func (e *BlockedError) HTTPStatus() int { return http.StatusTooManyRequests }

// Code is the problem's code.
func (e *BlockedError) Code() string { return "too_many_attempts" }

// Problem carries Retry-After.
func (e *BlockedError) Problem() problem.Problem {
	return problem.Problem{Status: e.HTTPStatus(), Code: e.Code(), RetryAfter: e.RetryAfter}
}
