package upload

import (
	"io"
	"net/http"
	"net/http/httptest"
	"time"
)

// Watch reads a body with a delimiter in pieces, and reports whether its end passed, and whether something came behind it.
func Watch(body io.Reader, boundary string) (closed, tail bool) {
	limits := Limits{Body: 1 << 30, MinRate: 1 << 30, Timeout: 1 << 40}
	r := httptest.NewRequest(http.MethodPost, "/", body)
	s := newStream(httptest.NewRecorder(), r, boundary, &limits)
	s.head = s.opening // which is not in question
	_, _ = io.Copy(io.Discard, s)
	return s.closed, s.tail
}

// Due returns how long a client may take that has sent so many bytes.
func Due(sent int64, limits Limits) time.Duration {
	s := stream{read: sent, limits: &limits, timeout: limits.Timeout}
	return s.due().Sub(s.begin)
}

// ConfigOf returns what New has made of a Config.
func ConfigOf(g *Guard) Config { return g.cfg }
