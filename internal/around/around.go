// Package around makes the handlers that stand around others.
package around

import "net/http"

// handler is a function that knows what it stands around.
type handler struct {
	http.HandlerFunc
	next http.Handler
}

// Unwrap returns the handler inside, for whoever wants to see what a route consists of.
func (h handler) Unwrap() http.Handler { return h.next }

// New returns serve as a handler that stands around next.
func New(next http.Handler, serve http.HandlerFunc) http.Handler { return handler{serve, next} }
