package envelope

import (
	"cmp"
	"errors"
	"net/http"
	"time"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/problem"
)

// The ways to have no ring. Every error of [Keys] matches one.
var (
	// ErrUnavailable is an outage: store or wrapper did not answer. 503; the same request may succeed later.
	ErrUnavailable = errors.New("envelope: key cannot be reached")
	// ErrRefused is a wrapper's answer that it will not unwrap or wrap: no permission, or no such key-encryption key. 500.
	ErrRefused = errors.New("envelope: key was refused")
	// ErrForged says that a record is damaged, or was not made for its subject. 500.
	ErrForged = errors.New("envelope: key record is not authentic")
	// ErrShredded says that the subject's keys were deleted, and its data with them. 410.
	ErrShredded = errors.New("envelope: subject was shredded")
	// ErrSubject is for a name that is empty, longer than 255 bytes, not UTF-8, or holds control characters. 500.
	ErrSubject = errors.New("envelope: not the name of a subject")
	// ErrFull says that there is no place for another key: of a subject with 256 of them, or in a [Memory]. 500.
	ErrFull = errors.New("envelope: no place for another key")
	// ErrInUse says that a key seals, or did so too short ago, or will soon. 409.
	ErrInUse = errors.New("envelope: key is in use")
	// ErrClosed says that [Keys.Close] was called. 503.
	ErrClosed = errors.New("envelope: keys are closed")
)

// The answers of a [Store] and of [ParseRecord].
var (
	ErrExists   = errors.New("envelope: record exists")
	ErrConflict = errors.New("envelope: record was changed or deleted")
	ErrRecord   = errors.New("envelope: not a key record")
)

// Error is a failure with what the log may know.
type Error struct {
	Kind       error         // one of the errors above
	Step       string        // what was tried: "list", "unwrap", "wrap", "add", "replace", "delete", "shred", "wait"
	KeyID      field.KeyID   // of the data key; 0: none
	RetryAfter time.Duration // with ErrUnavailable: when to try again
	Err        error         // cause
}

// Error describes the failure for a log. It names no subject.
func (e *Error) Error() string {
	s := e.Kind.Error()
	if e.Step != "" {
		s += " (" + e.Step + ")"
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

// HTTPStatus is 503 for an outage, 410 for a subject that was shredded, 409 for a key in use, and otherwise 500.
func (e *Error) HTTPStatus() int {
	switch e.Kind {
	case ErrUnavailable, ErrClosed:
		return http.StatusServiceUnavailable
	case ErrShredded:
		return http.StatusGone
	case ErrInUse:
		return http.StatusConflict
	}
	return http.StatusInternalServerError
}

// Code is the problem's code. What is wrong with a key is not the client's to know.
func (e *Error) Code() string {
	switch e.Kind {
	case ErrUnavailable, ErrClosed:
		return "key_unavailable"
	case ErrShredded:
		return "data_shredded"
	case ErrInUse:
		return "key_in_use"
	}
	return "key_unusable"
}

// Problem is what the client learns.
func (e *Error) Problem() problem.Problem {
	p := problem.Problem{Status: e.HTTPStatus(), Code: e.Code(), RetryAfter: e.RetryAfter}
	if e.Kind == ErrShredded {
		p.Detail = "The data was deleted for good."
	}
	return p
}

// failed returns what a store or a wrapper said as an Error of its kind, and all else as an outage: what nobody said may
// not be taken for an answer.
func failed(step string, id field.KeyID, err error) error {
	kind := ErrUnavailable
	for _, said := range []error{ErrUnavailable, ErrShredded, ErrRefused, ErrForged, ErrFull} {
		if errors.Is(err, said) {
			kind = said
			break
		}
	}
	if errors.Is(err, ErrRecord) { // a store that could not read what it keeps
		kind = ErrForged
	}
	if e, ok := errors.AsType[*Error](err); ok && e.Kind == kind {
		return newError(kind, cmp.Or(e.Step, step), cmp.Or(e.KeyID, id), e.Err)
	}
	return newError(kind, step, id, err)
}

func newError(kind error, step string, id field.KeyID, err error) error {
	if err == kind {
		err = nil // says nothing more
	}
	e := &Error{Kind: kind, Step: step, KeyID: id, Err: err}
	if kind == ErrUnavailable {
		e.RetryAfter = firstPause
	}
	return e
}
