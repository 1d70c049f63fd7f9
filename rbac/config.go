package rbac

import (
	"net/http"
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

	// Allow lists permissions. "orders:*" stands for every permission of the model that is "orders:" and one more segment,
	// segments being what colons separate: for "orders:read", but not for "orders" and "orders:read:all".
	Allow []string

	// DangerouslyAll allows everything, and whatever Permissions will name in later versions: whoever takes over one such
	// account owns the application, and no review of Allow shows it.
	DangerouslyAll bool
}

// New compiles a Model, or returns every fault of cfg joined: names that nobody declared, names that cannot be told apart
// at a glance, wildcards that match nothing, and roles that inherit from themselves.
func New(cfg Config) (*Model, error) {
	s, err := compile(cfg)
	if err != nil {
		return nil, err
	}
	m := &Model{required: map[string]bool{}}
	m.now.Store(s)
	return m, nil
}
