package graphql

import (
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gopalisade/palisade/problem"
)

// The media types of an answer (GraphQL over HTTP section 4).
const (
	responseType = "application/graphql-response+json"
	jsonType     = "application/json"
)

type (
	answer struct {
		Errors []answerError `json:"errors"`
	}
	answerError struct {
		Message    string         `json:"message"`
		Locations  []location     `json:"locations,omitempty"`
		Extensions map[string]any `json:"extensions"`
	}
	location struct {
		Line   int `json:"line"`
		Column int `json:"column"`
	}
)

// Write answers r with err in the form that GraphQL clients read: an errors list with a fixed message and a stable code. It
// takes any error that [problem.Write] takes, and tells no more.
func Write(w http.ResponseWriter, r *http.Request, err error) {
	p := problem.Of(err)
	h := w.Header()
	for name, values := range p.Header {
		h[http.CanonicalHeaderKey(name)] = values
	}
	for _, c := range p.Challenges {
		h.Add("Www-Authenticate", c)
	}
	if p.RetryAfter > 0 {
		h.Set("Retry-After", strconv.FormatInt(int64((p.RetryAfter+time.Second-1)/time.Second), 10))
	}
	data, _ := json.Marshal(describe(p, err)) // strings and numbers
	data = append(data, '\n')
	h.Del("Content-Encoding") // of the answer that was abandoned
	h.Set("Content-Type", MediaType(r)+"; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(data)))
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(p.Status)
	_, _ = w.Write(data) // the client is gone: nobody is left to tell
}

func describe(p problem.Problem, err error) answer {
	message := p.Detail
	if message == "" {
		message = p.Title
	}
	e, ok := errors.AsType[*Error](err)
	if !ok || len(e.Violations) == 0 {
		extensions := map[string]any{"code": p.Code}
		if ok && e.expose && e.Limit > 0 {
			extensions["limit"] = e.Limit
		}
		return answer{[]answerError{{Message: message, Extensions: extensions}}}
	}
	var a answer
	for _, v := range e.Violations {
		one := answerError{Message: message, Extensions: map[string]any{"code": p.Code}}
		if v.Rule != "" {
			one.Extensions["rule"] = v.Rule
		}
		if v.Line > 0 {
			one.Locations = []location{{v.Line, v.Column}}
		}
		a.Errors = append(a.Errors, one)
	}
	return a
}

// MediaType is the type of an answer to r, also of the server's own: that of GraphQL where the client reads it, and JSON for
// all others.
func MediaType(r *http.Request) string {
	for _, line := range r.Header["Accept"] {
		for part := range strings.SplitSeq(line, ",") {
			name, params, err := mime.ParseMediaType(part)
			if q, qErr := strconv.ParseFloat(params["q"], 64); qErr == nil && q == 0 {
				continue
			}
			if err == nil && name == responseType {
				return responseType
			}
		}
	}
	return jsonType
}
