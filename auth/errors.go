package auth

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/gopalisade/palisade/problem"
)

// The ways to have no principal. Every error of this package and of its subpackages' authenticators matches one.
var (
	ErrNoCredentials = errors.New("auth: no credentials")                   // 401, a challenge without an error code
	ErrMalformed     = errors.New("auth: malformed credentials")            // 400 invalid_request
	ErrAmbiguous     = errors.New("auth: more than one credential")         // 400 invalid_request
	ErrInvalid       = errors.New("auth: invalid credentials")              // 401 invalid_token
	ErrUnavailable   = errors.New("auth: credentials could not be checked") // 503, never 401: keep the credential
)

// Error is a refusal with what the log and the client need. Kind is required.
type Error struct {
	Kind       error         // one of the sentinels of this package
	Reason     string        // stable word for events and logs, "expired"; never sent to the client
	Scheme     string        // authentication scheme for the challenge, "Bearer"; none where empty
	Word       string        // error code in the challenge, where the scheme has a better one than Code: "use_dpop_nonce"
	Params     string        // further parameters of the challenge, as they are sent: algs="ES256 EdDSA"
	Header     http.Header   // further header fields of the answer; shared, never changed
	RetryAfter time.Duration // with ErrUnavailable: when to try again
	Err        error         // cause, for the log

	realm string // set by the Gate
}

// Error describes the refusal for a log.
func (e *Error) Error() string {
	s := e.Kind.Error()
	if e.Reason != "" {
		s += " (" + e.Reason + ")"
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap lets [errors.Is] match the kind as well as the cause.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}

// HTTPStatus is 400, 401 or 503, by Kind.
func (e *Error) HTTPStatus() int {
	switch e.Kind {
	case ErrMalformed, ErrAmbiguous:
		return http.StatusBadRequest
	case ErrNoCredentials, ErrInvalid, ErrNotFresh:
		return http.StatusUnauthorized
	}
	return http.StatusServiceUnavailable
}

// Code is the problem's code: RFC 6750 section 3.1's word where it has one.
func (e *Error) Code() string {
	switch e.Kind {
	case ErrMalformed, ErrAmbiguous:
		return "invalid_request"
	case ErrNoCredentials:
		return "unauthenticated"
	case ErrInvalid:
		return "invalid_token"
	case ErrNotFresh:
		return "insufficient_user_authentication"
	}
	return "authentication_unavailable"
}

// Problem is what the client learns: the status, the code and the challenges.
func (e *Error) Problem() problem.Problem {
	return problem.Problem{
		Status:     e.HTTPStatus(),
		Code:       e.Code(),
		Challenges: e.challenges(nil),
		Header:     e.Header,
		RetryAfter: e.RetryAfter,
	}
}

// challenges collects one WWW-Authenticate value a scheme, those of joined causes included, so that a client that sent
// nothing learns everything it might send.
func (e *Error) challenges(list []string) []string {
	if e.Kind == ErrUnavailable {
		return nil // nothing is wrong with the credential
	}
	if e.Scheme != "" {
		if c := e.challenge(); !slices.Contains(list, c) {
			list = append(list, c)
		}
	}
	if joined, ok := e.Err.(interface{ Unwrap() []error }); ok && e.Kind == ErrNoCredentials {
		for _, sub := range joined.Unwrap() {
			if s, ok := errors.AsType[*Error](sub); ok {
				inner := *s
				inner.realm = e.realm
				list = inner.challenges(list)
			}
		}
	}
	return list
}

// challenge renders RFC 6750 section 3: no error code for a client that sent nothing, and the error code only in schemes
// that define it.
func (e *Error) challenge() string {
	c := e.Scheme
	sep := " "
	if e.realm != "" {
		c += sep + `realm="` + e.realm + `"`
		sep = ", "
	}
	if e.Kind != ErrNoCredentials && (e.Scheme == "Bearer" || e.Scheme == "DPoP") {
		word := e.Word
		if word == "" {
			word = e.Code()
		}
		c += sep + `error="` + word + `"`
		sep = ", "
	}
	if e.Params != "" {
		c += sep + e.Params
	}
	return c
}

// reason is the word for the event: the given one, or the code.
func (e *Error) reason() string {
	if e.Reason != "" {
		return e.Reason
	}
	return e.Code()
}
