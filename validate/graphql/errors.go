package graphql

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gopalisade/palisade/problem"
)

// The kinds of refusal. Every [Error] matches one of them.
var (
	ErrTransport     = errors.New("graphql: not a request that GraphQL comes in")
	ErrMalformed     = errors.New("graphql: malformed request")
	ErrLimit         = errors.New("graphql: limit exceeded")
	ErrIntrospection = errors.New("graphql: introspection refused")
	ErrInvalid       = errors.New("graphql: document or variables not valid")
	ErrUntrusted     = errors.New("graphql: document not trusted")
	ErrUnavailable   = errors.New("graphql: trusted documents out of reach")
)

// Error is the error behind a refusal. Its text is made of fixed words and numbers; nothing in it is the client's.
type Error struct {
	Kind       error       // one of the Err… values
	Reason     string      // the stable code: cost_limit, syntax_error and the like; in capitals where clients know it so
	Limit      int64       // where Kind is ErrLimit: what is allowed
	Found      int64       // where Kind is ErrLimit: what was there, as far as it was counted
	Violations []Violation // where the syntax or the schema's rules are broken, the first few
	Err        error       // what a store or a body said, for the log; nil

	refusal *refusal
	expose  bool
}

// Violation is one broken rule of the specification.
type Violation struct {
	Rule         string // as in gqlparser: "FieldsOnCorrectType"; empty for syntax
	Line, Column int    // 0 where it has no place
}

// Error says what was refused, for a log.
func (e *Error) Error() string {
	var text strings.Builder
	text.WriteString(e.Kind.Error() + ": " + e.Reason)
	if e.Limit > 0 {
		text.WriteString(" (" + strconv.FormatInt(e.Found, 10) + " of " + strconv.FormatInt(e.Limit, 10) + ")")
	}
	for _, v := range e.Violations {
		text.WriteString(" " + v.Rule + "@" + strconv.Itoa(v.Line) + ":" + strconv.Itoa(v.Column))
	}
	if e.Err != nil {
		text.WriteString(": " + e.Err.Error())
	}
	return text.String()
}

// Unwrap returns Kind, and Err where there is one.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}

// HTTPStatus is the answer's status.
func (e *Error) HTTPStatus() int { return e.refusal.status }

// Code is Reason.
func (e *Error) Code() string { return e.Reason }

// Problem describes the refusal for [problem.Write], with the rules that are broken, and where in the document.
func (e *Error) Problem() problem.Problem {
	p := problem.Problem{Status: e.refusal.status, Code: e.Reason, Detail: e.refusal.message}
	switch {
	case e.refusal.allow != "":
		p.Header = http.Header{"Allow": {e.refusal.allow}}
	case e.refusal.status == http.StatusServiceUnavailable:
		p.RetryAfter = 5 * time.Second
	}
	for _, v := range e.Violations {
		f := problem.Field{Code: v.Rule}
		if f.Code == "" {
			f.Code = "Syntax"
		}
		if v.Line > 0 {
			f.Params = map[string]any{"line": v.Line, "column": v.Column}
		}
		p.Errors = append(p.Errors, f)
	}
	return p
}

// refusal is what a client learns.
type refusal struct {
	kind    error
	code    string
	status  int
	message string
	allow   string
}

func (r *refusal) err() *Error { return &Error{Kind: r.kind, Reason: r.code, refusal: r} }

func (r *refusal) because(err error) *Error {
	e := r.err()
	e.Err = err
	return e
}

func (r *refusal) over(found, limit int64) *Error {
	e := r.err()
	e.Found, e.Limit = found, limit
	return e
}

const (
	unsupported = http.StatusUnsupportedMediaType
	bad         = http.StatusBadRequest
)

