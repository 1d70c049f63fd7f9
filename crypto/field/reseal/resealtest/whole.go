package resealtest

import (
	"errors"
	"testing"

	"github.com/gopalisade/palisade/crypto/field/reseal"
)

// rotate reseals n rows in batches, and wants all of them under key 2.
func (a *table) rotate(t *testing.T, n int64, batch int) {
	t.Helper()
	want := map[int64]string{}
	for id := int64(1); id <= n; id++ {
		a.put(t, "x", id)
		want[id] = "x"
	}
	if err := a.ring.SetPrimary(2); err != nil {
		t.Fatal(err)
	}
	r := a.resealer(t, batch)
	if err := reseal.Retire(t.Context(), a.ring, 1, a.Rows); !errors.Is(err, reseal.ErrInUse) {
		t.Errorf("retired before the run: got %v, want ErrInUse", err)
	}
	for i, wantResealed := range []int64{n, 0} {
		p, err := r.Run(t.Context())
		if err != nil || p.Read != n || p.Resealed != wantResealed || p.Unchanged != n-wantResealed {
			t.Errorf("run %d: got %+v, %v, want %d resealed", i+1, p, err, wantResealed)
		}
	}
	if by := a.sealedBy(t); by[2] != 3*n || len(by) != 1 {
		t.Errorf("cells by key: got %v, want all under 2", by)
	}
	if err := reseal.Retire(t.Context(), a.ring, 1, a.Rows); err != nil {
		t.Errorf("retired after the run: got %v", err)
	}
	a.want(t, want)
}

func rotation(t *testing.T, a *table) { a.rotate(t, 30, 10) }

func batches(t *testing.T, a *table) { a.rotate(t, 23, 2) }

func largeBatch(t *testing.T, a *table) { a.rotate(t, 3, 1000) }

// damaged rows stay as they are, and the others are resealed.
func damaged(t *testing.T, a *table) {
	a.put(t, "x", 1, 2, 3, 4)
	cells := a.seal(t, 2, person(2, "x"))
	cells.Get("note").Bytes[30] ^= 1
	plain := a.seal(t, 3, person(3, "x"))
	plain.Get("note").Bytes = []byte("in clear")
	if err := errors.Join(a.Put(t.Context(), 2, cells), a.Put(t.Context(), 3, plain)); err != nil {
		t.Fatal(err)
	}
	if err := a.ring.SetPrimary(2); err != nil {
		t.Fatal(err)
	}
	p, err := a.resealer(t, 3).Run(t.Context())
	if !errors.Is(err, reseal.ErrDamaged) || p.Damaged != 2 || p.Resealed != 2 || len(p.DamagedAt) != 2 {
		t.Fatalf("got %+v, %v, want 2 damaged rows", p, err)
	}
	rows := a.rows(t, 4)
	if !equal(rows[1].Cells, cells) || !equal(rows[2].Cells, plain) {
		t.Error("a damaged row was overwritten")
	}
	if p.DamagedAt[0] != rows[1].Cursor || p.DamagedAt[1] != rows[2].Cursor {
		t.Errorf("damaged at %q, want %q and %q", p.DamagedAt, rows[1].Cursor, rows[2].Cursor)
	}
}
