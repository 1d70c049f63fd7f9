package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/gopalisade/palisade/rbac"
)

// TestAuditOfAChiRouter walks a router of chi, with its groups, mounts and inline middlewares.
func TestAuditOfAChiRouter(t *testing.T) {
	model := must(rbac.New(rbac.Config{Permissions: []string{"orders:read", "orders:write"}}))
	nothing := func(http.ResponseWriter, *http.Request) {}
	router := chi.NewRouter()
	router.Use(middleware.Recoverer)
	router.With(rbac.Public("health")).Get("/healthz", nothing)
	router.Group(func(r chi.Router) {
		r.Use(model.Require("orders:read"))
		r.Get("/orders", nothing)
		r.With(model.Require("orders:write")).Post("/orders", nothing)
	})
	admin := chi.NewRouter()
	admin.Get("/forgotten", nothing)
	admin.With(model.Require("orders:raed")).Get("/misspelt", nothing)
	router.Mount("/admin", admin)

	var audit rbac.Audit
	if err := chi.Walk(router, audit.Visit); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range audit.Findings() {
		got = append(got, f.Method+" "+f.Pattern)
	}
	if want := "GET /admin/forgotten, GET /admin/misspelt"; strings.Join(got, ", ") != want {
		t.Errorf("got findings on %v, want %s", got, want)
	}
	for _, route := range audit.Routes() {
		if route.Method == "POST" && strings.Join(route.Policies, "; ") != "require orders:read; require orders:write" {
			t.Errorf("got %v, want both requirements", route)
		}
	}
}
