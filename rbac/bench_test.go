package rbac_test

import (
	"fmt"
	"net/http/httptest"
	"testing"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/rbac"
)

// sized returns a model with n permissions and n roles, each with its own permission, and a principal of three roles.
func sized(b *testing.B, n int) (*rbac.Model, *auth.Principal) {
	b.Helper()
	cfg := rbac.Config{Roles: make(map[string]rbac.Role, n)}
	for i := range n {
		perm := fmt.Sprintf("area%d:write", i)
		cfg.Permissions = append(cfg.Permissions, perm)
		cfg.Roles[fmt.Sprintf("role%d", i)] = rbac.Role{Allow: []string{perm}}
	}
	m, err := rbac.New(cfg)
	if err != nil {
		b.Fatal(err)
	}
	return m, as("role1", "role5", fmt.Sprintf("role%d", n-1))
}

func BenchmarkModel(b *testing.B) {
	for _, n := range []int{10, 1000, 100_000} {
		m, p := sized(b, n)
		last := fmt.Sprintf("area%d:write", n-1)
		r := httptest.NewRequest("GET", "/", nil)
		r = r.WithContext(auth.WithPrincipal(r.Context(), p))
		w := httptest.NewRecorder()
		guard := m.Require(last)(ok)
		for _, bc := range []struct {
			name string
			run  func()
		}{
			{"Can", func() { m.Can(p, last) }},
			{"CanNot", func() { m.Can(p, "area3:write") }},
			{"Check", func() { _ = m.Check(r.Context(), last) }},
			{"Require", func() { guard.ServeHTTP(w, r) }},
		} {
			b.Run(fmt.Sprintf("%s/%d", bc.name, n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					bc.run()
				}
			})
		}
	}
}

func BenchmarkRequire(b *testing.B) {
	m := newModel(b)
	r := httptest.NewRequest("GET", "/", nil)
	guard := m.Require("orders:read")(ok)
	for _, bc := range []struct{ name, role string }{{"allow", "viewer"}, {"deny", "nobody"}} {
		r := r.WithContext(auth.WithPrincipal(r.Context(), as(bc.role)))
		b.Run(bc.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				guard.ServeHTTP(httptest.NewRecorder(), r)
			}
		})
	}
	b.Run("parallel", func(b *testing.B) {
		b.ReportAllocs()
		r := r.WithContext(auth.WithPrincipal(r.Context(), as("viewer")))
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				guard.ServeHTTP(nil, r)
			}
		})
	})
}

func BenchmarkDenyByDefault(b *testing.B) {
	m := newModel(b)
	h := m.DenyByDefault(m.Require("orders:read")(ok))
	r := httptest.NewRequest("GET", "/", nil)
	r = r.WithContext(auth.WithPrincipal(r.Context(), as("viewer")))
	w := httptest.NewRecorder()
	b.ReportAllocs()
	for b.Loop() {
		h.ServeHTTP(w, r)
	}
}

func BenchmarkSwap(b *testing.B) {
	m := newModel(b)
	cfg := rbac.Config{Permissions: []string{"orders:read"}, Roles: map[string]rbac.Role{"viewer": {Allow: []string{"orders:*"}}}}
	b.ReportAllocs()
	for b.Loop() {
		if err := m.Swap(cfg); err != nil {
			b.Fatal(err)
		}
	}
}
