package resealtest

import (
	"maps"
	"math"
	"slices"
	"testing"
	"unicode"

	"github.com/gopalisade/palisade/crypto/field"
)

func empty(t *testing.T, a *table) {
	if rows := a.next(t, "", 10); len(rows) != 0 {
		t.Errorf("got %d rows, want none", len(rows))
	}
}

func order(t *testing.T, a *table) {
	ids := []int64{5, 1, 300, 2, math.MaxInt64, 10, 1 << 40}
	a.put(t, "x", ids...)
	first := a.rows(t, len(ids))
	seen := map[string]bool{}
	for i := range first {
		for _, r := range first[i].Cursor {
			if !unicode.IsPrint(r) {
				t.Errorf("cursor %q is not printable", first[i].Cursor)
			}
		}
		if seen[first[i].Cursor] || first[i].Cursor == "" {
			t.Errorf("cursor %q is empty or of two rows", first[i].Cursor)
		}
		seen[first[i].Cursor] = true
		a.note(t, &first[i])
	}
	for _, n := range []int{1, 2, 7, 1000} {
		for i, row := range a.all(t, n) {
			if i == len(first) || row.Cursor != first[i].Cursor {
				t.Fatalf("row %d in batches of %d: got %q, want %q", i, n, row.Cursor, first[i].Cursor)
			}
		}
	}
	a.want(t, map[int64]string{5: "x", 1: "x", 300: "x", 2: "x", math.MaxInt64: "x", 10: "x", 1 << 40: "x"})
}

func fromGone(t *testing.T, a *table) {
	a.put(t, "x", 1, 2, 3, 4)
	all := a.rows(t, 4)
	for id := range int64(4) {
		a.delete(t, id+1)
	}
	a.put(t, "x", 1, 2, 3, 4)
	rest := a.next(t, all[1].Cursor, 10)
	if len(rest) != 2 || rest[0].Cursor != all[2].Cursor || rest[1].Cursor != all[3].Cursor {
		t.Errorf("got %d rows, want the last two", len(rest))
	}
	a.delete(t, 2)
	a.delete(t, 3)
	if rest := a.next(t, all[1].Cursor, 10); len(rest) == 0 {
		t.Error("a cursor whose row was deleted leads nowhere")
	}
}

func insertedMeanwhile(t *testing.T, a *table) {
	a.put(t, "x", 10, 20, 30)
	seen := map[string]int{}
	var cursors []string
	after := ""
	for id := int64(1); ; id++ {
		rows := a.next(t, after, 1)
		if len(rows) == 0 {
			break
		}
		seen[rows[0].Cursor]++
		cursors = append(cursors, rows[0].Cursor)
		after = rows[0].Cursor
		if id < 4 {
			a.put(t, "x", 10*id+1, 10*id-5)
		}
	}
	for _, row := range a.all(t, 10) {
		if seen[row.Cursor] > 1 {
			t.Errorf("%s was read twice", row.Cursor)
		}
		delete(seen, row.Cursor)
	}
	if len(seen) > 0 || len(cursors) < 3 {
		t.Errorf("read %v, of which %v are no rows", cursors, slices.Collect(maps.Keys(seen)))
	}
}

func strangeCursor(t *testing.T, a *table) {
	a.put(t, "x", 1)
	for _, cursor := range []string{"no cursor", "\x00", "'; --", "99999999999999999999999"} {
		if rows, err := a.Rows.Next(t.Context(), cursor, 10); err == nil || len(rows) > 0 {
			t.Errorf("%q: got %d rows, %v, want an error", cursor, len(rows), err)
		}
	}
}

func null(t *testing.T, a *table) {
	cells := a.seal(t, 1, Person{Email: "a@example.com"})
	if err := a.Put(t.Context(), 1, cells); err != nil {
		t.Fatal(err)
	}
	if err := a.Put(t.Context(), 2, Cells(t)); err != nil { // nothing but NULL
		t.Fatal(err)
	}
	rows := a.rows(t, 2)
	if !equal(rows[0].Cells, cells) || !equal(rows[1].Cells, Cells(t)) {
		t.Fatalf("got %+v, want what was put", rows)
	}
	a.swap(t, a.changes(t, rows[:1]), 1)
	rows = a.rows(t, 2)
	if c := rows[0].Cells.Get("phone"); c.Bytes != nil {
		t.Error("NULL became a value")
	}
	if id, err := rows[0].Cells.Get("email").SealedBy(); id != 2 || err != nil {
		t.Errorf("got key %d, %v, want 2", id, err)
	}
}

func notSealed(t *testing.T, a *table) {
	cells := a.seal(t, 1, person(1, "x"))
	cells.Get("note").Bytes = []byte("in clear")
	cells.Get("email").Bytes = []byte("enc1.!")
	if err := a.Put(t.Context(), 1, cells); err != nil {
		t.Fatal(err)
	}
	rows := a.rows(t, 1)
	if !equal(rows[0].Cells, cells) {
		t.Errorf("got %v, want what was put", rows)
	}
	if n := a.sealedBy(t); n[0] != 2 || n[field.KeyID(1)] != 1 {
		t.Errorf("counted %v", n)
	}
}
