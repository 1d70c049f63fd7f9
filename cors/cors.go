package cors

import (
	"log/slog"
	"net/http"
	"sync/atomic"

	"github.com/gopalisade/palisade/internal/around"
	"github.com/gopalisade/palisade/monitor/event"
)

// Policy answers for one configuration. It is safe for concurrent use, [Policy.Reload] included.
type Policy struct {
	table atomic.Pointer[table]
}

// table is a compiled Config; it never changes.
type table struct {
	origins     origins
	originFunc  func(*http.Request, string) bool
	any         bool // everybody, without credentials
	credentials bool
	anyHeader   bool
	methods     []string
	headers     []string // lower case
	longest     int      // bytes of headers together

	methodList, headerList, exposed, maxAge string // as sent

	success int
	deny    func(http.ResponseWriter, *http.Request, error)
}

// Kind is what a request is to the Fetch standard.
type Kind uint8

// The kinds.
const (
	NotCORS   Kind = iota // no Origin: nobody asks
	Actual                // a request from another origin, or from our own by a browser that says so
	Preflight             // OPTIONS with Origin and Access-Control-Request-Method
)

// Decision is what a [Policy] says about a request.
type Decision struct {
	Kind    Kind
	Allowed bool
	Reason  string // stable word for logs and tests where not Allowed: "origin", "method", "headers"

	origin string // to send back
}

// Decide says what p makes of r, and writes nothing.
func (p *Policy) Decide(r *http.Request) Decision { return p.table.Load().decide(r) }

func (t *table) decide(r *http.Request) Decision {
	lines := r.Header["Origin"]
	if len(lines) == 0 {
		return Decision{Kind: NotCORS, Reason: "no_origin"}
	}
	d := Decision{Kind: Actual, Reason: "origin"}
	wanted := r.Header["Access-Control-Request-Method"]
	if r.Method == http.MethodOptions && len(wanted) > 0 {
		d.Kind = Preflight
	}
	var ok bool
	if d.origin, ok = t.allowed(r, lines); !ok {
		return d
	}
	if d.Kind == Preflight {
		if len(wanted) > 1 || !t.allowsMethod(wanted[0]) {
			d.Reason = "method"
			return d
		}
		if !t.allowsHeaders(r.Header["Access-Control-Request-Headers"]) {
			d.Reason = "headers"
			return d
		}
	}
	d.Allowed, d.Reason = true, ""
	return d
}

// allowed returns what to send back for an allowed origin. Two lines are two stories: neither is believed.
func (t *table) allowed(r *http.Request, lines []string) (string, bool) {
	if t.any {
		return "*", true
	}
	if len(lines) > 1 {
		return "", false
	}
	origin := lines[0]
	if own, ok := t.origins.find(origin); ok {
		return own, true
	}
	if t.originFunc == nil || len(origin) > maxOrigin {
		return "", false
	}
	_, _, port, ok := split(origin)
	return origin, ok && port != "*" && t.originFunc(r, origin)
}

// Wrap returns next behind the policy: preflights are answered here, every other request goes on.
func (p *Policy) Wrap(next http.Handler) http.Handler {
	return around.New(next, func(w http.ResponseWriter, r *http.Request) {
		t := p.table.Load()
		d := t.decide(r)
		if d.Kind == Preflight {
			t.preflight(w, r, d)
			return
		}
		t.actual(w.Header(), d)
		next.ServeHTTP(w, r)
	})
}

// Preflight answers preflights alone. Mount it on "OPTIONS /" beside routes that are wrapped one by one, where the router
// would answer 405 before [Policy.Wrap] is asked. An OPTIONS request that is no preflight gets the success status.
func (p *Policy) Preflight() http.Handler {
	return p.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNoContent)
	}))
}

const (
	varyOrigin    = "Origin"
	varyPreflight = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"
)

// actual sets the headers of a response that is no preflight's: one allocation, with values that belong to this response.
func (t *table) actual(h http.Header, d Decision) {
	own := make([]string, 0, 4)
	if !t.any { // otherwise every response is the same
		own = vary(h, own, varyOrigin)
	}
	if !d.Allowed && !t.any {
		return
	}
	own = t.grant(h, own, d.origin)
	if t.exposed != "" {
		set(h, append(own, t.exposed), "Access-Control-Expose-Headers")
	}
}

// grant sets who may read.
func (t *table) grant(h http.Header, own []string, origin string) []string {
	if t.any {
		origin = "*"
	}
	own = set(h, append(own, origin), "Access-Control-Allow-Origin")
	if t.credentials {
		own = set(h, append(own, "true"), "Access-Control-Allow-Credentials")
	}
	return own
}

// set gives the last value of own to the header, without room to grow into its neighbour.
func set(h http.Header, own []string, name string) []string {
	n := len(own)
	h[name] = own[n-1 : n : n]
	return own
}

func (t *table) preflight(w http.ResponseWriter, r *http.Request, d Decision) {
	h := w.Header()
	own := vary(h, make([]string, 0, 6), varyPreflight)
	if !d.Allowed {
		event.Emit(r.Context(), event.Event{Code: event.MaliciousCORS, Level: slog.LevelInfo, Reason: d.Reason})
		t.deny(w, r, &DeniedError{Reason: d.Reason})
		return
	}
	own = t.grant(h, own, d.origin)
	if t.methodList != "" {
		own = set(h, append(own, t.methodList), "Access-Control-Allow-Methods")
	}
	if t.headerList != "" {
		own = set(h, append(own, t.headerList), "Access-Control-Allow-Headers")
	}
	if t.maxAge != "" {
		set(h, append(own, t.maxAge), "Access-Control-Max-Age")
	}
	if t.success == http.StatusOK {
		h.Set("Content-Length", "0")
	}
	w.WriteHeader(t.success)
}