var (
	methodPost     = &refusal{ErrTransport, "method_not_allowed", 405, "Requests must be sent by POST.", "POST"}
	methodEither   = &refusal{ErrTransport, "method_not_allowed", 405, "Requests must be sent by POST or GET.", "GET, POST"}
	methodMutation = &refusal{ErrTransport, "query_only", 405, "Only queries may be sent by GET.", "POST"}
	mediaType      = &refusal{ErrTransport, "unsupported_media_type", unsupported, "The body must be application/json.", ""}
	encoding       = &refusal{ErrTransport, "unsupported_encoding", unsupported, "The body must not be encoded.", ""}
	upgrade        = &refusal{ErrTransport, "upgrade_refused", bad, "The connection cannot be upgraded.", ""}
	noPreflight    = &refusal{ErrTransport, "preflight_required", 403, "The request lacks a header that is required.", ""}

	unreadable   = &refusal{ErrMalformed, "body_unreadable", bad, "The body could not be read.", ""}
	malformed    = &refusal{ErrMalformed, "malformed_request", bad, "The request is malformed.", ""}
	unknown      = &refusal{ErrMalformed, "unknown_member", bad, "The request has a member that is not known.", ""}
	duplicate    = &refusal{ErrMalformed, "duplicate_member", bad, "The request has a member twice.", ""}
	noQuery      = &refusal{ErrMalformed, "query_missing", bad, "The request has no document.", ""}
	noBatch      = &refusal{ErrMalformed, "batch_refused", bad, "Requests must be sent one by one.", ""}
	syntax       = &refusal{ErrMalformed, "syntax_error", bad, "The document is not GraphQL.", ""}
	noOperation  = &refusal{ErrMalformed, "operation_required", bad, "The operation must be named.", ""}
	notOperation = &refusal{ErrMalformed, "unknown_operation", bad, "The document has no such operation.", ""}

	tooLarge      = &refusal{ErrLimit, "body_too_large", http.StatusRequestEntityTooLarge, "The request is too large.", ""}
	tooMany       = &refusal{ErrLimit, "batch_limit", bad, "The batch has too many requests.", ""}
	tooLong       = &refusal{ErrLimit, "token_limit", bad, "The document is too long.", ""}
	tooWoven      = &refusal{ErrLimit, "visit_limit", bad, "The document spreads its fragments too often.", ""}
	tooDeep       = &refusal{ErrLimit, "depth_limit", bad, "The document is too deep.", ""}
	tooNested     = &refusal{ErrLimit, "list_depth_limit", bad, "The document has too many lists within lists.", ""}
	tooAliased    = &refusal{ErrLimit, "alias_limit", bad, "The document has too many aliases.", ""}
	tooRepetitive = &refusal{ErrLimit, "duplicate_limit", bad, "The document repeats itself too often.", ""}
	tooDirected   = &refusal{ErrLimit, "directive_limit", bad, "The document has too many directives.", ""}
	tooStructured = &refusal{ErrLimit, "value_depth_limit", bad, "A value is too deep.", ""}
	tooCostly     = &refusal{ErrLimit, "cost_limit", bad, "The operation asks for too much.", ""}

	introspects = &refusal{ErrIntrospection, "introspection_refused", bad, "Introspection is not allowed.", ""}

	cyclic       = &refusal{ErrInvalid, "fragment_cycle", bad, "A fragment contains itself.", ""}
	invalid      = &refusal{ErrInvalid, "validation_failed", bad, "The document does not fit the schema.", ""}
	variables    = &refusal{ErrInvalid, "variables_invalid", bad, "The variables do not fit the operation.", ""}
	subscription = &refusal{ErrInvalid, "subscription_refused", bad, "Subscriptions are not supported.", ""}

	documentUnknown  = &refusal{ErrUntrusted, "document_unknown", http.StatusNotFound, "There is no such document.", ""}
	hashUnknown      = &refusal{ErrUntrusted, "PERSISTED_QUERY_NOT_FOUND", 404, "There is no such document.", ""}
	hashUnsupported  = &refusal{ErrUntrusted, "PERSISTED_QUERY_NOT_SUPPORTED", 404, "Documents must be sent.", ""}
	documentMismatch = &refusal{ErrUntrusted, "document_mismatch", bad, "The document is not the one that was named.", ""}
	documentRequired = &refusal{ErrUntrusted, "document_required", 403, "Only known documents are accepted.", ""}

	unavailable = &refusal{ErrUnavailable, "documents_unavailable", 503, "Documents cannot be looked up now.", ""}
)
