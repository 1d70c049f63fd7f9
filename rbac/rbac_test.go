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
	"github.com/gopalisade/palisade/internal/racing"
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
	if err := m.Check(ctx, "orders:write"); !errors.As(err, &forbidden) || forbidden.Permission != "orders:write" ||
		!strings.Contains(err.Error(), "orders:write") {
		t.Errorf("got %v", err)
	}
}

func TestEventAndDeny(t *testing.T) {
	var got []event.Event
	ctx := record(t.Context(), &got)
	deny := func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(404) }
	m, err := rbac.New(rbac.Config{Permissions: []string{"a"}, Deny: deny})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	r := httptest.NewRequest("GET", "/", nil).WithContext(auth.WithPrincipal(ctx, as()))
	m.Require("a")(http.NotFoundHandler()).ServeHTTP(w, r)
	if w.Code != 404 || len(got) != 1 || got[0].Code != event.AuthzFail || got[0].Principal != "u" ||
		got[0].Reason != "insufficient_permissions" {
		t.Errorf("got %d, %+v", w.Code, got)
	}
}

func TestDecisionsAllocateNothing(t *testing.T) {
	if racing.Enabled {
		t.Skip("the race detector allocates")
	}
	m, p := newModel(t), as("viewer", "admin")
	r := httptest.NewRequest("GET", "/", nil)
	r = r.WithContext(auth.WithPrincipal(r.Context(), p))
	w := httptest.NewRecorder()
	guard := m.Require("orders:read", "users:read")(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for _, tc := range []struct {
		name string
		run  func()
	}{
		{"Can", func() { m.Can(p, "users:read") }},
		{"Can not", func() { m.Can(p, "p99") }},
		{"Check", func() { _ = m.Check(r.Context(), "orders:read", "users:read") }},
		{"Require", func() { guard.ServeHTTP(w, r) }},
	} {
		if got := testing.AllocsPerRun(100, tc.run); got != 0 {
			t.Errorf("%s: got %v allocations, want 0", tc.name, got)
		}
	}
}

// Z11: how many roles a principal may have is the business of who reads the credential. Here they cost time each, no more.
func TestManyRolesOfOnePrincipal(t *testing.T) {
	m := newModel(t)
	strange := make([]string, 10_000)
	for i := range strange {
		strange[i] = fmt.Sprintf("admin%d", i)
	}
	p := as(strange...)
	p.Permissions = strange
	if m.Can(p, "users:read") || len(m.Permissions(p)) != 0 || m.Explain(p, "users:read").Allowed {
		t.Error("names that nobody declared allowed something")
	}
	p.Roles = append(p.Roles, "admin")
	if !m.Can(p, "users:read") || len(m.Permissions(p)) != 3 {
		t.Error("the last role was not seen")
	}
}

// Z10: with a source of roles that is asked on every request, taking a role away counts at once.
func TestLiveRoles(t *testing.T) {
	m := newModel(t)
	roles := []string{"admin"}
	live := auth.AuthenticatorFunc(func(*http.Request) (*auth.Principal, error) { return as(roles...), nil })
	gate, err := auth.New(auth.Config{By: []auth.Authenticator{live}})
	if err != nil {
		t.Fatal(err)
	}
	h := gate.Wrap(m.Require("users:read")(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})))
	for _, want := range []int{200, 403} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		if w.Code != want {
			t.Errorf("as %q: got %d, want %d", roles, w.Code, want)
		}
		roles = []string{"viewer"}
	}
}

// Z5 and Z6: whatever the spelling of the path and whatever a header says of it, the guard stands on the matched route.
func TestSpellingsOfThePath(t *testing.T) {
	m := newModel(t)
	mux := http.NewServeMux()
	mux.Handle("/admin", m.Require("users:read")(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})))
	mux.Handle("GET /health", rbac.Public("probe")(write(204)))
	for _, tc := range []struct {
		target        string
		viewer, admin int
	}{
		{"/admin", 403, 200},
		{"/admin?x=/health", 403, 200},
		{"/%61dmin", 403, 200},
		{"/admin/", 404, 404},
		{"//admin", 307, 307},
		{"/./admin", 307, 307},
		{"/health/../admin", 307, 307},
		{"/%2e/admin", 404, 404},
		{"/health/%2e%2e/admin", 404, 404},
		{"/admin;x=1", 404, 404},
		{"/ADMIN", 404, 404},
		{"/admin%2f", 404, 404},
		{"/admin%00", 404, 404},
	} {
		for role, want := range map[string]int{"viewer": tc.viewer, "admin": tc.admin} {
			for _, method := range []string{"GET", "HEAD", "POST", "OPTIONS", "TRACE", "PROPFIND"} {
				r := httptest.NewRequest(method, tc.target, nil)
				r.Header.Set("X-Http-Method-Override", "GET")
				r.Header.Set("X-Original-Url", "/health")
				r.Header.Set("X-Forwarded-Uri", "/health")
				r.Header.Set("User-Agent", "kube-probe/1.0")
				r = r.WithContext(auth.WithPrincipal(r.Context(), as(role)))
				w := httptest.NewRecorder()
				mux.ServeHTTP(w, r)
				if w.Code != want {
					t.Errorf("%s %s as %s: got %d, want %d", method, tc.target, role, w.Code, want)
				}
			}
		}
	}
}

// call sends a request of p, which may be nil, to h.
func call(h http.Handler, p *auth.Principal, target string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", target, nil)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r.WithContext(auth.WithPrincipal(r.Context(), p)))
	return w
}

// record returns a context whose events are appended to events.
func record(ctx context.Context, events *[]event.Event) context.Context {
	return event.WithRecorder(ctx, event.RecorderFunc(func(_ context.Context, e event.Event) { *events = append(*events, e) }))
}
