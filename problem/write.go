package problem

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ContentType is the media type of a problem document (RFC 9457 section 3).
const ContentType = "application/problem+json"

// Write answers r with the [Problem] of err. Call it before anything else was written. It removes headers that
// described the abandoned response, keeps the others, and sends no body to HEAD.
func Write(w http.ResponseWriter, r *http.Request, err error) {
	p := Of(err)
	body, encodeErr := p.appendJSON(make([]byte, 0, 512))
	if encodeErr != nil { // a Params value that JSON cannot hold: the refusal stands, the parameters go
		p.Errors = slices.Clone(p.Errors)
		for i := range p.Errors {
			p.Errors[i].Params = nil
		}
		body, _ = p.appendJSON(nil)
	}
	body = append(body, '\n')

	h := w.Header()
	for _, stale := range [...]string{"Content-Encoding", "Content-Range", "Accept-Ranges", "Etag", "Last-Modified", "Content-Disposition"} {
		delete(h, stale)
	}
	p.setHeader(h)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(p.Status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the client is gone: nobody is left to tell
	}
}

// setHeader sets what the body cannot say.
func (p *Problem) setHeader(h http.Header) {
	// One array for three values: they are never appended to in place, since each has no room behind it.
	fixed := [3]string{ContentType, "nosniff", "no-store"}
	h["Content-Type"], h["X-Content-Type-Options"] = fixed[0:1:1], fixed[1:2:2]
	if len(h["Cache-Control"]) == 0 {
		h["Cache-Control"] = fixed[2:3:3]
	}
	for name, values := range p.Header {
		h[http.CanonicalHeaderKey(name)] = slices.Clone(values)
	}
	for _, c := range p.Challenges {
		h.Add("Www-Authenticate", c)
	}
	if p.Status == http.StatusUnauthorized && len(h["Www-Authenticate"]) == 0 {
		h.Set("Www-Authenticate", "Bearer") // RFC 9110 section 11.6.1: never a 401 without one
	}
	if p.RetryAfter > 0 {
		h.Set("Retry-After", strconv.FormatInt(int64((p.RetryAfter+time.Second-1)/time.Second), 10))
	}
}

// complete fills the defaults, so that two refusals of one kind read the same whoever made them.
func (p *Problem) complete() {
	if p.Title == "" {
		p.Title = title(p.Status)
	}
	if p.Code == "" {
		p.Code = snake(title(p.Status))
	}
	if p.Detail == "" {
		p.Detail = details[p.Status]
	}
	if p.RetryAfter <= 0 {
		switch p.Status {
		case http.StatusTooManyRequests:
			p.RetryAfter = time.Second
		case http.StatusServiceUnavailable:
			p.RetryAfter = 5 * time.Second
		}
	}
}

// title is the status text, or the class of a status that has none.
func title(status int) string {
	if t := http.StatusText(status); t != "" {
		return t
	}
	if status < 500 {
		return "Client Error"
	}
	return "Server Error"
}

// snake turns a status text into a code: "I'm a teapot" becomes im_a_teapot.
func snake(s string) string {
	return strings.ToLower(unspaced.Replace(s))
}

var unspaced = strings.NewReplacer(" ", "_", "-", "_", "'", "")

// details are the fixed sentences. They help the client's developer and tell an attacker nothing about this request.
var details = map[int]string{
	http.StatusBadRequest:            "The request is malformed.",
	http.StatusUnauthorized:          "Valid credentials are required.",
	http.StatusForbidden:             "These credentials do not allow this request.",
	http.StatusNotFound:              "There is nothing here.",
	http.StatusMethodNotAllowed:      "This resource does not support the method.",
	http.StatusConflict:              "The request conflicts with the present state.",
	http.StatusRequestEntityTooLarge: "The request body is too large.",
	http.StatusUnsupportedMediaType:  "The content type is not supported.",
	http.StatusUnprocessableEntity:   "The request is well-formed but breaks a rule.",
	http.StatusTooManyRequests:       "Too many requests. Wait before trying again.",
	http.StatusInternalServerError:   "The server could not answer.",
	http.StatusServiceUnavailable:    "The service is briefly unavailable. Try again later.",
}
