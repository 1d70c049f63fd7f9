package ratelimit_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/gopalisade/palisade/ratelimit"
)

func BenchmarkMemory(b *testing.B) {
	ctx := b.Context()
	for _, bc := range []struct {
		name  string
		limit int64
		keys  uint64
	}{{"allow", 1 << 30, 1}, {"deny", 1, 1}, {"allow 1M keys", 1 << 30, 1 << 20}} {
		b.Run(bc.name, func(b *testing.B) {
			m := ratelimit.NewMemory(1 << 21)
			policies, states := []ratelimit.Policy{{Name: "p", Limit: bc.limit, Window: time.Hour}}, make([]ratelimit.State, 1)
			i := uint64(0)
			b.ReportAllocs()
			for b.Loop() {
				i = i*6364136223846793005 + 1442695040888963407
				_, _ = m.Take(ctx, ratelimit.Key{Hi: (i >> 20) % bc.keys, Lo: (i >> 20) % bc.keys}, 1, policies, states)
			}
		})
	}
	b.Run("parallel", func(b *testing.B) {
		m := ratelimit.NewMemory(0)
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			policies, states := []ratelimit.Policy{{Name: "p", Limit: 1 << 30, Window: time.Hour}}, make([]ratelimit.State, 1)
			k := ratelimit.Key{Hi: rand.Uint64(), Lo: rand.Uint64()}
			for pb.Next() {
				_, _ = m.Take(ctx, k, 1, policies, states)
			}
		})
	})
}

func BenchmarkLimiter(b *testing.B) {
	for _, bc := range []struct {
		name  string
		limit int64
	}{{"allow", 1 << 30}, {"deny", 1}} {
		l := newLimiter(b, ratelimit.Config{Policies: []ratelimit.Policy{{Name: "p", Limit: bc.limit, Window: time.Hour}}})
		r := from("192.0.2.1:1")
		b.Run(bc.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_ = l.Check(r)
			}
		})
	}
}
