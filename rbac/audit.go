package rbac

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Audit collects who may do what, route by route, before the server listens. The zero value is ready; it is not safe for
// concurrent use.
//
// It looks at the structure and sends no request: a route is decided when its handler, or what one of its middlewares
// returns, is a guard of this package or another handler with a method AccessPolicy() string. It looks through handlers
// that have a method Unwrap() http.Handler. A guard inside of a plain function is not seen, which is a false alarm and
// never a false calm; write such a guard as a middleware of its own.
//
// That a guard is there does not say that it is the right one: read [Audit.Routes].
type Audit struct {
	routes   []Route
	findings []Finding
}

// Route is what an [Audit] saw of one route.
type Route struct {
	Method   string // "*" for all
	Pattern  string
	Policies []string // what every request must pass, from outside in; none is a finding
}

// String is one line of a table.
func (r Route) String() string {
	policies := "undecided"
	if len(r.Policies) > 0 {
		policies = strings.Join(r.Policies, "; ")
	}
	return r.Method + " " + r.Pattern + "  " + policies
}

// Finding is one thing that is wrong with a route.
type Finding struct {
	Method  string
	Pattern string
	Problem string
}

// String is one line for a log.
func (f Finding) String() string { return f.Method + " " + f.Pattern + ": " + f.Problem }

// Visit looks at one route. Its type is that of chi's WalkFunc, for chi.Walk(router, audit.Visit); with another router,
// call it for each line of your route table. It always returns nil, so that a walk goes on.
//
// Each middleware is called once with a handler that does nothing. One that counts or registers what it wraps does so here
// too.
func (a *Audit) Visit(method, pattern string, handler http.Handler, middlewares ...func(http.Handler) http.Handler) error {
	route := Route{Method: cmp.Or(method, "*"), Pattern: pattern}
	nothing := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	found := len(a.findings)
	for _, m := range middlewares {
		a.inspect(&route, m(nothing))
	}
	a.inspect(&route, handler)
	if len(route.Policies) == 0 && len(a.findings) == found {
		a.find(route, "no decision")
	}
	a.routes = append(a.routes, route)
	return nil
}

// maxUnwrap ends handlers that unwrap to themselves.
const maxUnwrap = 100

// inspect adds what h and everything it wraps decide.
func (a *Audit) inspect(route *Route, h http.Handler) {
	for range maxUnwrap {
		if d, ok := h.(interface{ AccessPolicy() string }); ok && d.AccessPolicy() != "" {
			route.Policies = append(route.Policies, d.AccessPolicy())
		}
		switch own := h.(type) {
		case *guarded:
			if err := own.fault(); err != nil {
				a.find(*route, err.Error())
			}
		case unreasoned:
			a.find(*route, "public without a reason")
		}
		inner, ok := h.(interface{ Unwrap() http.Handler })
		if !ok {
			return
		}
		h = inner.Unwrap()
	}
}

func (a *Audit) find(route Route, what string) {
	a.findings = append(a.findings, Finding{route.Method, route.Pattern, what})
}

// VisitMux looks at the routes that mux has under the patterns, spelt as they were registered. A pattern that is missing,
// or whose requests another one takes, is a finding.
//
// A mux does not tell its patterns: register and visit from one list, for a route that is on none is not seen. Neither is
// a guard around the whole mux.
func (a *Audit) VisitMux(mux *http.ServeMux, patterns ...string) {
	for _, pattern := range patterns {
		method, place, ok := strings.Cut(pattern, " ")
		if !ok {
			method, place = "", pattern
		}
		place = strings.TrimLeft(place, " \t")
		route := Route{Method: cmp.Or(method, "*"), Pattern: place}
		switch h, taken, err := resolve(mux, pattern, method, place); {
		case err != nil:
			a.find(route, "is no pattern")
		case taken == "":
			a.find(route, "is not registered")
		case taken != pattern:
			a.find(route, "is taken by "+taken)
		default:
			_ = a.Visit(method, place, h)
		}
	}
}

// resolve asks mux for the handler of a request that fits the pattern, and which pattern took it. The rest of a path that
// ends in "/" or "{name...}" is tried at several depths, for other patterns may have some of it.
func resolve(mux *http.ServeMux, pattern, method, place string) (h http.Handler, taken string, err error) {
	for depth := range maxDepth {
		r, err := sample(method, place, depth)
		if err != nil {
			return nil, "", err
		}
		if h, taken = mux.Handler(r); taken == pattern {
			break
		}
	}
	return h, taken, nil
}

const (
	maxDepth    = 16
	placeholder = "-palisade-audit-" // fills a wildcard; nobody registers it, so that it finds the wildcard's own route
)

// sample returns a request for the pattern of a ServeMux and, as far as possible, for no other.
func sample(method, place string, depth int) (*http.Request, error) {
	host, rest, ok := strings.Cut(place, "/")
	if !ok {
		return nil, errors.New("rbac: no path")
	}
	segments := strings.Split(rest, "/")
	last := len(segments) - 1
	for i, s := range segments {
		switch {
		case s == "{$}":
			segments[i] = ""
		case strings.HasSuffix(s, "...}"), s == "" && i == last:
			segments[i] = strings.TrimSuffix(strings.Repeat(placeholder+"/", depth), "/")
		case strings.HasPrefix(s, "{"):
			segments[i] = placeholder
		}
	}
	u, err := url.ParseRequestURI("/" + strings.Join(segments, "/"))
	if err != nil {
		return nil, err
	}
	return &http.Request{Method: cmp.Or(method, "AUDIT"), URL: u, Host: host}, nil // AUDIT: only patterns without a method take it
}

// Routes returns what was visited, in order, to be printed as a table of who may do what.
func (a *Audit) Routes() []Route { return slices.Clone(a.routes) }

// Findings returns what is wrong, in the order of the visits.
func (a *Audit) Findings() []Finding { return slices.Clone(a.findings) }

// Err returns the findings joined, or nil. An audit that has visited nothing is wrong too: it was not told of the routes.
func (a *Audit) Err() error {
	if len(a.routes)+len(a.findings) == 0 {
		return errors.New("rbac: audit visited no route")
	}
	errs := make([]error, len(a.findings))
	for i, f := range a.findings {
		errs[i] = errors.New("rbac: " + f.String())
	}
	return errors.Join(errs...)
}
