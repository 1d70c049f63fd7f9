package validate

import (
	"errors"
	"net/http"
	"strings"

	"github.com/gopalisade/palisade/problem"
)

// What a refusal may match, by errors.Is. Each has a status, and codes of its own.
var (
	ErrMalformed = errors.New("validate: malformed input")                  // 400: no JSON, no form encoding, a limit of structure
	ErrTooSlow   = errors.New("validate: body came too slowly")             // 408
	ErrTooLarge  = errors.New("validate: body too large")                   // 413
	ErrMediaType = errors.New("validate: unsupported body type")            // 415
	ErrInvalid   = errors.New("validate: invalid input")                    // 422: understood, and against the rules
	ErrRoute     = errors.New("validate: the route has no such path value") // 500: the schema is mounted where it does not fit
)

// What is the server's own fault, and 500.
var (
	errPanic  = errors.New("validate: a type panicked")
	errMethod = errors.New("validate: a Validate method failed")
)

// The codes of refusals, which never change. Faults of one value have the name of the rule that they break, or one of the
// second group.
const (
	CodeInvalidInput    = "invalid_input"
	CodeInvalidJSON     = "invalid_json"
	CodeInvalidQuery    = "invalid_query"
	CodeInvalidForm     = "invalid_form"
	CodeInvalidPath     = "invalid_path"
	CodeInvalidHeader   = "invalid_header"
	CodeBodyRequired    = "body_required"
	CodeBodyUnexpected  = "body_unexpected"
	CodeBodyIncomplete  = "body_incomplete"
	CodeBodyTooLarge    = "body_too_large"
	CodeMediaType       = "unsupported_media_type"
	CodeContentEncoding = "unsupported_content_encoding"

	CodeRequired  = "required"  // absent, null or empty
	CodeUnknown   = "unknown"   // nobody asked for it, or the caller may not write it
	CodeDuplicate = "duplicate" // there twice
	CodeType      = "type"      // another JSON type; params: type
	CodeRange     = "range"     // a number that the type cannot hold
	CodePrecision = "precision" // a whole number that a float would round (RFC 7493 section 2.2)
	CodeNull      = "null"      // null where a value must be
	CodeNUL       = "nul"       // text with U+0000
	CodeFormat    = "format"    // text that the type does not read
	CodeLimit     = "limit"     // longer, deeper or more than the server takes; params: limit, max
	CodeSyntax    = "syntax"
)

// Error is a refused request. Its text names places and codes, for the log; what was sent is nowhere in it.
type Error struct {
	Kind      error           // one of the sentinels
	Word      string          // stable code of the whole
	Fields    []problem.Field // what is wrong, in the order of the request
	Truncated bool            // there was more
	Err       error           // cause, for the log

	language string
	messages *Catalog
}

// Error lists places and codes.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("validate: " + e.Word)
	for i, f := range e.Fields {
		sep := "; "
		if i == 0 {
			sep = ": "
		}
		b.WriteString(sep + f.In + " " + f.Name + f.Pointer + " " + f.Code)
	}
	if e.Truncated {
		b.WriteString("; …")
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
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
	case ErrMediaType:
		return http.StatusUnsupportedMediaType
	case ErrInvalid:
		return http.StatusUnprocessableEntity
	}
	return http.StatusInternalServerError
}

// Code returns the stable code of the whole.
func (e *Error) Code() string { return e.Word }

// Problem returns the answer, with sentences in the client's language.
func (e *Error) Problem() problem.Problem {
	p := problem.Problem{Status: e.HTTPStatus(), Code: e.Word, Truncated: e.Truncated}
	if p.Status == http.StatusInternalServerError {
		return problem.Problem{Status: p.Status}
	}
	p.Errors = make([]problem.Field, len(e.Fields))
	for i, f := range e.Fields {
		if f.Detail == "" && e.messages != nil {
			f.Detail = e.messages.sentence(e.language, f)
		}
		p.Errors[i] = f
	}
	if e.language != "" {
		p.Header = http.Header{"Content-Language": {e.language}}
	}
	return p
}

// invalid is what a Validate method says of one member.
type invalid struct{ member, code string }

func (e *invalid) Error() string { return "validate: " + e.member + " " + e.code }

// Invalid is the error by which a Validate method refuses a member of its type, by the name on the wire; an empty member
// means the whole. Join several by [errors.Join]. The code joins those of the rules: keep it stable, and without data.
func Invalid(member, code string) error { return &invalid{member, code} }
