package rbac_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/rbac"
)

type middleware = func(http.Handler) http.Handler

// walkFunc is the type that chi.Walk wants.
type walkFunc func(method, route string, handler http.Handler, middlewares ...middleware) error

// named is somebody else's guard, policed something else with a method of a similar name, wrapped one that unwraps.
type (
	named   struct{ http.Handler }
	policed struct{ http.Handler }
	wrapped struct{ http.Handler }
	endless struct{ http.Handler }
)

func (named) AccessPolicy() string   { return "own guard" }
func (policed) Policy() string       { return "default-src 'none'" }
func (policed) AccessPolicy() string { return "" }
func (w wrapped) Unwrap() http.Handler {
	return w.Handler
}
func (e endless) Unwrap() http.Handler { return e }

func TestAudit(t *testing.T) {
	m := newModel(t)
	object, err := rbac.Object(m, rbac.ObjectConfig[order]{Load: loadOrder, Allow: owns, Override: "users:read"})
	if err != nil {
		t.Fatal(err)
	}
	bare, err := rbac.Object(m, rbac.ObjectConfig[*order]{
		Load:  func(*http.Request) (*order, error) { return nil, rbac.ErrNoObject },
		Allow: func(context.Context, *auth.Principal, *order) bool { return false },
	})
	if err != nil {
		t.Fatal(err)
	}
	tenant := m.SameTenant(func(*http.Request) string { return "" })
	foreign := func(next http.Handler) http.Handler { return named{next} }
	seen := func(next http.Handler) http.Handler { return wrapped{next} }
	plain := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(w, r) })
	}
	for _, tc := range []struct {
		name    string
		handler http.Handler
		with    []middleware
		want    string
		problem string
	}{
		{"guarded", ok, []middleware{m.Require("orders:read")}, "require orders:read", ""},
		{"all", ok, []middleware{m.Require("orders:read", "p1")}, "require orders:read, p1", ""},
		{"any", ok, []middleware{plain, m.RequireAny("orders:read", "p1")}, "require any of orders:read, p1", ""},
		{"public", ok, []middleware{rbac.Public("probe")}, "public: probe", ""},
		{"object", ok, []middleware{object}, "object rbac_test.order, or users:read", ""},
		{"object alone", ok, []middleware{bare}, "object *rbac_test.order", ""},
		{"several", m.Require("p1")(bare(ok)), []middleware{tenant}, "same tenant; require p1; object *rbac_test.order", ""},
		{"seen through", wrapped{wrapped{m.Require("p1")(ok)}}, nil, "require p1", ""},
		{"foreign", ok, []middleware{foreign}, "own guard", ""},
		{"none", ok, nil, "undecided", "no decision"},
		{"of another kind", policed{ok}, nil, "undecided", "no decision"},
		{"other middlewares", ok, []middleware{plain, seen}, "undecided", "no decision"},
		{"hidden in a function", plain(m.Require("p1")(ok)), nil, "undecided", "no decision"},
		{"endless", endless{ok}, nil, "undecided", "no decision"},
		{"nil", nil, nil, "undecided", "no decision"},
		{"a mux inside", http.NewServeMux(), nil, "undecided", "no decision"},
		{"Z3 typo", ok, []middleware{m.Require("orders:raed")}, "require orders:raed", `unknown permission: "orders:raed"`},
		{"Z2 nothing asked", ok, []middleware{m.RequireAny()}, "require ", "none given"},
		{"no reason", ok, []middleware{rbac.Public("")}, "undecided", "public without a reason"},
		{"no function", ok, []middleware{m.SameTenant(nil)}, "same tenant", "no function"},
	} {
		var audit rbac.Audit
		var visit walkFunc = audit.Visit
		if err := visit("GET", "/x", tc.handler, tc.with...); err != nil {
			t.Errorf("%s: got %v", tc.name, err)
		}
		if got, want := fmt.Sprint(audit.Routes()), "[GET /x  "+tc.want+"]"; got != want {
			t.Errorf("%s: got %s, want %s", tc.name, got, want)
		}
		found := audit.Findings()
		if tc.problem == "" && (len(found) != 0 || audit.Err() != nil) {
			t.Errorf("%s: got %v, want no finding", tc.name, found)
		}
		if tc.problem != "" && (len(found) != 1 || !strings.Contains(found[0].Problem, tc.problem) ||
			!strings.Contains(audit.Err().Error(), "GET /x: ")) {
			t.Errorf("%s: got %v, want %q", tc.name, found, tc.problem)
		}
	}
	var none rbac.Audit
	if none.Err() == nil {
		t.Error("an audit of nothing found nothing wrong")
	}
}

func TestAuditMux(t *testing.T) {
	m := newModel(t)
	guarded := m.Require("orders:read")(ok)
	mux := http.NewServeMux()
	good := []string{
		"/", "/{$}", "GET /orders", "/orders", "GET /orders/{id}", "DELETE /orders/{id}", "GET /orders/mine",
		"GET /orders/{id}/lines/{line}", "GET /files/{path...}", "GET /files/{name}", "/static/", "/static/{$}",
		"/static/{a}/{b}/", "GET  /spaced", "GET example.com/hosted", "/%61%2Fb", "CONNECT /tunnel",
	}
	for _, pattern := range good {
		mux.Handle(pattern, guarded)
	}
	mux.Handle("GET /open", ok)
	var audit rbac.Audit
	audit.VisitMux(mux, good...)
	if err := audit.Err(); err != nil || len(audit.Routes()) != len(good) {
		t.Errorf("got %v, want %d routes without a finding", err, len(good))
	}
	if got := audit.Routes()[0].String(); got != "* /  require orders:read" {
		t.Errorf("got %q", got)
	}
	mux = http.NewServeMux()
	mux.Handle("GET /orders/{id}", guarded)
	mux.Handle("POST /{rest...}", guarded)
	mux.Handle("GET /open", ok)
	audit = rbac.Audit{}
	audit.VisitMux(mux, "GET /open", "GET /order", "GET /orders/{key}", "POST /orders/{id}")
	audit.VisitMux(mux, "/orders/{id}", "GET", "", "GET /\x01")
	want := []string{
		"GET /open: no decision",
		"GET /order: is not registered",
		"GET /orders/{key}: is taken by GET /orders/{id}",
		"POST /orders/{id}: is taken by POST /{rest...}",
		"* /orders/{id}: is not registered",
		"* GET: is no pattern",
		"* : is no pattern",
		"GET /\x01: is no pattern",
	}
	got := []string{}
	for _, f := range audit.Findings() {
		got = append(got, f.String())
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
	if err := audit.Err(); err == nil || strings.Count(err.Error(), "\n") != len(want)-1 {
		t.Errorf("got %v", err)
	}
}
