package rbac

import (
	"slices"
	"strings"

	"github.com/gopalisade/palisade/auth"
)

// Explanation is a decision with its grounds, for people and logs. A client must not see it: it tells how to get in.
type Explanation struct {
	Allowed bool
	Reason  string   // role or permission; nobody, unknown_permission or missing
	By      []string // with role: a role of the principal, and through which others it has the one whose Allow decides
	Rule    string   // the entry that decides: "orders:write", "orders:*" or "DangerouslyAll"
}

// String is one line for a log.
func (e Explanation) String() string {
	switch {
	case !e.Allowed:
		return "refused: " + e.Reason
	case len(e.By) == 0:
		return "allowed by " + e.Reason + " " + e.Rule
	}
	return "allowed by " + e.Reason + " " + strings.Join(e.By, " > ") + " (" + e.Rule + ")"
}

// Explain decides as [Model.Can] does and says why. It is not made for the request path.
func (m *Model) Explain(p *auth.Principal, permission string) Explanation {
	s := m.now.Load()
	bit, known := s.index[permission]
	switch {
	case !known:
		return Explanation{Reason: "unknown_permission"}
	case p == nil:
		return Explanation{Reason: "nobody"}
	}
	for _, role := range p.Roles {
		if s.roles[role].has(bit) {
			path, rule := s.trace(role, bit)
			return Explanation{Allowed: true, Reason: "role", By: path, Rule: rule}
		}
	}
	if slices.Contains(p.Permissions, permission) {
		return Explanation{Allowed: true, Reason: "permission", Rule: permission}
	}
	return Explanation{Reason: "missing"}
}

// trace follows the bit from a role that has it to one that was given it. A role has it by itself or from a parent, and
// there are no circles, so the way never ends before.
func (s *state) trace(role string, bit int) (path []string, rule string) {
	for {
		path = append(path, role)
		r := s.declared[role]
		if rule := r.rule(s.names[bit]); rule != "" {
			return path, rule
		}
		role = r.Inherits[slices.IndexFunc(r.Inherits, func(parent string) bool { return s.roles[parent].has(bit) })]
	}
}

// rule returns the entry by which r itself, and no parent, allows the permission.
func (r Role) rule(permission string) string {
	for _, entry := range [...]string{permission, wildcard(permission)} {
		if entry != "" && slices.Contains(r.Allow, entry) {
			return entry
		}
	}
	if r.DangerouslyAll {
		return "DangerouslyAll"
	}
	return ""
}
