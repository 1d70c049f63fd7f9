package rbac_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/internal/conf"
	"github.com/gopalisade/palisade/monitor/event"
	"github.com/gopalisade/palisade/problem"
	"github.com/gopalisade/palisade/rbac"
)

type order struct{ id, owner string }

var errStore = errors.New("dsn=secret")

// loadOrder knows orders 1 and 2, and fails in several ways.
func loadOrder(r *http.Request) (order, error) {
	switch id := r.PathValue("id"); id {
	case "1":
		return order{id, "u"}, nil
	case "2":
		return order{id, "other"}, nil
	case "down":
		return order{}, errStore
	case "busy":
		return order{}, fmt.Errorf("%w", auth.ErrUnavailable)
	case "bad":
		return order{}, &problem.Problem{Status: http.StatusBadRequest}
	case "panic":
		panic("load")
	default:
		return order{}, fmt.Errorf("order %s: %w", id, rbac.ErrNoObject)
	}
}

func owns(_ context.Context, p *auth.Principal, o order) bool {
	if p.ID == "panic" {
		panic("allow")
	}
	return o.owner == p.ID
}

// serveOrder sends a request for an order through guard, with recorded events, and tells the order that the handler saw.
func serveOrder(guard middleware, p *auth.Principal, id string) (*httptest.ResponseRecorder, string, []event.Event) {
	var (
		seen   string
		events []event.Event
	)
	mux := http.NewServeMux()
	mux.Handle("GET /orders/{id}", guard(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		o, _ := rbac.Loaded[order](r.Context())
		seen = o.id
	})))
	r := httptest.NewRequest("GET", "/orders/"+id, nil)
	ctx := record(r.Context(), &events)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r.WithContext(auth.WithPrincipal(ctx, p)))
	return w, seen, events
}

func TestObject(t *testing.T) { // Z8
	m := newModel(t)
	base := rbac.ObjectConfig[order]{Load: loadOrder, Allow: owns, Override: "users:read"}
	open := base
	open.Forbidden = true
	plain := rbac.ObjectConfig[order]{Load: loadOrder, Allow: owns, Forbidden: true}
	token := as()
	token.Method = auth.MethodToken
	for _, tc := range []struct {
		name   string
		cfg    rbac.ObjectConfig[order]
		p      *auth.Principal
		id     string
		seen   string
		status int
		reason string // of the event; none where empty
		code   event.Code
	}{
		{"own", base, as(), "1", "1", 200, "", ""},
		{"of another", base, as(), "2", "", 404, "other_owner", event.MaliciousDirectReference},
		{"of another, told so", open, as(), "2", "", 403, "other_owner", event.MaliciousDirectReference},
		{"of another, told so by token", plain, token, "2", "", 403, "other_owner", event.MaliciousDirectReference},
		{"absent", base, as(), "3", "", 404, "", ""},
		{"absent, told so", open, as(), "3", "", 404, "", ""},
		{"override", base, as("admin"), "2", "2", 200, "", ""},
		{"override of an absent one", base, as("admin"), "3", "", 404, "", ""},
		{"no override", plain, as("admin"), "2", "", 403, "other_owner", event.MaliciousDirectReference},
		{"nobody", base, nil, "1", "", 401, "unauthenticated", event.AuthzFail},
		{"nobody learns of no order", base, nil, "3", "", 401, "unauthenticated", event.AuthzFail},
		{"store down", base, as("admin"), "down", "", 500, "load_failed", event.AuthzFail},
		{"error without a status", base, as(), "busy", "", 500, "load_failed", event.AuthzFail},
		{"error with a status", base, as(), "bad", "", 400, "load_failed", event.AuthzFail},
	} {
		guard, err := rbac.Object(m, tc.cfg)
		if err != nil {
			t.Fatal(err)
		}
		w, seen, events := serveOrder(guard, tc.p, tc.id)
		if w.Code != tc.status || seen != tc.seen || strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%s: got %d, handler saw %q, body %s; want %d, %q", tc.name, w.Code, seen, w.Body, tc.status, tc.seen)
		}
		if (len(events) == 0) != (tc.reason == "") || len(events) > 0 && (events[0].Reason != tc.reason ||
			events[0].Code != tc.code || events[0].Err == nil) {
			t.Errorf("%s: got events %+v, want %s %s", tc.name, events, tc.code, tc.reason)
		}
		if got := w.Header().Get("WWW-Authenticate"); (got != "") != (tc.status == 401 || tc.p == token) {
			t.Errorf("%s: got challenge %q", tc.name, got)
		}
	}
}

// A record of another and one that is absent are the same answer, for a Deny that looks at the error as well.
func TestObjectHides(t *testing.T) {
	var shown []error
	deny := func(w http.ResponseWriter, r *http.Request, err error) {
		shown = append(shown, err)
		problem.Write(w, r, err)
	}
	m, err := rbac.New(rbac.Config{Permissions: []string{"a"}, Deny: deny})
	if err != nil {
		t.Fatal(err)
	}
	guard, err := rbac.Object(m, rbac.ObjectConfig[order]{Load: loadOrder, Allow: owns})
	if err != nil {
		t.Fatal(err)
	}
	other, _, _ := serveOrder(guard, as(), "2")
	absent, _, _ := serveOrder(guard, as(), "3")
	tenant, _, _ := serveOrder(m.SameTenant(func(*http.Request) string { return "t" }), as(), "1")
	if other.Body.String() != absent.Body.String() || fmt.Sprint(other.Header()) != fmt.Sprint(absent.Header()) ||
		other.Body.String() != tenant.Body.String() {
		t.Errorf("got %s and %s and %s, want no difference", other.Body, absent.Body, tenant.Body)
	}
	told, err := rbac.Object(m, rbac.ObjectConfig[order]{Load: loadOrder, Allow: owns, Forbidden: true})
	if err != nil {
		t.Fatal(err)
	}
	serveOrder(told, as(), "2")
	if len(shown) != 4 || !errors.Is(shown[3], rbac.ErrForbidden) || shown[3].Error() != "rbac: insufficient permissions" {
		t.Errorf("got %v, want a 403 at last", shown)
	}
	if len(shown) != 4 || shown[0] != shown[1] || shown[0] != shown[2] || !errors.Is(shown[0], rbac.ErrNoObject) ||
		shown[0].Error() != "rbac: no such object" {
		t.Errorf("got %v, want the same error thrice", shown)
	}
}

