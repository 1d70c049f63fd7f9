package rbac_test

import (
	"testing"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/rbac"
)

func TestExplain(t *testing.T) {
	m, err := rbac.New(rbac.Config{
		Permissions: []string{"orders:read", "orders:write", "users:read", "users"},
		Roles: map[string]rbac.Role{
			"viewer": {Allow: []string{"orders:read"}},
			"clerk":  {Inherits: []string{"viewer"}, Allow: []string{"orders:*"}},
			"lead":   {Inherits: []string{"viewer", "clerk"}},
			"owner":  {Inherits: []string{"lead"}, DangerouslyAll: true},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	alone := &auth.Principal{Roles: []string{"viewer"}, Permissions: []string{"users:read"}}
	for _, tc := range []struct {
		name string
		p    *auth.Principal
		perm string
		want string
	}{
		{"own", as("viewer"), "orders:read", "allowed by role viewer (orders:read)"},
		{"wildcard", as("clerk"), "orders:write", "allowed by role clerk (orders:*)"},
		{"second parent", as("lead"), "orders:write", "allowed by role lead > clerk (orders:*)"},
		{"first parent", as("lead"), "orders:read", "allowed by role lead > viewer (orders:read)"},
		{"second role", as("nobody", "viewer"), "orders:read", "allowed by role viewer (orders:read)"},
		{"everything", as("owner"), "users", "allowed by role owner (DangerouslyAll)"},
		{"granted alone", alone, "users:read", "allowed by permission users:read"},
		{"missing", alone, "orders:write", "refused: missing"},
		{"nobody", nil, "orders:read", "refused: nobody"},
		{"unknown", as("owner"), "orders:raed", "refused: unknown_permission"},
	} {
		got := m.Explain(tc.p, tc.perm)
		if got.String() != tc.want || got.Allowed != m.Can(tc.p, tc.perm) {
			t.Errorf("%s: got %s, want %s", tc.name, got, tc.want)
		}
	}
}
