package sanitize

import (
	"errors"
	"net/http"
)

// The failures that a caller may match. What is returned is an [*Error] around one of them.
var (
	ErrTooLong  = errors.New("sanitize: text is too long")
	ErrEmail    = errors.New("sanitize: not an e-mail address")
	ErrUsername = errors.New("sanitize: not a user name")
	ErrPassword = errors.New("sanitize: not a password")
)

// Error says why text was refused. It never holds the text.
type Error struct {
	What   error  // one of the sentinels
	Reason string // for a log, as in "the domain is malformed"
}

// Error is the sentinel's text and the reason.
func (e *Error) Error() string { return e.What.Error() + ": " + e.Reason }

// Unwrap returns the sentinel.
func (e *Error) Unwrap() error { return e.What }

// HTTPStatus is 422: the request was understood, its content was not acceptable.
func (e *Error) HTTPStatus() int { return http.StatusUnprocessableEntity }

// Code is the problem's code.
func (e *Error) Code() string {
	switch e.What {
	case ErrTooLong:
		return "text_too_long"
	case ErrEmail:
		return "email_malformed"
	case ErrUsername:
		return "username_malformed"
	default:
		return "password_malformed"
	}
}
