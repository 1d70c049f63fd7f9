package rbac_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/internal/conf"
	"github.com/gopalisade/palisade/rbac"
)

// allow is a set of one role.
func allow(entries ...string) map[string]rbac.Role {
	return map[string]rbac.Role{"r": {Allow: entries}}
}

func under(parents ...string) rbac.Role { return rbac.Role{Inherits: parents} }

func TestFaults(t *testing.T) {
	ab := []string{"a", "b"}
	type roles map[string]rbac.Role
	for _, tc := range []struct {
		name  string
		perms []string
		roles map[string]rbac.Role
		want  int
		text  string
	}{
		{"empty", nil, nil, 1, "Permissions"},
		{"twice", []string{"a", "a"}, nil, 1, "twice"},
		{"bad names", []string{"", "a b", "ä"}, roles{"x y": {}}, 4, "letters"},
		{"unknown permission", ab, allow("c"), 1, `"c" is not in Permissions`},
		{"unknown role", ab, roles{"r": under("s")}, 1, `"s" is not in Roles`},
		{"typo seen through a child once", ab, roles{"r": {Allow: []string{"c"}}, "s": under("r")}, 1, "Roles"},
		{"Z3 self", ab, roles{"r": under("r")}, 1, "r > r"},
		{"Z3 cycle", ab, roles{"r": under("s"), "s": under("t"), "t": under("r")}, 1, "r > s > t > r"},
		{"Z3 outside of a cycle", ab, roles{"r": under("s"), "s": under("s")}, 1, `Roles["s"].Inherits "s > s"`},
		{"Z3 two cycles", ab, roles{"r": under("s", "r"), "s": under("r")}, 2, "r > s > r"},
		{"Z4 wildcard of everything", ab, allow("*"), 1, "DangerouslyAll"},
		{"Z4 wildcard without a match", ab, allow("c:*"), 1, `"c:*" matches nothing`},
		{"Z4 wildcard of a name without segments", ab, allow("a:*"), 1, "matches nothing"},
		{"Z4 wildcard across segments", []string{"a:b:c"}, allow("a:*"), 1, "matches nothing"},
		{"Z4 wildcard of an empty segment", []string{"a:"}, allow("a:*"), 1, "matches nothing"},
		{"Z4 wildcard elsewhere", ab, allow("*:b", "a*", "a:*:b", "*:*", "**", "a:b*"), 6, "last segment only"},
		{"Z4 wildcard declared", []string{"a:*"}, nil, 1, "letters"},
	} {
		_, err := rbac.New(rbac.Config{Permissions: tc.perms, Roles: tc.roles})
		if len(conf.All(err)) != tc.want || !strings.Contains(fmt.Sprint(err), tc.text) {
			t.Errorf("%s: got %v, want %d faults with %q", tc.name, err, tc.want, tc.text)
		}
	}
}

func TestWildcard(t *testing.T) { // Z4
	m, err := rbac.New(rbac.Config{
		Permissions: []string{
			"orders", "orders:read", "orders:write", "orders:read:extra", "orders:", "ordersx:read", "xorders:read", "Orders:read",
			"a:b:c", "a:b",
		},
		Roles: map[string]rbac.Role{
			"orders": {Allow: []string{"orders:*"}},
			"deep":   {Allow: []string{"a:b:*", "orders"}},
			"child":  {Inherits: []string{"orders"}},
			"all":    {DangerouslyAll: true},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	wild := &auth.Principal{Permissions: []string{"orders:*", "*"}, Roles: []string{"*", "orders:*"}}
	for _, tc := range []struct {
		name string
		p    *auth.Principal
		want string
	}{
		{"one segment", as("orders"), "[orders:read orders:write]"},
		{"second level", as("deep"), "[a:b:c orders]"},
		{"inherited", as("child"), "[orders:read orders:write]"},
		{"all", as("all"), "[Orders:read a:b a:b:c orders orders: orders:read orders:read:extra orders:write " +
			"ordersx:read xorders:read]"},
		{"never in a principal", wild, "[]"},
	} {
		if got := fmt.Sprint(m.Permissions(tc.p)); got != tc.want {
			t.Errorf("%s: got %s, want %s", tc.name, got, tc.want)
		}
	}
	if err := m.Validate("orders:*"); !errors.Is(err, rbac.ErrUnknownPermission) {
		t.Errorf("a wildcard in a requirement: got %v, want an unknown permission", err)
	}
	if m.Can(wild, "orders:*") || m.Can(as("all"), "*") {
		t.Error("a wildcard was taken for a permission")
	}
}

// The roles here would take 2^40 steps if each were resolved for each of its children.
func TestManyWaysToOneRole(t *testing.T) {
	cfg := rbac.Config{Permissions: []string{"a"}, Roles: map[string]rbac.Role{"r0": {Allow: []string{"a"}}}}
	for i := range 40 {
		parent := fmt.Sprintf("r%d", i)
		cfg.Roles[fmt.Sprintf("r%d", i+1)] = rbac.Role{Inherits: []string{parent, parent}}
	}
	m, err := rbac.New(cfg)
	if err != nil || !m.Can(as("r40"), "a") {
		t.Errorf("got %v, want r40 to have what r0 has", err)
	}
}

// What the caller does with its slices afterwards changes no decision.
func TestConfigIsCopied(t *testing.T) {
	cfg := rbac.Config{Permissions: []string{"a", "b"}, Roles: allow("a")}
	m, err := rbac.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	needs := []string{"b"}
	h := m.Require(needs...)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	needs[0] = "a"
	cfg.Permissions[0], cfg.Permissions[1] = "b", "a"
	cfg.Roles["r"].Allow[0] = "b"
	cfg.Roles["s"] = rbac.Role{Allow: []string{"b"}}
	if e := m.Explain(as("r"), "a"); e.Rule != "a" || fmt.Sprint(m.Permissions(as("r"))) != "[a]" {
		t.Errorf("got %s and %q, want a", e, m.Permissions(as("r")))
	}
	if err := m.Swap(rbac.Config{Permissions: []string{"b", "a"}, Roles: allow("a")}); err != nil {
		t.Fatal(err)
	}
	if got := call(h, as("r", "s"), "/").Code; got != 403 || m.Explain(as("r"), "a").Rule != "a" {
		t.Errorf("got %d, want 403", got)
	}
}
