package clamav

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/gopalisade/palisade/problem"
)

var (
	// ErrUnavailable matches every failure to get an answer that can be trusted. The file may be sent again later.
	ErrUnavailable = errors.New("clamav: scanner unavailable")
	// ErrSelfTest matches when clamd let the test file pass, or refused to look at one of MaxBytes. It is an ErrUnavailable too.
	ErrSelfTest = errors.New("self-test failed")
	// ErrTooLarge is for a file of more than MaxBytes, which was not sent.
	ErrTooLarge error = &tooLarge{}
)

// UnavailableError is the error behind a 503.
type UnavailableError struct {
	Err error // what went wrong, for the log
}

// Error holds the cause, for a log.
func (e *UnavailableError) Error() string { return ErrUnavailable.Error() + ": " + e.Err.Error() }

// Unwrap lets [errors.Is] match [ErrUnavailable] as well as the cause.
func (e *UnavailableError) Unwrap() []error { return []error{ErrUnavailable, e.Err} }

// HTTPStatus is 503.
func (e *UnavailableError) HTTPStatus() int { return http.StatusServiceUnavailable }

// Code is the problem's code.
func (e *UnavailableError) Code() string { return "scanner_unavailable" }

// Problem says when to come back: a clamd that is restarted reads its signatures for some time.
func (e *UnavailableError) Problem() problem.Problem {
	return problem.Problem{Status: e.HTTPStatus(), Code: e.Code(), RetryAfter: 10 * time.Second}
}

type tooLarge struct{}

func (*tooLarge) Error() string   { return "clamav: file is larger than the scanner takes" }
func (*tooLarge) HTTPStatus() int { return http.StatusRequestEntityTooLarge }
func (*tooLarge) Code() string    { return "file_too_large" }

// sourceError is a failure of the file, of which clamd knows nothing.
type sourceError struct{ err error }

func (e *sourceError) Error() string { return "clamav: reading the file: " + e.err.Error() }
func (e *sourceError) Unwrap() error { return e.err }

// answerError is a whole answer of clamd that is not the one that was wanted.
type answerError struct{ text string }

func (e *answerError) Error() string { return fmt.Sprintf("clamd answered %.200q", e.text) }

// goneError is a connection that ended without a word.
type goneError struct{ err error }

func (e *goneError) Error() string { return "connection lost: " + e.err.Error() }
func (e *goneError) Unwrap() error { return e.err }

var (
	errChanged = errors.New("its size has changed")
	errReader  = errors.New("it breaks the rules of io.ReaderAt")
	errClosed  = errors.New("client is closed")
	errBusy    = errors.New("no connection became free")
	errMoved   = errors.New("clamd was restarted meanwhile")
)
