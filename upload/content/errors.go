package content

import (
	"fmt"
	"net/http"
)

// The reasons to refuse a file. Each knows the HTTP status and the problem code for an answer.
var (
	ErrType        error = &refusal{"not of that type", "content_type_mismatch", http.StatusUnsupportedMediaType}
	ErrMalformed   error = &refusal{"malformed", "content_malformed", http.StatusUnprocessableEntity}
	ErrTrailing    error = &refusal{"data behind the end", "content_trailing_data", http.StatusUnprocessableEntity}
	ErrTooLarge    error = &refusal{"beyond a limit", "content_too_large", http.StatusUnprocessableEntity}
	ErrActive      error = &refusal{"active content", "content_active", http.StatusUnprocessableEntity}
	ErrEncrypted   error = &refusal{"encrypted", "content_encrypted", http.StatusUnprocessableEntity}
	ErrUnsupported error = &refusal{"variant not accepted", "content_unsupported", http.StatusUnprocessableEntity}
	ErrEntry       error = &refusal{"archive entry not accepted", "content_archive_entry", http.StatusUnprocessableEntity}
)

// refusal is a sentinel that the sender may learn of. 413 is for too many bytes, which no limit here counts.
type refusal struct {
	text, code string
	status     int
}

func (e *refusal) Error() string   { return "content: " + e.text }
func (e *refusal) HTTPStatus() int { return e.status }
func (e *refusal) Code() string    { return e.code }

// Error is a refusal with its place. Nothing in it was taken from the file.
type Error struct {
	Kind   error  // one of the reasons above
	Type   Type   // that was checked
	Offset int64  // where the walk stood, in bytes; in compressed data, where that begins
	Reason string // fixed words
}

// Error names type, kind, reason and place, for the log.
func (e *Error) Error() string {
	return fmt.Sprintf("%v: %s: %s, at byte %d", e.Kind, e.Type, e.Reason, e.Offset)
}

// Unwrap returns Kind.
func (e *Error) Unwrap() error { return e.Kind }

// HTTPStatus is 415 for ErrType, otherwise 422.
func (e *Error) HTTPStatus() int {
	if k, ok := e.Kind.(*refusal); ok {
		return k.status
	}
	return http.StatusInternalServerError
}

// Code is the problem code.
func (e *Error) Code() string {
	if k, ok := e.Kind.(*refusal); ok {
		return k.code
	}
	return "internal"
}
