package login_test

import (
	"testing"

	"github.com/gopalisade/palisade/auth/login"
	"github.com/gopalisade/palisade/ratelimit/guard"
)

func BenchmarkCheck(b *testing.B) {
	for _, bc := range []struct {
		name, login, password string
		failed                int
	}{
		{"allow", "alice", right, 0},
		{"deny blocked", "alice", "wrong", 1},
		{"deny malformed", "alice", "", 0},
	} {
		b.Run(bc.name, func(b *testing.B) {
			h := newHouse(b, func(c *login.Config) { c.Guard = newGuard(b, guard.Limits{Account: 1, Pair: 1}) })
			for range bc.failed {
				_, _ = h.Check(b.Context(), login.Attempt{Login: bc.login, Password: "wrong"})
			}
			a, ctx := login.Attempt{Login: bc.login, Password: bc.password, Addr: home}, b.Context()
			b.ReportAllocs()
			for b.Loop() {
				_, _ = h.Check(ctx, a)
			}
		})
	}
	b.Run("parallel", func(b *testing.B) {
		h := newHouse(b, func(c *login.Config) { c.Guard = newGuard(b, guard.Limits{Account: 1000, Pair: 1000, Addr: 1000}) })
		ctx := b.Context()
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				_, _ = h.Check(ctx, login.Attempt{Login: "alice", Password: right, Addr: home})
			}
		})
	})
}

func BenchmarkPolicy(b *testing.B) {
	p, ctx := newPolicy(b, login.PolicyConfig{Words: []string{"palisade"}}), b.Context()
	b.ReportAllocs()
	for b.Loop() {
		_ = p.Check(ctx, "correct horse battery staple", "alice@example.com")
	}
}
