package problem

import (
	"errors"
	"net/http"
	"time"
)

// Problem is the body of a refusal, and an error that a handler may return or pass to [Write].
//
// Everything in it is seen by the client. Status is required; a zero Title is the status text, a zero Code the status
// text in snake case, a zero Detail a fixed sentence for the status, and a zero Type means "about:blank".
type Problem struct {
	Type     string  `json:"type,omitempty"`
	Title    string  `json:"title"`
	Status   int     `json:"status"`
	Code     string  `json:"code"`
	Detail   string  `json:"detail,omitempty"`
	Instance string  `json:"instance,omitempty"`
	Errors   []Field `json:"errors,omitempty"`
	// Truncated says that there were more errors than Errors holds.
	Truncated bool `json:"truncated,omitempty"`

	// Challenges become WWW-Authenticate lines. A 401 without one gets "Bearer".
	Challenges []string `json:"-"`
	// Header holds further fields of the answer, which replace those of the same name.
	Header http.Header `json:"-"`
	// RetryAfter becomes Retry-After in whole seconds, rounded up. A 429 or 503 without one gets a default.
	RetryAfter time.Duration `json:"-"`
}

// Field is one wrong input. It never holds the submitted value.
type Field struct {
	In      string         `json:"in,omitempty"`      // body, query, path, header, form
	Pointer string         `json:"pointer,omitempty"` // JSON Pointer (RFC 6901) into the body
	Name    string         `json:"name,omitempty"`    // parameter name, where In is not body
	Code    string         `json:"code"`              // stable rule name, "required"
	Params  map[string]any `json:"params,omitempty"`  // the rule's own limits, {"max": 100}
	Detail  string         `json:"detail,omitempty"`  // fixed sentence for people
}

// Error describes p for a log.
func (p *Problem) Error() string {
	return "problem: " + http.StatusText(p.Status) + " (" + p.Code + ")"
}

// HTTPStatus returns p.Status, so that a Problem is an error like any other.
func (p *Problem) HTTPStatus() int { return p.Status }

// Of returns the Problem that [Write] would send for err, complete with defaults.
//
// A *Problem anywhere in err's tree is used as it is; then a method Problem() [Problem]; then HTTPStatus() int with an
// optional Code() string. A status outside 400 to 599, and any other error, gives a plain 500.
func Of(err error) Problem {
	p := describe(err)
	if p.Status < 400 || p.Status > 599 {
		p = Problem{Status: http.StatusInternalServerError}
	}
	p.complete()
	return p
}

func describe(err error) Problem {
	if p, ok := errors.AsType[*Problem](err); ok {
		if p == nil { // somebody's typed nil: an error all the same
			return Problem{}
		}
		return *p
	}
	if e, ok := errors.AsType[describer](err); ok {
		return e.Problem()
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return Problem{Status: http.StatusRequestEntityTooLarge}
	}
	e, ok := errors.AsType[statuser](err)
	if !ok {
		return Problem{Status: http.StatusInternalServerError}
	}
	p := Problem{Status: e.HTTPStatus()}
	if c, ok := e.(coder); ok {
		p.Code = c.Code()
	}
	return p
}

type (
	describer interface {
		error
		Problem() Problem
	}
	statuser interface {
		error
		HTTPStatus() int
	}
	coder interface{ Code() string }
)
