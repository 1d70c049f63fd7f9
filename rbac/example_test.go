package rbac_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/rbac"
)

func Example() {
	model, err := rbac.New(rbac.Config{
		Permissions: []string{"orders:read", "orders:write"},
		Roles: map[string]rbac.Role{
			"viewer": {Allow: []string{"orders:read"}},
			"editor": {Inherits: []string{"viewer"}, Allow: []string{"orders:write"}},
		},
	})
	if err != nil {
		panic(err)
	}
	h := model.Require("orders:write")(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for _, role := range []string{"viewer", "editor"} {
		r := httptest.NewRequest("POST", "/orders", nil)
		r = r.WithContext(auth.WithPrincipal(r.Context(), &auth.Principal{ID: "u", Roles: []string{role}}))
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		fmt.Println(role, w.Code)
	}
	// Output:
	// viewer 403
	// editor 200
}

// A typo opens nothing: the route answers 500 until it is mended, and Validate finds it before.
func ExampleModel_Validate_typo() {
	model, err := rbac.New(rbac.Config{Permissions: []string{"orders:read"}})
	if err != nil {
		panic(err)
	}
	fmt.Println(model.Validate("orders:raed"))
	// Output: rbac: unknown permission: "orders:raed"
}

// The guard loads the order, and the handler gets the very order that was judged. Another's looks as if it did not exist.
func ExampleObject() {
	type order struct{ ID, Owner string }
	orders := map[string]order{"7": {"7", "alice"}}
	model, err := rbac.New(rbac.Config{Permissions: []string{"orders:read"}})
	if err != nil {
		panic(err)
	}
	own, err := rbac.Object(model, rbac.ObjectConfig[order]{
		Load: func(r *http.Request) (order, error) {
			o, ok := orders[r.PathValue("id")]
			if !ok {
				return order{}, rbac.ErrNoObject
			}
			return o, nil
		},
		Allow: func(_ context.Context, p *auth.Principal, o order) bool { return o.Owner == p.ID },
	})
	if err != nil {
		panic(err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /orders/{id}", own(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o, _ := rbac.Loaded[order](r.Context())
		_, _ = fmt.Fprint(w, "order ", o.ID)
	})))
	for _, id := range []string{"alice", "mallory"} {
		r := httptest.NewRequest("GET", "/orders/7", nil)
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r.WithContext(auth.WithPrincipal(r.Context(), &auth.Principal{ID: id})))
		fmt.Println(id, w.Code)
	}
	// Output:
	// alice 200
	// mallory 404
}

func ExampleModel_Explain() {
	model, err := rbac.New(rbac.Config{
		Permissions: []string{"orders:read", "orders:write"},
		Roles: map[string]rbac.Role{
			"clerk": {Allow: []string{"orders:*"}},
			"lead":  {Inherits: []string{"clerk"}},
		},
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(model.Explain(&auth.Principal{Roles: []string{"lead"}}, "orders:write"))
	fmt.Println(model.Explain(&auth.Principal{Permissions: []string{"orders:*"}}, "orders:write"))
	// Output:
	// allowed by role lead > clerk (orders:*)
	// refused: missing
}

// A forgotten guard stops the start. With chi, chi.Walk(router, audit.Visit) visits every route.
func ExampleAudit_forgotten() {
	model, err := rbac.New(rbac.Config{Permissions: []string{"orders:read"}})
	if err != nil {
		panic(err)
	}
	serve := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	routes := map[string]http.Handler{
		"GET /health": rbac.Public("for the load balancer")(serve),
		"GET /orders": model.Require("orders:read")(serve),
		"GET /users":  serve,
	}
	mux := http.NewServeMux()
	for pattern, h := range routes {
		mux.Handle(pattern, h)
	}
	var audit rbac.Audit
	audit.VisitMux(mux, "GET /health", "GET /orders", "GET /users")
	for _, route := range audit.Routes() {
		fmt.Println(route)
	}
	fmt.Println(audit.Err())
	// Output:
	// GET /health  public: for the load balancer
	// GET /orders  require orders:read
	// GET /users  undecided
	// rbac: GET /users: no decision
}
