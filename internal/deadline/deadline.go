// Package deadline bounds how long the body of a request may take to arrive.
package deadline

import (
	"net/http"
	"time"
)

// Conn is what a deadline is set on.
type Conn interface{ SetReadDeadline(time.Time) error }

// Of finds w's connection, as [http.ResponseController] does, which makes an error of not finding any. It returns nil for a
// recorder, or a writer that hides the connection: the server's own limits hold there.
func Of(w http.ResponseWriter) Conn {
	for {
		if conn, ok := w.(Conn); ok {
			return conn
		}
		outer, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return nil
		}
		w = outer.Unwrap()
	}
}

// Within returns the stricter of timeout and what the server allows for a whole request.
func Within(r *http.Request, timeout time.Duration) time.Duration {
	if server, ok := r.Context().Value(http.ServerContextKey).(*http.Server); ok && server.ReadTimeout > 0 {
		return min(timeout, server.ReadTimeout)
	}
	return timeout
}