// Z7: a guard that panics passes nothing.
func TestObjectPanics(t *testing.T) {
	m := newModel(t)
	guard, err := rbac.Object(m, rbac.ObjectConfig[order]{Load: loadOrder, Allow: owns})
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		p    *auth.Principal
		id   string
		want string
	}{{as(), "panic", "load"}, {&auth.Principal{ID: "panic"}, "1", "allow"}} {
		func() {
			defer func() {
				if got := recover(); got != tc.want {
					t.Errorf("got %v, want panic %s", got, tc.want)
				}
			}()
			_, seen, _ := serveOrder(guard, tc.p, tc.id)
			t.Errorf("%s: got past the panic, handler saw %q", tc.want, seen)
		}()
	}
}

func TestObjectFaults(t *testing.T) {
	m := newModel(t)
	for _, tc := range []struct {
		name string
		m    *rbac.Model
		cfg  rbac.ObjectConfig[order]
		want int
	}{
		{"empty", nil, rbac.ObjectConfig[order]{}, 3},
		{"typo", m, rbac.ObjectConfig[order]{Load: loadOrder, Allow: owns, Override: "orders:raed"}, 1},
		{"wildcard", m, rbac.ObjectConfig[order]{Load: loadOrder, Allow: owns, Override: "orders:*"}, 1},
	} {
		if guard, err := rbac.Object(tc.m, tc.cfg); guard != nil || len(conf.All(err)) != tc.want {
			t.Errorf("%s: got %v, want %d faults", tc.name, err, tc.want)
		}
	}
	if _, err := rbac.Object(m, rbac.ObjectConfig[order]{Load: loadOrder, Allow: owns, Override: "p7"}); err != nil {
		t.Fatal(err)
	}
	err := m.Swap(rbac.Config{Permissions: []string{"orders:read"}})
	if faults := conf.All(err); len(faults) != 1 || faults[0].Value != "p7" {
		t.Errorf("swap without the override: got %v", err)
	}
}

func TestLoaded(t *testing.T) {
	if _, found := rbac.Loaded[order](t.Context()); found {
		t.Error("found an order that nobody loaded")
	}
	m := newModel(t)
	config := func(id string) rbac.ObjectConfig[*order] {
		return rbac.ObjectConfig[*order]{
			Load:  func(*http.Request) (*order, error) { return &order{id: id}, nil },
			Allow: func(context.Context, *auth.Principal, *order) bool { return true },
		}
	}
	outer, err1 := rbac.Object(m, config("outer"))
	inner, err2 := rbac.Object(m, config("inner"))
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	reached := false
	h := outer(inner(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got, found := rbac.Loaded[*order](r.Context())
		_, other := rbac.Loaded[order](r.Context())
		p, _ := auth.From(r.Context())
		reached = found && got.id == "inner" && !other && p.ID == "u"
	})))
	if w := call(h, as(), "/"); w.Code != 200 || !reached {
		t.Errorf("got %d, reached %t", w.Code, reached)
	}
}

func TestSameTenant(t *testing.T) {
	m := newModel(t)
	fromPath := m.SameTenant(func(r *http.Request) string { return strings.TrimPrefix(r.URL.Path, "/orders/") })
	in := func(tenant string) *auth.Principal {
		return &auth.Principal{ID: "u", Tenant: tenant, Roles: []string{"admin"}}
	}
	for _, tc := range []struct {
		name   string
		guard  func(http.Handler) http.Handler
		p      *auth.Principal
		tenant string
		want   int
	}{
		{"own", fromPath, in("blue"), "blue", 200},
		{"other", fromPath, in("blue"), "green", 404},
		{"prefix", fromPath, in("blue"), "blue2", 404},
		{"another case", fromPath, in("blue"), "Blue", 404},
		{"none of the principal", fromPath, in(""), "blue", 404},
		{"none of the request", m.SameTenant(func(*http.Request) string { return "" }), in("blue"), "blue", 404},
		{"none of either", m.SameTenant(func(*http.Request) string { return "" }), in(""), "blue", 404},
		{"nobody", fromPath, nil, "blue", 401},
		{"no function", m.SameTenant(nil), in("blue"), "blue", 500},
	} {
		reached := false
		h := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true })
		w := call(tc.guard(h), tc.p, "/orders/"+tc.tenant)
		if w.Code != tc.want || reached != (tc.want == 200) {
			t.Errorf("%s: got %d, reached %t, want %d", tc.name, w.Code, reached, tc.want)
		}
	}
	if _, _, events := serveOrder(fromPath, in("blue"), "green"); len(events) != 1 ||
		events[0].Code != event.MaliciousDirectReference || events[0].Reason != "other_tenant" {
		t.Errorf("got %+v", events)
	}
}
