package rbac_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/internal/conf"
	"github.com/gopalisade/palisade/monitor/event"
	"github.com/gopalisade/palisade/rbac"
)

func newModel(t testing.TB) *rbac.Model {
	t.Helper()
	cfg := rbac.Config{
		Permissions: []string{"orders:read", "orders:write", "users:read"},
		Roles: map[string]rbac.Role{
			"viewer": {Allow: []string{"orders:read"}},
			"editor": {Inherits: []string{"viewer"}, Allow: []string{"orders:write"}},
			"admin":  {Inherits: []string{"editor", "viewer"}, Allow: []string{"users:read"}},
		},
	}
	for i := range 100 { // more than one word of bits
		cfg.Permissions = append(cfg.Permissions, fmt.Sprintf("p%d", i))
	}
	cfg.Roles["last"] = rbac.Role{Allow: []string{"p99"}}
	m, err := rbac.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func as(roles ...string) *auth.Principal { return &auth.Principal{ID: "u", Roles: roles} }

func TestCan(t *testing.T) {
	m := newModel(t)
	for _, tc := range []struct {
		name string
		p    *auth.Principal
		perm string
		want bool
	}{
		{"own", as("viewer"), "orders:read", true},
		{"not own", as("viewer"), "orders:write", false},
		{"inherited", as("editor"), "orders:read", true},
		{"inherited twice", as("admin"), "orders:read", true},
		{"second role", as("viewer", "last"), "p99", true},
		{"unknown role", as("root"), "orders:read", false},
		{"role in another case", as("Admin"), "orders:read", false},
		{"role by substring", as("administrator"), "orders:read", false},
		{"unknown permission", as("admin"), "orders:delete", false},
		{"empty permission", as("admin"), "", false},
		{"granted alone", &auth.Principal{Permissions: []string{"users:read"}}, "users:read", true},
		{"granted, but unknown", &auth.Principal{Permissions: []string{"orders:delete"}}, "orders:delete", false},
		{"no roles", as(), "orders:read", false},
		{"nobody", nil, "orders:read", false},
	} {
		if got := m.Can(tc.p, tc.perm); got != tc.want {
			t.Errorf("%s: got %t, want %t", tc.name, got, tc.want)
		}
	}
	p := &auth.Principal{Roles: []string{"editor"}, Permissions: []string{"users:read", "nonsense"}}
	if got := m.Permissions(p); !slices.Equal(got, []string{"orders:read", "orders:write", "users:read"}) {
		t.Errorf("got %q", got)
	}
	if got := m.Permissions(nil); got == nil || len(got) != 0 {
		t.Errorf("nobody: got %q, want an empty list", got)
	}
}

func TestRequire(t *testing.T) {
	m := newModel(t)
	token := as("viewer")
	token.Method = auth.MethodToken
	for _, tc := range []struct {
		name      string
		guard     func(http.Handler) http.Handler
		p         *auth.Principal
		status    int
		code      string
		challenge string
	}{
		{"allowed", m.Require("orders:read"), as("viewer"), 200, "", ""},
		{"all of two", m.Require("orders:read", "orders:write"), as("editor"), 200, "", ""},
		{"one of two", m.Require("orders:read", "orders:write"), as("viewer"), 403, "insufficient_permissions", ""},
		{"any of two", m.RequireAny("orders:write", "orders:read"), as("viewer"), 200, "", ""},
		{"none of two", m.RequireAny("orders:write", "users:read"), as("viewer"), 403, "insufficient_permissions", ""},
		{"Z1 by token", m.Require("orders:write"), token, 403, "insufficient_permissions", `Bearer error="insufficient_scope"`},
		{"Z1 nobody", m.Require("orders:read"), nil, 401, "unauthenticated", "Bearer"},
		{"Z2 nothing asked", m.Require(), as("admin"), 500, "internal_server_error", ""},
		{"Z2 nothing asked of any", m.RequireAny(), as("admin"), 500, "internal_server_error", ""},
		{"Z3 typo", m.Require("orders:raed"), as("admin"), 500, "internal_server_error", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			reached := false
			h := tc.guard(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
			for _, method := range []string{"GET", "HEAD", "OPTIONS", "TRACE", "ODD"} { // Z7
				r := httptest.NewRequest(method, "/", nil)
				if tc.p != nil {
					r = r.WithContext(auth.WithPrincipal(r.Context(), tc.p))
				}
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				body := w.Body.String()
				if w.Code != tc.status || reached != (tc.status == 200) || w.Header().Get("WWW-Authenticate") != tc.challenge {
					t.Errorf("%s: got %d, reached %t, %q", method, w.Code, reached, w.Header().Get("WWW-Authenticate"))
				}
				if method != "HEAD" && !strings.Contains(body, tc.code) || strings.Contains(body, "orders") {
					t.Errorf("%s: got body %s", method, body)
				}
			}
		})
	}
}

func TestCheck(t *testing.T) {
	m := newModel(t)
	ctx := auth.WithPrincipal(t.Context(), as("viewer"))
	for _, tc := range []struct {
		name  string
		ctx   context.Context
		perms []string
		want  error
	}{
		{"allowed", ctx, []string{"orders:read"}, nil},
		{"forbidden", ctx, []string{"orders:write"}, rbac.ErrForbidden},
		{"nobody", t.Context(), []string{"orders:read"}, auth.ErrNoCredentials},
		{"typo", ctx, []string{"x"}, rbac.ErrUnknownPermission},
		{"nothing", ctx, nil, rbac.ErrUnknownPermission},
	} {
		if err := m.Check(tc.ctx, tc.perms...); !errors.Is(err, tc.want) {
			t.Errorf("%s: got %v, want %v", tc.name, err, tc.want)
		}
	}
	if err := m.Validate("orders:read", "orders:raed"); !errors.Is(err, rbac.ErrUnknownPermission) {
		t.Errorf("got %v", err)
	}
	var forbidden *rbac.ForbiddenError
	if err := m.Check(ctx, "orders:write"); !errors.As(err, &forbidden) || forbidden.Permission != "orders:write" || !strings.Contains(err.Error(), "orders:write") {
		t.Errorf("got %v", err)
	}
}

func TestFaults(t *testing.T) {
	perms := []string{"a", "b"}
	for _, tc := range []struct {
		name string
		cfg  rbac.Config
		want int
		text string
	}{
		{"empty", rbac.Config{}, 1, "Permissions"},
		{"twice", rbac.Config{Permissions: []string{"a", "a"}}, 1, "twice"},
		{"bad names", rbac.Config{Permissions: []string{"", "a b", "ä"}, Roles: map[string]rbac.Role{"x y": {}}}, 4, "letters"},
		{"unknown permission", rbac.Config{Permissions: perms, Roles: map[string]rbac.Role{"r": {Allow: []string{"c"}}}}, 1, `"c" is not in Permissions`},
		{"unknown role", rbac.Config{Permissions: perms, Roles: map[string]rbac.Role{"r": {Inherits: []string{"s"}}}}, 1, `"s" is not in Roles`},
		{"typo seen through a child once", rbac.Config{Permissions: perms, Roles: map[string]rbac.Role{"r": {Allow: []string{"c"}}, "s": {Inherits: []string{"r"}}}}, 1, "Roles"},
		{"self", rbac.Config{Permissions: perms, Roles: map[string]rbac.Role{"r": {Inherits: []string{"r"}}}}, 1, "r > r"},
		{"cycle", rbac.Config{Permissions: perms, Roles: map[string]rbac.Role{"r": {Inherits: []string{"s"}}, "s": {Inherits: []string{"t"}}, "t": {Inherits: []string{"r"}}}}, 3, "r > s > t > r"},
		{"outside of a cycle", rbac.Config{Permissions: perms, Roles: map[string]rbac.Role{"r": {Inherits: []string{"s"}}, "s": {Inherits: []string{"s"}}}}, 1, "s > s"},
	} {
		_, err := rbac.New(tc.cfg)
		if len(conf.All(err)) != tc.want || !strings.Contains(fmt.Sprint(err), tc.text) {
			t.Errorf("%s: got %v, want %d faults with %q", tc.name, err, tc.want, tc.text)
		}
	}
}

func TestEventAndDeny(t *testing.T) {
	var got []event.Event
	ctx := event.WithRecorder(t.Context(), event.RecorderFunc(func(_ context.Context, e event.Event) { got = append(got, e) }))
	m, err := rbac.New(rbac.Config{Permissions: []string{"a"}, Deny: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(404) }})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	r := httptest.NewRequest("GET", "/", nil).WithContext(auth.WithPrincipal(ctx, as()))
	m.Require("a")(http.NotFoundHandler()).ServeHTTP(w, r)
	if w.Code != 404 || len(got) != 1 || got[0].Code != event.AuthzFail || got[0].Principal != "u" {
		t.Errorf("got %d, %+v", w.Code, got)
	}
}

func TestCanAllocatesNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	m, p := newModel(t), as("viewer", "admin")
	if got := testing.AllocsPerRun(100, func() { m.Can(p, "users:read") }); got != 0 {
		t.Errorf("got %v allocations, want none", got)
	}
}
