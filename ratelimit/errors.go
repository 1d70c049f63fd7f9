package ratelimit

import (
	"errors"
	"net/http"
	"time"

	"github.com/gopalisade/palisade/problem"
)

var (
	// ErrLimited matches every refusal for too many requests.
	ErrLimited = errors.New("ratelimit: too many requests")
	// ErrUnavailable matches a refusal because nobody could count.
	ErrUnavailable = errors.New("ratelimit: store out of reach")

	errOutage = errors.New("ratelimit: store failed a moment ago")
)

// quotaExceeded is the problem type that the RateLimit draft registers.
const quotaExceeded = "https://iana.org/assignments/http-problem-types#quota-exceeded"

// DeniedError is the error behind a refusal.
type DeniedError struct {
	Decision Decision
}

// Error names the policy, for a log.
func (e *DeniedError) Error() string {
	return ErrLimited.Error() + ": policy " + e.Decision.Policy.Name
}

// Unwrap returns [ErrLimited].
func (e *DeniedError) Unwrap() error { return ErrLimited }

// HTTPStatus is 429, or 403 for a request that costs more than its policy ever has: to wait would not help.
func (e *DeniedError) HTTPStatus() int {
	if e.Decision.RetryAfter < 0 {
		return http.StatusForbidden
	}
	return http.StatusTooManyRequests
}

// Code is the problem's code.
func (e *DeniedError) Code() string {
	if e.Decision.RetryAfter < 0 {
		return "quota_never_sufficient"
	}
	return "rate_limited"
}

// Problem carries Retry-After: whoever waits that long passes, if nobody else used the permit.
func (e *DeniedError) Problem() problem.Problem {
	return problem.Problem{
		Type: quotaExceeded, Status: e.HTTPStatus(), Code: e.Code(), RetryAfter: max(e.Decision.RetryAfter, 0),
	}
}

// UnavailableError is the error behind a 503.
type UnavailableError struct {
	Err error // the store's, for the log
}

// Error holds the store's error, for a log.
func (e *UnavailableError) Error() string { return ErrUnavailable.Error() + ": " + e.Err.Error() }

// Unwrap lets [errors.Is] match [ErrUnavailable] as well as the store's error.
func (e *UnavailableError) Unwrap() []error { return []error{ErrUnavailable, e.Err} }

// Problem is a 503 that says when to come back.
func (e *UnavailableError) Problem() problem.Problem {
	return problem.Problem{
		Status: http.StatusServiceUnavailable, Code: "rate_limit_unavailable", RetryAfter: 5 * time.Second,
	}
}
