package rbac

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/internal/conf"
	"github.com/gopalisade/palisade/monitor/event"
	"github.com/gopalisade/palisade/problem"
)

// Model is a compiled set of permissions and roles. It is safe for concurrent use.
type Model struct {
	now      atomic.Pointer[state]
	mu       sync.Mutex
	required map[string]bool // permissions that guards ask for, which Swap must keep
}

// Can reports whether p has the permission. A nil p and a permission that the model does not know are refused, and so is a
// wildcard: only [Role].Allow has those. It looks up the permission and each role once, some twenty nanoseconds each, and
// allocates nothing.
func (m *Model) Can(p *auth.Principal, permission string) bool {
	s := m.now.Load()
	i, ok := s.index[permission]
	return ok && p != nil && s.has(p, i)
}

// Permissions returns the names of everything p may do, sorted. What p's credential names and the model does not is left
// out.
func (m *Model) Permissions(p *auth.Principal) []string {
	all := []string{}
	if p == nil {
		return all
	}
	s := m.now.Load()
	var granted []int
	for _, name := range p.Permissions {
		if i, ok := s.index[name]; ok {
			granted = append(granted, i)
		}
	}
	sets := make([]set, 0, len(p.Roles))
	for _, role := range p.Roles {
		sets = append(sets, s.roles[role])
	}
	may := union(granted, sets)
	for i, name := range s.names {
		if may.has(i) {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return all
}

// Check decides whether ctx's principal has every one of the permissions: nil, an error matching
// [auth.ErrNoCredentials] (401) without a principal, or one matching [ErrForbidden] (403). Asking for nothing, or for a
// permission that the model does not know, matches [ErrUnknownPermission] (500). Up to eight permissions allocate nothing.
func (m *Model) Check(ctx context.Context, permissions ...string) error {
	s := m.now.Load()
	var few [8]int
	need, err := s.bits(few[:0], permissions)
	if err != nil {
		return err
	}
	p, ok := auth.From(ctx)
	if !ok {
		return errNobody
	}
	return s.check(p, need, true)
}

// Validate returns an error for each name that the model does not know, joined, or nil. Hand it the permissions of your
// routes before you listen, so that a typo stops the start and not the first request. [Audit] does so by itself.
func (m *Model) Validate(permissions ...string) error {
	_, err := m.now.Load().bits(nil, permissions)
	return err
}

// Swap replaces everything that [New] was told by cfg, at once: a request is decided by the old rules or by the new ones,
// never by a mixture, and guards go by the names of their permissions whatever their order is now. Faults of cfg are
// returned joined, and change nothing. A permission that some guard of this model asks for must not go away: that is a
// fault too, for as long as the program runs.
//
// A credential keeps the names of its roles until it expires; what they allow is decided anew on every request.
func (m *Model) Swap(cfg Config) error {
	next, err := compile(cfg)
	m.mu.Lock()
	defer m.mu.Unlock()
	f := conf.Faults{Room: "rbac"}
	f.Add(err)
	for _, name := range slices.Sorted(maps.Keys(m.required)) {
		_, kept := next.index[name]
		f.Check(kept, "Permissions", name, "must stay, for a guard requires it")
	}
	if err := f.Err(); err != nil {
		return err
	}
	m.now.Store(next)
	return nil
}

// require notes what a guard asks for. Names that the model does not know are not kept: the guard refuses in any case.
func (m *Model) require(permissions []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	known := m.now.Load().index
	for _, name := range permissions {
		if _, ok := known[name]; ok {
			m.required[name] = true
		}
	}
}

func (m *Model) refuse(w http.ResponseWriter, r *http.Request, err error) {
	e := event.Event{Code: event.AuthzFail, Level: slog.LevelWarn, Object: r.Pattern, Err: err}
	if d, ok := err.(*denial); ok {
		e.Code, e.Level, e.Reason, e.Err = d.code, d.level, d.reason, d.cause
		err = d.shown
	} else if event.Enabled(r.Context()) {
		e.Reason = problem.Of(err).Code
	}
	if p, ok := auth.From(r.Context()); ok {
		e.Principal = p.ID
	}
	if e.Code != "" {
		event.Emit(r.Context(), e)
	}
	m.now.Load().deny(w, r, err)
}
