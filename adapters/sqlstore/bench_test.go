package sqlstore_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/gopalisade/palisade/adapters/sqlstore"
	"github.com/gopalisade/palisade/auth/session"
	"github.com/gopalisade/palisade/internal/servertest"
)

func BenchmarkSessions(b *testing.B) {
	b.Run("SQLite", func(b *testing.B) {
		benchmark(b, newStore(b, openSQLite(b, filepath.Join(b.TempDir(), "bench.db")), sqlstore.SQLite).Sessions())
	})
	b.Run("PostgreSQL", func(b *testing.B) {
		benchmark(b, newStore(b, openPostgres(b, servertest.StartPostgres(b)), sqlstore.PostgreSQL).Sessions())
	})
}

func benchmark(b *testing.B, s session.Store) {
	ctx, now := b.Context(), time.Now()
	for i := range 1000 {
		if err := s.Create(ctx, family(fmt.Sprint(i), session.User{ID: fmt.Sprint(i / 10)})); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("rotate", func(b *testing.B) {
		f, err := s.Get(ctx, "7")
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			if f, _, err = s.Rotate(ctx, "7", f.Generation, now, now.Add(time.Hour)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("denied", func(b *testing.B) {
		keys := []string{"jti:a", "sub:b"}
		b.ReportAllocs()
		for b.Loop() {
			if is, err := s.Denied(ctx, "8", keys, now, now); err != nil || is {
				b.Fatal(is, err)
			}
		}
	})
	b.Run("denied parallel", func(b *testing.B) {
		keys := []string{"jti:a", "sub:b"}
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				_, _ = s.Denied(ctx, "8", keys, now, now)
			}
		})
	})
}
