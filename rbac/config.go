package rbac

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/gopalisade/palisade/internal/ascii"
	"github.com/gopalisade/palisade/internal/conf"
	"github.com/gopalisade/palisade/problem"
)

// Config describes a [Model]. Permissions is required; what no list names does not exist.
type Config struct {
	_ [0]func() // keyed literals only, never comparable

	Permissions []string                                                // every right of the application, "orders:write"
	Roles       map[string]Role                                         // by name
	Deny        func(w http.ResponseWriter, r *http.Request, err error) // problem.Write
}

// Role bundles permissions.
type Role struct {
	Inherits []string // roles whose permissions this one has too
	Allow    []string // permissions
}

// New compiles a Model, or returns every fault of cfg joined: names that nobody declared, names that cannot be told apart
// at a glance, and roles that inherit from themselves.
func New(cfg Config) (*Model, error) {
	f := conf.Faults{Room: "rbac"}
	f.Check(len(cfg.Permissions) > 0, "Permissions", nil, "must name at least one")
	m := &Model{
		index: make(map[string]int, len(cfg.Permissions)),
		names: slices.Clone(cfg.Permissions),
		roles: make(map[string]set, len(cfg.Roles)),
		deny:  cfg.Deny,
	}
	if m.deny == nil {
		m.deny = problem.Write
	}
	for i, name := range cfg.Permissions {
		field := fmt.Sprintf("Permissions[%d]", i)
		_, twice := m.index[name]
		f.Check(ascii.All(name, nameChars), field, name, "must be letters, digits and . _ : - only")
		f.Check(!twice, field, name, "is listed twice")
		m.index[name] = i
	}
	for _, name := range slices.Sorted(maps.Keys(cfg.Roles)) {
		f.Check(ascii.All(name, nameChars), fmt.Sprintf("Roles[%q]", name), nil, "must be letters, digits and . _ : - only")
		m.roles[name] = m.resolve(&f, cfg.Roles, name, nil)
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	return m, nil
}

// resolve flattens what role name allows. path holds the roles on the way here, so that a cycle is named, not followed.
func (m *Model) resolve(f *conf.Faults, roles map[string]Role, name string, path []string) set {
	all := newSet(len(m.names))
	field := fmt.Sprintf("Roles[%q]", name)
	for _, perm := range roles[name].Allow {
		i, ok := m.index[perm]
		if ok {
			all.add(i)
		} else if len(path) == 0 { // reported once, where it stands
			f.Check(false, field+".Allow", perm, "is not in Permissions")
		}
	}
	path = append(path, name)
	for _, parent := range roles[name].Inherits {
		_, known := roles[parent]
		switch {
		case !known:
			f.Check(len(path) > 1, field+".Inherits", parent, "is not in Roles")
		case slices.Contains(path, parent):
			f.Check(parent != path[0], field+".Inherits", strings.Join(append(path, parent), " > "), "must not go in a circle")
		default:
			all.merge(m.resolve(f, roles, parent, path))
		}
	}
	return all
}

// nameChars stand in names beside letters and digits: no separators of lists, scopes or logs, and no look-alikes.
const nameChars = "._:-"
