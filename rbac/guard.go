package rbac

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/gopalisade/palisade/auth"
)

// decision is what a guard asks before it lets a request pass.
type decision interface {
	decide(r *http.Request) (*http.Request, error) // the request to go on with
	policy() string                                // who may pass, for people
	fault() error                                  // what is wrong with the guard itself
}

// guarded is a handler behind a decision. Its exported methods are what an [Audit] recognises it by.
type guarded struct {
	decision
	model *Model
	next  http.Handler
}

func guardBy(m *Model, d decision) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler { return &guarded{d, m, next} }
}

func (g *guarded) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	decided(r)
	on, err := g.decide(r)
	if err != nil {
		g.model.refuse(w, r, err)
		return
	}
	g.next.ServeHTTP(w, on)
}

func (g *guarded) AccessPolicy() string { return g.policy() }
func (g *guarded) Unwrap() http.Handler { return g.next }

// Require returns a middleware that lets a request pass when its principal has every one of the permissions.
//
// A misspelt permission, and none at all, must not open the route, and a route table is no place for error handling: the
// middleware then refuses everything with 500, and [Audit] and [Model.Validate] say so at start-up.
func (m *Model) Require(permissions ...string) func(http.Handler) http.Handler {
	return guardBy(m, m.requirement(permissions, true))
}

// RequireAny is [Model.Require] for at least one of the permissions.
func (m *Model) RequireAny(permissions ...string) func(http.Handler) http.Handler {
	return guardBy(m, m.requirement(permissions, false))
}

// requirement is the decision by permission. It names bits of one state, and is compiled again after a Swap by the first
// request that sees the new one, so that the others look no name up and take no lock.
type requirement struct {
	model    *Model
	names    []string
	all      bool
	compiled atomic.Pointer[need]
}

// need is a requirement in one state.
type need struct {
	in   *state
	bits []int
	err  error
}

func (m *Model) requirement(permissions []string, all bool) *requirement {
	m.require(permissions)
	return &requirement{model: m, names: slices.Clone(permissions), all: all}
}

func (q *requirement) current() *need {
	s := q.model.now.Load()
	n := q.compiled.Load()
	if n == nil || n.in != s {
		n = &need{in: s}
		n.bits, n.err = s.bits(nil, q.names)
		q.compiled.Store(n)
	}
	return n
}

func (q *requirement) decide(r *http.Request) (*http.Request, error) {
	n := q.current()
	if n.err != nil {
		return nil, n.err
	}
	p, ok := auth.From(r.Context())
	if !ok {
		return nil, errNobody
	}
	return r, n.in.check(p, n.bits, q.all)
}

func (q *requirement) policy() string {
	if len(q.names) > 1 && !q.all {
		return "require any of " + strings.Join(q.names, ", ")
	}
	return "require " + strings.Join(q.names, ", ")
}

func (q *requirement) fault() error { return q.current().err }

// Public returns a middleware that lets everybody pass, and says why for an [Audit] and [Model.DenyByDefault] to see. It
// takes nothing away from other guards on the route. Without a reason it decides nothing.
func Public(reason string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		if reason == "" {
			return unreasoned{next}
		}
		return &guarded{public(reason), nil, next}
	}
}

type public string

func (p public) decide(r *http.Request) (*http.Request, error) { return r, nil }
func (p public) policy() string                                { return "public: " + string(p) }
func (p public) fault() error                                  { return nil }

// unreasoned is a route that claims to be public and does not say why.
type unreasoned struct{ http.Handler }

func (u unreasoned) Unwrap() http.Handler { return u.Handler }

// SameTenant returns a middleware that lets a request pass when its principal belongs to the tenant that of reads from the
// request, as in
//
//	model.SameTenant(func(r *http.Request) string { return r.PathValue("tenant") })
//
// A tenant is compared byte by byte, and an empty one on either side is nobody's. The answer to others is the 404 of
// [ErrNoObject]. It does not look at records: that order 7 belongs to the tenant of the path is for [Object] to see.
func (m *Model) SameTenant(of func(*http.Request) string) func(http.Handler) http.Handler {
	return guardBy(m, tenancy{of})
}

type tenancy struct{ of func(*http.Request) string }

func (t tenancy) decide(r *http.Request) (*http.Request, error) {
	if err := t.fault(); err != nil {
		return nil, err
	}
	p, ok := auth.From(r.Context())
	if !ok {
		return nil, errNobody
	}
	if own := t.of(r); own == "" || own != p.Tenant {
		return nil, hidden("other_tenant")
	}
	return r, nil
}

func (t tenancy) policy() string { return "same tenant" }

func (t tenancy) fault() error {
	if t.of == nil {
		return fmt.Errorf("%w: SameTenant has no function", errMisbuilt)
	}
	return nil
}

// Decide returns a middleware for a decision of your own that an [Audit] and [Model.DenyByDefault] see like any other: check
// returns nil to let a request pass, or an error for Deny, a [ForbiddenError] for one. policy says in words who may pass.
func (m *Model) Decide(policy string, check func(*http.Request) error) func(http.Handler) http.Handler {
	return guardBy(m, custom{policy, check})
}

type custom struct {
	words string
	check func(*http.Request) error
}

func (c custom) decide(r *http.Request) (*http.Request, error) {
	if err := c.fault(); err != nil {
		return nil, err
	}
	return r, c.check(r)
}

func (c custom) policy() string { return c.words }

func (c custom) fault() error {
	if c.words == "" || c.check == nil {
		return fmt.Errorf("%w: Decide needs a policy in words and a function", errMisbuilt)
	}
	return nil
}
