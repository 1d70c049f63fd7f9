package problem

import (
	"net/http"
)

// Mux serves mux, but answers a path that it does not know (404) and a method that the path does not support (405, with
// Allow) by problem details, where [http.ServeMux] would write plain text. It adds no allocation to a request that matches.
func Mux(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		own, pattern := mux.Handler(r)
		if pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		var probe statusProbe
		own.ServeHTTP(&probe, r)
		if allow := probe.header["Allow"]; len(allow) > 0 {
			w.Header()["Allow"] = allow
		}
		Write(w, r, &Problem{Status: max(probe.status, http.StatusBadRequest)})
	})
}

// statusProbe is a ResponseWriter that keeps the status and the header, and drops the text.
type statusProbe struct {
	header http.Header
	status int
}

func (p *statusProbe) Header() http.Header {
	if p.header == nil {
		p.header = http.Header{}
	}
	return p.header
}

func (p *statusProbe) WriteHeader(status int)      { p.status = status }
func (p *statusProbe) Write(b []byte) (int, error) { return len(b), nil }
