package rbac

import (
	"bufio"
	"context"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"path"
	"strings"
	"sync/atomic"
)

// DenyByDefault returns next, the router, behind a last line: a success or a redirect on which no guard of this package has
// decided is answered 500 instead, with an event that matches [ErrUndecided]. Refusals (400 and above) pass, so that the
// router's own 404 and 405 do, and so does its redirect to a cleaner spelling of the same path, of which only the Location is
// sent.
//
// It sees only the response. The handler has run by then, and what it stored, sent or deleted stays so; a refusal that
// carries data passes. An [Audit] at start-up is the real protection, and this is for what it was not told of. Place it
// right around the router: headers that are set inside of it are taken back with the answer.
func (m *Model) DenyByDefault(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Context().Value(undecidedKey{}) != nil {
			next.ServeHTTP(w, r) // an outer one watches already
			return
		}
		u := &undecided{ResponseWriter: w, model: m, before: w.Header().Clone()}
		u.r = r.WithContext(context.WithValue(r.Context(), undecidedKey{}, u))
		next.ServeHTTP(u, u.r)
		u.may(http.StatusOK) // what net/http sends for a handler that wrote nothing
	})
}

type undecidedKey struct{}

// decided tells the DenyByDefault around r, if there is one, that a guard has its say.
func decided(r *http.Request) {
	if u, ok := r.Context().Value(undecidedKey{}).(*undecided); ok {
		u.decided.Store(true)
	}
}

// undecided is a ResponseWriter that begins no success before a decision.
type undecided struct {
	http.ResponseWriter
	model   *Model
	r       *http.Request // as the router got it, so that its pattern is known
	before  http.Header   // what stood there before the handler
	decided atomic.Bool   // a guard may run on another goroutine, behind http.TimeoutHandler
	begun   bool
	refused bool
	bare    bool // of the response only the header is sent
}

// may reports whether a response with the status may go on, and refuses it when it may not.
func (u *undecided) may(status int) bool {
	if status >= 100 && status < 200 { // the response proper is still to come, or the connection is hijacked
		return !u.refused && u.decided.Load()
	}
	if !u.begun {
		u.begun = true
		if status >= 400 || u.decided.Load() {
			return true
		}
		location := u.Header()["Location"]
		u.bare = u.respells(status)
		clear(u.Header())
		maps.Copy(u.Header(), u.before)
		if u.bare {
			u.Header()["Location"] = location
			return true
		}
		u.refused = true
		u.model.refuse(u.ResponseWriter, u.r, ErrUndecided)
	}
	return !u.refused
}

// respells reports whether the response redirects to another spelling of the request's own path, as routers do.
func (u *undecided) respells(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	default:
		return false
	}
	to, err := url.Parse(u.Header().Get("Location"))
	if err != nil || to.Scheme != "" || to.Host != "" || to.Fragment != "" || to.RawQuery != u.r.URL.RawQuery {
		return false
	}
	clean := path.Clean(to.Path)
	odd := strings.TrimSuffix(to.Path, "/") != strings.TrimSuffix(clean, "/") || strings.Contains(to.Path, `\`)
	if odd || len(u.Header()["Location"]) != 1 { // no router writes so
		return false
	}
	return clean == path.Clean(u.r.URL.Path) || clean == path.Clean(u.r.URL.EscapedPath())
}

func (u *undecided) WriteHeader(status int) {
	if u.may(status) {
		u.ResponseWriter.WriteHeader(status)
	}
}

func (u *undecided) Write(b []byte) (int, error) {
	if !u.may(http.StatusOK) {
		return 0, ErrUndecided
	}
	if u.bare {
		return len(b), nil
	}
	return u.ResponseWriter.Write(b)
}

// ReadFrom keeps the system's short cut from a file to a socket.
func (u *undecided) ReadFrom(src io.Reader) (int64, error) {
	if !u.may(http.StatusOK) {
		return 0, ErrUndecided
	}
	if u.bare {
		return io.Copy(io.Discard, src)
	}
	return io.Copy(u.ResponseWriter, src)
}

// Flush, FlushError and Hijack begin a response too; Unwrap is for what else [http.ResponseController] offers.
func (u *undecided) Flush() { _ = u.FlushError() }

func (u *undecided) FlushError() error {
	if !u.may(http.StatusOK) {
		return ErrUndecided
	}
	return http.NewResponseController(u.ResponseWriter).Flush()
}

func (u *undecided) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	if !u.may(http.StatusOK) {
		return nil, nil, ErrUndecided
	}
	return http.NewResponseController(u.ResponseWriter).Hijack()
}

func (u *undecided) Unwrap() http.ResponseWriter { return u.ResponseWriter }
