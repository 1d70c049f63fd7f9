package reseal_test

import (
	"context"
	"testing"

	"github.com/gopalisade/palisade/crypto/field/reseal"
)

// BenchmarkRun is what the resealer adds to its Rows, which have one batch of 500 here, at no cost.
func BenchmarkRun(b *testing.B) {
	for name, key := range map[string]uint32{"stale": 2, "unchanged": 1} {
		b.Run(name, func(b *testing.B) {
			const n = 500
			w := newWorld(b, n)
			if key == 1 {
				w.primary(b, 1)
			}
			batch, err := w.rows.Next(b.Context(), "", n)
			if err != nil {
				b.Fatal(err)
			}
			results := make([]reseal.Result, n)
			for i := range results {
				results[i].State = reseal.Done
			}
			r := newResealer(b, reseal.Config{Ring: w.ring, Table: w.table, Rows: &stub{
				next: func(_ context.Context, after string, _ int) ([]reseal.Row, error) {
					if after != "" {
						return nil, nil
					}
					return batch, nil
				},
				swap: func(context.Context, []reseal.Change) ([]reseal.Result, error) { return results, nil },
			}})
			b.ReportAllocs()
			for b.Loop() {
				if p, err := r.Run(b.Context()); err != nil || p.Read != n {
					b.Fatal(p, err)
				}
			}
			b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
