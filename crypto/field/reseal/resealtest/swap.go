package resealtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/field/reseal"
)

func swap(t *testing.T, a *table) {
	a.put(t, "x", 1, 2, 3)
	rows := a.rows(t, 3)
	changes := a.changes(t, rows[:2])
	a.swap(t, changes, reseal.Done, reseal.Done)
	now := a.rows(t, 3)
	if !equal(now[0].Cells, changes[0].New) || !equal(now[1].Cells, changes[1].New) ||
		!equal(now[2].Cells, rows[2].Cells) {
		t.Error("the table does not hold what was swapped, and the rest as it was")
	}
	a.want(t, map[int64]string{1: "x", 2: "x", 3: "x"})
	if n := a.sealedBy(t); n[1] != 3 || n[2] != 6 || n[0] != 0 {
		t.Errorf("got %v cells by key, want 3 and 6", n)
	}
}

func swapNothing(t *testing.T, a *table) {
	a.put(t, "x", 1)
	a.swap(t, nil)
	a.want(t, map[int64]string{1: "x"})
}

// changed lets one cell of each row change between the reading and the swap.
func changed(t *testing.T, a *table) {
	ids := []int64{1, 2, 3, 4, 5, 6, 7}
	a.put(t, "x", ids...)
	rows := a.rows(t, len(ids))
	changes := a.changes(t, rows)
	want := make([]reseal.State, len(ids))
	for i, edit := range []func(field.Cells){
		func(c field.Cells) { c.Get("note").Bytes = a.seal(t, 1, person(1, "y")).Get("note").Bytes },
		func(c field.Cells) { c.Get("email_eq").Bytes = []byte{1, 2} },
		func(c field.Cells) { c.Get("phone").Bytes = nil },
		func(field.Cells) {},
		func(c field.Cells) { c.Get("email_eq").Bytes = nil },
		func(c field.Cells) { c.Get("note").Bytes = append(slices.Clone(c.Get("note").Bytes), 0) },
		func(c field.Cells) { c.Get("email").Bytes[40] ^= 1 },
	} {
		cells := clone(rows[i].Cells)
		edit(cells)
		if err := a.Put(t.Context(), ids[i], cells); err != nil {
			t.Fatal(err)
		}
		want[i] = reseal.Changed
	}
	want[3] = reseal.Done // nothing has happened to it
	before := a.rows(t, len(ids))
	results := a.swap(t, changes, want...)
	for i, now := range a.rows(t, len(ids)) {
		stays := before[i].Cells
		if want[i] == reseal.Done {
			stays = changes[i].New
		} else if !equal(results[i].Row.Cells, now.Cells) || results[i].Row.Cursor != now.Cursor {
			t.Errorf("row %d: Swap returned another row than there is", i+1)
		}
		if !equal(now.Cells, stays) {
			t.Errorf("row %d: the writer's change was overwritten", i+1)
		}
	}
	// What Swap returns can be swapped.
	again := a.changes(t, []reseal.Row{results[0].Row})
	a.swap(t, again, reseal.Done)
	if rows := a.rows(t, len(ids)); a.note(t, &rows[0]) != "y" {
		t.Error("the writer's change is lost")
	}
}

func gone(t *testing.T, a *table) {
	a.put(t, "x", 1, 2, 3)
	changes := a.changes(t, a.rows(t, 3))
	a.delete(t, 2)
	a.swap(t, changes, reseal.Done, reseal.Gone, reseal.Done)
	a.want(t, map[int64]string{1: "x", 3: "x"})
}

func replaced(t *testing.T, a *table) {
	a.put(t, "x", 1)
	changes := a.changes(t, a.rows(t, 1))
	a.delete(t, 1)
	a.put(t, "y", 1)
	a.swap(t, changes, reseal.Changed)
	a.want(t, map[int64]string{1: "y"})
}

func twice(t *testing.T, a *table) {
	a.put(t, "x", 1)
	rows := a.rows(t, 1)
	first, second := a.changes(t, rows), a.changes(t, rows)
	a.swap(t, first, reseal.Done)
	a.swap(t, second, reseal.Changed)
	if now := a.rows(t, 1); !equal(now[0].Cells, first[0].New) {
		t.Error("the second overwrote the first")
	}
}

// race lets many swap the same rows at once: for each row, one of them may.
func race(t *testing.T, a *table) {
	ids := []int64{1, 2, 3, 4, 5}
	a.put(t, "x", ids...)
	rows := a.rows(t, 5)
	var done [5]atomic.Int64
	var wg sync.WaitGroup
	for range 4 {
		changes := a.changes(t, rows)
		wg.Go(func() {
			results, err := a.Rows.Swap(t.Context(), changes)
			if err != nil || len(results) != len(changes) {
				t.Errorf("got %d results, %v", len(results), err)
				return
			}
			for i, r := range results {
				if r.State == reseal.Done {
					done[i].Add(1)
				}
			}
		})
	}
	wg.Wait()
	for i := range done {
		if n := done[i].Load(); n != 1 {
			t.Errorf("row %d: %d swaps succeeded, want 1", i+1, n)
		}
	}
	a.want(t, map[int64]string{1: "x", 2: "x", 3: "x", 4: "x", 5: "x"})
}

// writers change rows while they are resealed: the last change of each must be there in the end.
func writers(t *testing.T, a *table) {
	const rows, rounds = 20, 15
	want := map[int64]string{}
	for id := int64(1); id <= rows; id++ {
		a.put(t, "x", id)
		want[id] = fmt.Sprint("round ", rounds-1)
	}
	stop := make(chan struct{})
	var resealers, wg sync.WaitGroup
	for range 2 {
		r := a.resealer(t, 7)
		resealers.Go(func() { a.backAndForth(t, r, stop) })
	}
	for first := int64(1); first <= 4; first++ {
		wg.Go(func() {
			for round := range rounds {
				for id := first; id <= rows; id += 4 {
					p := person(id, fmt.Sprint("round ", round))
					cells, err := a.people.SealRow(&p, field.Int(id))
					if err == nil {
						err = a.Put(t.Context(), id, cells)
					}
					if err != nil {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	wg.Wait()
	close(stop)
	resealers.Wait()
	a.want(t, want)
}

// backAndForth reseals under the one key and the other, until it is stopped.
func (a *table) backAndForth(t *testing.T, r *reseal.Resealer, stop chan struct{}) {
	for key := field.KeyID(1); ; key = 3 - key {
		select {
		case <-stop:
			return
		default:
		}
		_ = a.ring.SetPrimary(key)
		if _, err := r.Run(t.Context()); err != nil && !errors.Is(err, reseal.ErrUnfinished) {
			t.Error(err)
			return
		}
	}
}

func cancelled(t *testing.T, a *table) {
	a.put(t, "x", 1)
	rows := a.rows(t, 1)
	changes := a.changes(t, rows)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := a.Rows.Next(ctx, "", 10); !errors.Is(err, context.Canceled) {
		t.Errorf("Next: got %v, want Canceled", err)
	}
	if _, err := a.Rows.Swap(ctx, changes); !errors.Is(err, context.Canceled) {
		t.Errorf("Swap: got %v, want Canceled", err)
	}
	if now := a.rows(t, 1); !equal(now[0].Cells, rows[0].Cells) {
		t.Error("swapped after the end of the context")
	}
}
