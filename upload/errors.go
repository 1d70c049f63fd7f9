package upload

import (
	"errors"
	"net/http"
	"time"

	"github.com/gopalisade/palisade/problem"
)

// What a refusal may match, by errors.Is. Beside them stand those of package storage, such as a full disk.
var (
	ErrMalformed   = errors.New("upload: malformed form")            // 400
	ErrTooSlow     = errors.New("upload: form came too slowly")      // 408
	ErrTooLarge    = errors.New("upload: too large")                 // 413
	ErrMediaType   = errors.New("upload: no multipart form")         // 415
	ErrType        = errors.New("upload: type not accepted")         // 415: name, claim and first bytes must agree
	ErrContent     = errors.New("upload: content not accepted")      // 422
	ErrInfected    = errors.New("upload: malware found")             // 422
	ErrInvalid     = errors.New("upload: form not accepted")         // 422
	ErrRead        = errors.New("upload: form was read already")     // 500: another reader stands before the guard
	ErrBusy        = errors.New("upload: too many forms at a time")  // 503
	ErrUnavailable = errors.New("upload: no verdict of the scanner") // 503
)

// The codes of refusals, which never change. Those about content are package content's.
const (
	CodeMalformed     = "upload_malformed"
	CodeIncomplete    = "upload_incomplete"
	CodeTooSlow       = "upload_too_slow"
	CodeTooLarge      = "upload_too_large"
	CodeTooManyParts  = "upload_too_many_parts"
	CodeFileTooLarge  = "file_too_large"
	CodeValueTooLarge = "value_too_large"
	CodeMediaType     = "unsupported_media_type"
	CodeType          = "file_type_not_accepted"
	CodeUnknown       = "field_unknown"
	CodeTooMany       = "field_too_often"
	CodeRequired      = "field_required"
	CodeValuesFirst   = "values_first"
	CodeText          = "value_not_text"
	CodeEmpty         = "file_empty"
	CodeInfected      = "malware_found"
	CodeUnscannable   = "file_unscannable"
	CodeUnavailable   = "scanner_unavailable"
	CodeBusy          = "uploads_busy"
)

// Error is a refused form. Its text is for the log and repeats nothing that was sent.
type Error struct {
	Kind  error  // one of the sentinels
	Word  string // stable code
	Field string // of the form, as the Config names it, where it is about one
	Err   error  // cause, for the log
}

// Error names the code, the field and the cause.
func (e *Error) Error() string {
	text := e.Kind.Error() + ": " + e.Word
	if e.Field != "" {
		text += " in " + e.Field
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Is reports whether target is e's sentinel.
func (e *Error) Is(target error) bool { return target == e.Kind }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// HTTPStatus returns the status of the answer.
func (e *Error) HTTPStatus() int {
	switch e.Kind {
	case ErrMalformed:
		return http.StatusBadRequest
	case ErrTooSlow:
		return http.StatusRequestTimeout
	case ErrTooLarge:
		return http.StatusRequestEntityTooLarge
	case ErrMediaType, ErrType:
		return http.StatusUnsupportedMediaType
	case ErrContent, ErrInfected, ErrInvalid:
		return http.StatusUnprocessableEntity
	case ErrBusy, ErrUnavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// Code returns the stable code.
func (e *Error) Code() string { return e.Word }

// Problem returns the answer. What a scanner found is the sender's to guess.
func (e *Error) Problem() problem.Problem {
	p := problem.Problem{Status: e.HTTPStatus(), Code: e.Word}
	switch {
	case p.Status == http.StatusInternalServerError:
		return problem.Problem{Status: p.Status}
	case p.Status == http.StatusServiceUnavailable:
		p.RetryAfter = 10 * time.Second
	}
	if e.Field != "" {
		p.Errors = []problem.Field{{In: "form", Name: e.Field, Code: e.Word}}
	}
	return p
}
