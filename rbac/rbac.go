package rbac

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/monitor/event"
)

// Model is a compiled set of permissions and roles. It is safe for concurrent use.
type Model struct {
	index map[string]int // permission name to bit
	names []string       // bit to permission name
	roles map[string]set // role name to everything it allows
	deny  func(http.ResponseWriter, *http.Request, error)
}

// Can reports whether p has the permission. A nil p and a permission that the model does not know are refused. It takes a
// few tens of nanoseconds and allocates nothing.
func (m *Model) Can(p *auth.Principal, permission string) bool {
	i, ok := m.index[permission]
	return ok && p != nil && m.has(p, i)
}

// has asks the roles first: a permission granted one by one is the exception.
func (m *Model) has(p *auth.Principal, i int) bool {
	for _, role := range p.Roles {
		if m.roles[role].has(i) {
			return true
		}
	}
	return slices.Contains(p.Permissions, m.names[i])
}

// Permissions returns the names of everything p may do, sorted. What p's credential names and the model does not is left
// out.
func (m *Model) Permissions(p *auth.Principal) []string {
	all := []string{}
	for i, name := range m.names {
		if p != nil && m.has(p, i) {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return all
}

// Check decides whether ctx's principal has every one of the permissions: nil, an error matching
// [auth.ErrNoCredentials] (401) without a principal, or one matching [ErrForbidden] (403). Asking for nothing, or for a
// permission that the model does not know, matches [ErrUnknownPermission] (500).
func (m *Model) Check(ctx context.Context, permissions ...string) error {
	need, err := m.compile(permissions)
	if err != nil {
		return err
	}
	return m.check(ctx, need, true)
}

// check wants all of need, or any of it.
func (m *Model) check(ctx context.Context, need []int, all bool) error {
	p, ok := auth.From(ctx)
	if !ok {
		return errNobody
	}
	for _, i := range need {
		switch has := m.has(p, i); {
		case has && !all:
			return nil
		case !has && all:
			return &ForbiddenError{Permission: m.names[i], method: p.Method}
		}
	}
	if all {
		return nil
	}
	return &ForbiddenError{Permission: m.names[need[0]], method: p.Method}
}

var errNobody = &auth.Error{Kind: auth.ErrNoCredentials, Reason: "no_principal", Scheme: "Bearer"}

// Require returns a middleware that lets a request pass when its principal has every one of the permissions.
//
// A misspelt permission, and none at all, must not open the route, and a route table is no place for error handling: the
// middleware then refuses everything with 500, and [Model.Validate] says so at start-up.
func (m *Model) Require(permissions ...string) func(http.Handler) http.Handler {
	return m.require(permissions, true)
}

// RequireAny is [Model.Require] for at least one of the permissions.
func (m *Model) RequireAny(permissions ...string) func(http.Handler) http.Handler {
	return m.require(permissions, false)
}

func (m *Model) require(permissions []string, all bool) func(http.Handler) http.Handler {
	need, fault := m.compile(permissions)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			err := fault
			if err == nil {
				err = m.check(r.Context(), need, all)
			}
			if err != nil {
				m.refuse(w, r, err)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// Validate returns an error for each name that the model does not know, joined, or nil. Hand it the permissions of your
// routes before you listen, so that a typo stops the start and not the first request.
func (m *Model) Validate(permissions ...string) error {
	_, err := m.compile(permissions)
	return err
}

// compile turns names into bits once, so that a request looks none up.
func (m *Model) compile(permissions []string) ([]int, error) {
	if len(permissions) == 0 {
		return nil, fmt.Errorf("%w: none given", ErrUnknownPermission)
	}
	bits := make([]int, len(permissions))
	var faults []error
	for i, name := range permissions {
		bit, ok := m.index[name]
		if !ok {
			faults = append(faults, fmt.Errorf("%w: %q", ErrUnknownPermission, name))
		}
		bits[i] = bit
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return bits, nil
}

func (m *Model) refuse(w http.ResponseWriter, r *http.Request, err error) {
	e := event.Event{Code: event.AuthzFail, Level: slog.LevelWarn, Object: r.Pattern, Err: err}
	if p, ok := auth.From(r.Context()); ok {
		e.Principal = p.ID
	}
	event.Emit(r.Context(), e)
	m.deny(w, r, err)
}
