package redisstore_test

import (
	"testing"
	"time"

	"github.com/gopalisade/palisade/internal/servertest"
	"github.com/gopalisade/palisade/ratelimit"
)

func BenchmarkSessions(b *testing.B) {
	s, ctx, now := newStore(b, open(b, servertest.StartRedis(b)), "").Sessions(), b.Context(), time.Now()
	f := family("a", alice)
	if err := s.Create(ctx, f); err != nil {
		b.Fatal(err)
	}
	b.Run("rotate", func(b *testing.B) {
		var err error
		b.ReportAllocs()
		for b.Loop() {
			if f, _, err = s.Rotate(ctx, "a", f.Generation, now, now.Add(time.Hour)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("denied", func(b *testing.B) {
		keys := []string{"jti:a", "sub:b"}
		b.ReportAllocs()
		for b.Loop() {
			if is, err := s.Denied(ctx, "a", keys, now, now); err != nil || is {
				b.Fatal(is, err)
			}
		}
	})
}

func BenchmarkLimits(b *testing.B) {
	s, ctx := newStore(b, open(b, servertest.StartRedis(b)), "").Limits(), b.Context()
	for _, bc := range []struct {
		name  string
		limit int64
	}{{"allow", 1 << 30}, {"deny", 1}} {
		policies := []ratelimit.Policy{{Name: bc.name, Limit: bc.limit, Window: 24 * time.Hour}}
		b.Run(bc.name, func(b *testing.B) {
			states := make([]ratelimit.State, 1)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Take(ctx, ratelimit.Key{}, 1, policies, states); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(bc.name+" parallel", func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				states := make([]ratelimit.State, 1)
				for pb.Next() {
					_, _ = s.Take(ctx, ratelimit.Key{}, 1, policies, states)
				}
			})
		})
	}
}
