package rbac_test

import (
	"testing"
)

func BenchmarkCan(b *testing.B) {
	m := newModel(b)
	for _, bc := range []struct{ name, role string }{{"allow", "admin"}, {"deny", "viewer"}} {
		p := as(bc.role)
		b.Run(bc.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				m.Can(p, "users:read")
			}
		})
	}
}
