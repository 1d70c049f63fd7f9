package upload

import (
	"io"
	"net/http"
	"net/http/httptest"
)

// Watch reads a body with a delimiter in pieces, and reports whether its end passed, and whether something came behind it.
func Watch(body io.Reader, boundary string) (closed, tail bool) {
	limits := Limits{Body: 1 << 30, MinRate: 1 << 30, Timeout: 1 << 40}
	r := httptest.NewRequest(http.MethodPost, "/", body)
	s := newStream(httptest.NewRecorder(), r, boundary, &limits)
	_, _ = io.Copy(io.Discard, s)
	return s.closed, s.tail
}
