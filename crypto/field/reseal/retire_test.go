package reseal_test

import (
	"context"
	"errors"
	"maps"
	"testing"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/field/reseal"
	"github.com/gopalisade/palisade/crypto/field/reseal/resealtest"
)

func TestCount(t *testing.T) {
	w := newWorld(t, 2500)
	w.put(t, 7)
	phone := "1"
	cells, err := w.table.SealRow(&customer{Email: "a@example.com", Phone: &phone}, field.Int(2501))
	if err != nil {
		t.Fatal(err)
	}
	cells.Get("email").Bytes = []byte("a@example.com")
	cells.Get("email_eq").Bytes = []byte{}
	if err := w.rows.Put(t.Context(), 2501, cells); err != nil {
		t.Fatal(err)
	}
	got, err := reseal.Count(t.Context(), w.rows)
	if want := map[field.KeyID]int64{0: 1, 1: 2499, 2: 2}; err != nil || !maps.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	if got, err := reseal.Count(t.Context(), new(resealtest.Memory)); err != nil || len(got) != 0 {
		t.Errorf("no rows: got %v, %v", got, err)
	}
	failed := errors.New("failed")
	bad := &stub{next: func(context.Context, string, int) ([]reseal.Row, error) { return nil, failed }}
	if got, err := reseal.Count(t.Context(), bad); got != nil || !errors.Is(err, failed) {
		t.Errorf("got %v, %v, want an error", got, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := reseal.Count(ctx, w.rows); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want Canceled", err)
	}
}

func TestRetire(t *testing.T) {
	failed := errors.New("failed")
	none := new(resealtest.Memory)
	for _, tc := range []struct {
		name string
		id   field.KeyID
		do   func(*world) []reseal.Rows // the other tables
		want error
	}{
		{"in use", 1, func(*world) []reseal.Rows { return nil }, reseal.ErrInUse},
		{"in use by one row", 1, func(w *world) []reseal.Rows {
			w.run(t)
			w.primary(t, 1)
			w.put(t, 9)
			w.primary(t, 2)
			return nil
		}, reseal.ErrInUse},
		{"in use by another table", 1, func(w *world) []reseal.Rows {
			w.run(t)
			return []reseal.Rows{none, newWorld(t, 1).rows}
		}, reseal.ErrInUse},
		{"in use by a damaged row", 1, func(w *world) []reseal.Rows {
			w.damage(t, 2)
			w.run(t)
			return nil
		}, reseal.ErrInUse},
		{"a cell that may be anything", 1, func(w *world) []reseal.Rows {
			w.run(t)
			cells := w.rows.Get(1)
			cells.Get("email").Bytes[0] = 0
			_ = w.rows.Put(t.Context(), 1, cells)
			return nil
		}, reseal.ErrDamaged},
		{"another table fails", 1, func(w *world) []reseal.Rows {
			w.run(t)
			return []reseal.Rows{&stub{next: func(context.Context, string, int) ([]reseal.Row, error) { return nil, failed }}}
		}, failed},
		{"unknown", 5, func(w *world) []reseal.Rows { w.run(t); return nil }, field.ErrUnknownKey},
		{"primary", 2, func(w *world) []reseal.Rows { w.run(t); return nil }, field.ErrPrimary},
		{"closed", 1, func(w *world) []reseal.Rows { w.run(t); _ = w.ring.Close(); return nil }, field.ErrClosed},
		{"not in use", 1, func(w *world) []reseal.Rows { w.run(t); return []reseal.Rows{none} }, nil},
		{"again", 1, func(w *world) []reseal.Rows { w.run(t); _ = w.ring.Disable(1); return nil }, nil},
	} {
		w := newWorld(t, 3)
		more := tc.do(w)
		before := w.ring.Keys()
		if err := reseal.Retire(t.Context(), w.ring, tc.id, w.rows, more...); !errors.Is(err, tc.want) {
			t.Errorf("%s: got %v, want %v", tc.name, err, tc.want)
		}
		for i, k := range w.ring.Keys() {
			if retired := tc.want == nil && k.ID == tc.id; retired && k.State != field.Disabled || !retired && k != before[i] {
				t.Errorf("%s: key %d is %v", tc.name, k.ID, k.State)
			}
		}
	}
}

func (w *world) run(tb testing.TB) {
	tb.Helper()
	if p, err := newResealer(tb, w.config()).Run(tb.Context()); err != nil && !errors.Is(err, reseal.ErrDamaged) {
		tb.Fatalf("got %+v, %v", p, err)
	}
}
