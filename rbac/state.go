package rbac

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/internal/ascii"
	"github.com/gopalisade/palisade/internal/conf"
	"github.com/gopalisade/palisade/problem"
)

// state is one compiled Config. It never changes: a request sees all of one, or all of another.
type state struct {
	index    map[string]int  // permission name to bit
	names    []string        // bit to permission name
	roles    map[string]set  // role name to everything it allows
	declared map[string]Role // as configured, for Explain
	deny     func(http.ResponseWriter, *http.Request, error)
}

// compiler holds what is needed only while a state is made.
type compiler struct {
	*state
	faults conf.Faults
	below  map[string][]int // by "orders:", the permissions one segment below
	path   []string         // the roles on the way to the one being resolved
	onPath map[string]bool
}

// nameChars stand in names beside letters and digits: no separators of lists, scopes or logs, no look-alikes, no wildcard.
const nameChars = "._:-"

func compile(cfg Config) (*state, error) {
	c := compiler{
		state: &state{
			index:    make(map[string]int, len(cfg.Permissions)),
			names:    slices.Clone(cfg.Permissions),
			roles:    make(map[string]set, len(cfg.Roles)),
			declared: make(map[string]Role, len(cfg.Roles)),
			deny:     cfg.Deny,
		},
		faults: conf.Faults{Room: "rbac"},
		below:  map[string][]int{},
		onPath: map[string]bool{},
	}
	if c.deny == nil {
		c.deny = problem.Write
	}
	c.faults.Check(len(cfg.Permissions) > 0, "Permissions", nil, "must name at least one")
	for i, name := range c.names {
		field := fmt.Sprintf("Permissions[%d]", i)
		_, twice := c.index[name]
		c.faults.Check(ascii.All(name, nameChars), field, name, "must be letters, digits and . _ : - only")
		c.faults.Check(!twice, field, name, "is listed twice")
		c.index[name] = i
		if w := wildcard(name); w != "" {
			c.below[w] = append(c.below[w], i)
		}
	}
	for name, role := range cfg.Roles {
		role.Allow, role.Inherits = slices.Clone(role.Allow), slices.Clone(role.Inherits)
		c.declared[name] = role
	}
	for _, name := range slices.Sorted(maps.Keys(c.declared)) {
		c.faults.Check(ascii.All(name, nameChars), fmt.Sprintf("Roles[%q]", name), nil, "must be letters, digits and . _ : - only")
		c.resolve(name)
	}
	return c.state, c.faults.Err()
}

// wildcard returns the one wildcard that stands for a permission, "orders:*" for "orders:read", or nothing where its last
// segment is its first or is empty. Wildcards are looked up by it, so that none is ever matched against a name.
func wildcard(permission string) string {
	i := strings.LastIndexByte(permission, ':')
	if i < 0 || i == len(permission)-1 {
		return ""
	}
	return permission[:i+1] + "*"
}

// resolve flattens what role name allows, once. A circle is named, not followed.
func (c *compiler) resolve(name string) set {
	if known, ok := c.roles[name]; ok {
		return known
	}
	c.path, c.onPath[name] = append(c.path, name), true
	role := c.declared[name]
	field := fmt.Sprintf("Roles[%q]", name)
	var inherited []set
	for _, parent := range role.Inherits {
		_, known := c.declared[parent]
		switch {
		case !known:
			c.faults.Check(false, field+".Inherits", parent, "is not in Roles")
		case c.onPath[parent]:
			circle := append(slices.Clone(c.path[slices.Index(c.path, parent):]), parent)
			c.faults.Check(false, field+".Inherits", strings.Join(circle, " > "), "must not go in a circle")
		default:
			inherited = append(inherited, c.resolve(parent))
		}
	}
	all := union(c.allowed(field+".Allow", role), inherited)
	c.path, c.onPath[name] = c.path[:len(c.path)-1], false
	c.roles[name] = all
	return all
}

// allowed returns the permissions that role names itself.
func (c *compiler) allowed(field string, role Role) []int {
	var bits []int
	for _, entry := range role.Allow {
		i, declared := c.index[entry]
		matched := c.below[entry]
		switch {
		case declared:
			bits = append(bits, i)
		case len(matched) > 0:
			bits = append(bits, matched...)
		case entry == "*":
			c.faults.Check(false, field, entry, "must be DangerouslyAll instead, where it is meant")
		case strings.HasSuffix(entry, ":*") && strings.Count(entry, "*") == 1:
			c.faults.Check(false, field, entry, "matches nothing in Permissions")
		default:
			c.faults.Check(!strings.Contains(entry, "*"), field, entry, `must have * as its last segment only, "orders:*"`)
			c.faults.Check(strings.Contains(entry, "*"), field, entry, "is not in Permissions")
		}
	}
	if role.DangerouslyAll {
		for i := range c.names {
			bits = append(bits, i)
		}
	}
	return bits
}

// has asks the roles first: a permission granted one by one is the exception.
func (s *state) has(p *auth.Principal, i int) bool {
	for _, role := range p.Roles {
		if s.roles[role].has(i) {
			return true
		}
	}
	return slices.Contains(p.Permissions, s.names[i])
}

// bits appends the bits of the permissions to dst, so that the decision looks no name up.
func (s *state) bits(dst []int, permissions []string) ([]int, error) {
	if len(permissions) == 0 {
		return nil, fmt.Errorf("%w: none given", ErrUnknownPermission)
	}
	var faults []error
	for _, name := range permissions {
		bit, ok := s.index[name]
		if !ok {
			faults = append(faults, fmt.Errorf("%w: %q", ErrUnknownPermission, name))
		}
		dst = append(dst, bit)
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return dst, nil
}

// check wants p to have all of need, or any of it.
func (s *state) check(p *auth.Principal, need []int, all bool) error {
	for _, i := range need {
		switch has := s.has(p, i); {
		case has && !all:
			return nil
		case !has && all:
			return &ForbiddenError{Permission: s.names[i], method: p.Method}
		}
	}
	if all {
		return nil
	}
	return &ForbiddenError{Permission: s.names[need[0]], method: p.Method}
}
