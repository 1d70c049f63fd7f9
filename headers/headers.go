package headers

import (
	"net/http"

	"github.com/gopalisade/palisade/internal/around"
	"github.com/gopalisade/palisade/transport"
)

// Policy sets the headers of one configuration. It is safe for concurrent use.
type Policy struct {
	cfg      Config
	names    []string // canonical, so that they go into the map as they are
	values   []string
	hsts     bool // the last pair is for HTTPS only
	enforced *compiled
	reported *compiled
}

const (
	cspName       = "Content-Security-Policy"
	cspReportName = "Content-Security-Policy-Report-Only"
)

// add appends a pair unless the value is empty.
func (p *Policy) add(name, value string) {
	if value != "" {
		p.names, p.values = append(p.names, name), append(p.values, value)
	}
}

// Wrap returns next with the headers set before it runs.
func (p *Policy) Wrap(next http.Handler) http.Handler {
	if p.enforced.nonced() || p.reported.nonced() {
		return p.wrapNonce(next)
	}
	return around.New(next, func(w http.ResponseWriter, r *http.Request) {
		p.Set(w.Header(), r)
		next.ServeHTTP(w, r)
	})
}

// Set writes the headers into h, in one allocation. Every response gets values of its own: a handler that appends to one,
// or overwrites it in place, changes no other response.
func (p *Policy) Set(h http.Header, r *http.Request) {
	n := len(p.names)
	if p.hsts && transport.PeerOf(r).Scheme != "https" {
		n-- // a browser must ignore it over plain HTTP (RFC 6797 section 8.1), and a tester would stumble over it
	}
	own := make([]string, n)
	copy(own, p.values)
	for i := range own {
		h[p.names[i]] = own[i : i+1 : i+1]
	}
}

// With returns a Policy for one route: this one's configuration, changed by edit. The route's Policy replaces the outer
// one's headers of the same name.
func (p *Policy) With(edit func(*Config)) (*Policy, error) {
	cfg := clone(p.cfg)
	edit(&cfg)
	return New(cfg)
}
