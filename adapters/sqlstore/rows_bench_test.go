package sqlstore_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/gopalisade/palisade/adapters/sqlstore"
	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/field/reseal"
	"github.com/gopalisade/palisade/internal/servertest"
)

func BenchmarkReseal(b *testing.B) {
	b.Run("SQLite", func(b *testing.B) {
		benchmarkReseal(b, openSQLite(b, filepath.Join(b.TempDir(), "bench.db")), sqlstore.SQLite)
	})
	b.Run("PostgreSQL", func(b *testing.B) {
		benchmarkReseal(b, openPostgres(b, servertest.StartPostgres(b)), sqlstore.PostgreSQL)
	})
}

// benchmarkReseal has rows of two sealed values and an index, in batches of 500, each on the disk before the next.
func benchmarkReseal(b *testing.B, db *sql.DB, dialect sqlstore.Dialect) {
	const rows = 5000
	d := &drill{rows: rows, db: db, dialect: dialect}
	d.fill(b)
	ring := d.ring(b, 1)
	next := field.KeyID(1)
	for name, stale := range map[string]bool{"stale": true, "unchanged": false} {
		b.Run(name, func(b *testing.B) {
			r, err := reseal.New(reseal.Config{Ring: ring, Rows: d.sealed(b, ring), Table: d.table(b, ring)})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if stale {
					next = 3 - next
				}
				if err := ring.SetPrimary(next); err != nil {
					b.Fatal(err)
				}
				if p, err := r.Run(b.Context()); err != nil || p.Read != rows || (p.Resealed == rows) != stale {
					b.Fatal(p, err)
				}
			}
			b.ReportMetric(float64(rows*b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
