package guard_test

import (
	"testing"
	"time"

	"github.com/gopalisade/palisade/ratelimit/guard"
)

func BenchmarkBegin(b *testing.B) {
	ctx := b.Context()
	for _, bc := range []struct {
		name   string
		failed int
		device bool
	}{{"allow", 0, false}, {"deny", 10, false}, {"device", 10, true}} {
		b.Run(bc.name, func(b *testing.B) {
			g := newGuard(b, guard.Config{BanFirst: time.Hour})
			a := guard.Attempt{Account: "alice@example.com", Addr: home}
			failures(b, g, bc.failed, func(int) guard.Attempt { return a })
			if bc.device {
				a.Device = g.DeviceCookie(a.Account)
			}
			b.ReportAllocs()
			for b.Loop() {
				if ticket, err := g.Begin(ctx, a); err == nil {
					ticket.Succeed(ctx)
				}
			}
		})
	}
	b.Run("parallel", func(b *testing.B) {
		g := newGuard(b, guard.Config{Limits: guard.Limits{Account: 1000, Pair: 1000, Addr: 1000}})
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			a := guard.Attempt{Account: "alice@example.com", Addr: home}
			for pb.Next() {
				if ticket, err := g.Begin(ctx, a); err == nil {
					ticket.Succeed(ctx)
				}
			}
		})
	})
}

func BenchmarkMemory(b *testing.B) {
	m, ctx, y := guard.NewMemory(0), b.Context(), make([]guard.Tally, 1)
	c := []guard.Counter{{Limit: 1000, Every: time.Hour, BanFirst: time.Hour, BanMax: time.Hour}}
	i := uint64(0)
	b.ReportAllocs()
	for b.Loop() {
		i = i*6364136223846793005 + 1442695040888963407
		c[0].Key.Hi, c[0].Key.Lo = i, i
		_, _ = m.Reserve(ctx, c, y)
	}
}
