// Package resealtest checks an implementation of [reseal.Rows], and has one in memory.
//
// Call [Run] from a test of your own; it fails the test wherever the rows break the contract.
package resealtest

import (
	"context"
	"crypto/rand"
	"fmt"
	"testing"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/field/reseal"
	"github.com/gopalisade/palisade/crypto/secret"
)

// Storage is a table under test. It is empty at first, and has the columns of [Cells] beside a number that is the key of its
// rows, and that their values are bound to as [field.Int].
type Storage struct {
	Rows   reseal.Rows
	Put    func(ctx context.Context, id int64, cells field.Cells) error // inserts a row or replaces it
	Delete func(ctx context.Context, id int64) error                    // of a row that is there
}

// Run runs the suite. open returns a new table for each subtest, and cleans up through t.Cleanup.
func Run(t *testing.T, open func(t *testing.T) Storage) {
	for name, check := range map[string]func(*testing.T, *table){
		"no rows":                         empty,
		"each row once, in order":         order,
		"from a row that is gone":         fromGone,
		"rows that come meanwhile":        insertedMeanwhile,
		"another table's cursor":          strangeCursor,
		"NULL":                            null,
		"what is no sealed value":         notSealed,
		"swap":                            swap,
		"swap nothing":                    swapNothing,
		"changed meanwhile":               changed,
		"gone meanwhile":                  gone,
		"deleted and inserted again":      replaced,
		"swapped twice":                   twice,
		"many swap one row":               race,
		"writers are not overwritten":     writers,
		"a whole rotation":                rotation,
		"a cancelled context":             cancelled,
		"a batch larger than the table":   largeBatch,
		"a damaged row among others":      damaged,
		"several batches of one rotation": batches,
	} {
		t.Run(name, func(t *testing.T) { check(t, newTable(t, open(t))) })
	}
}

// Person is a row of a [Storage] in clear.
type Person struct {
	Email string  `enc:"email,index=eq,fold"`
	Phone *string `enc:"phone,pad=32"`
	Note  string  `enc:"note"`
}

// Cells returns an empty row to scan into: the columns email, email_eq, phone and note.
func Cells(t testing.TB) field.Cells { return people(t, newRing(t)).Cells() }

func people(t testing.TB, ring *field.Ring) *field.Table[Person] {
	t.Helper()
	table, err := field.NewTable[Person](field.TableConfig{Ring: ring, Table: "people"})
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// newRing has key 1 for the primary, and key 2.
func newRing(t testing.TB) *field.Ring {
	t.Helper()
	ring, err := field.New(field.Config{Keys: []field.Key{
		{ID: 1, Secret: newKey(), State: field.Primary}, {ID: 2, Secret: newKey()},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func newKey() secret.Bytes {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	return secret.New(key)
}

// table is a Storage with what a test does to it.
type table struct {
	Storage
	ring   *field.Ring
	people *field.Table[Person]
}

func newTable(t *testing.T, s Storage) *table {
	t.Helper()
	ring := newRing(t)
	return &table{Storage: s, ring: ring, people: people(t, ring)}
}

func person(id int64, note string) Person {
	phone := fmt.Sprint("+49 30 ", id)
	return Person{Email: fmt.Sprintf("Person%d@example.com", id), Phone: &phone, Note: note}
}

func (a *table) seal(t *testing.T, id int64, p Person) field.Cells {
	t.Helper()
	cells, err := a.people.SealRow(&p, field.Int(id))
	if err != nil {
		t.Fatal(err)
	}
	return cells
}

// put stores persons with a note.
func (a *table) put(t *testing.T, note string, ids ...int64) {
	t.Helper()
	for _, id := range ids {
		if err := a.Put(t.Context(), id, a.seal(t, id, person(id, note))); err != nil {
			t.Fatal(err)
		}
	}
}

func (a *table) delete(t *testing.T, id int64) {
	t.Helper()
	if err := a.Delete(t.Context(), id); err != nil {
		t.Fatal(err)
	}
}

func (a *table) next(t *testing.T, after string, n int) []reseal.Row {
	t.Helper()
	rows, err := a.Rows.Next(t.Context(), after, n)
	if err != nil || len(rows) > n {
		t.Fatalf("Next: got %d rows, %v, want %d at most", len(rows), err, n)
	}
	return rows
}

// all returns every row, in batches of n.
func (a *table) all(t *testing.T, n int) (all []reseal.Row) {
	t.Helper()
	for after := ""; ; {
		rows := a.next(t, after, n)
		if len(rows) == 0 {
			return all
		}
		if len(all) > 1000 {
			t.Fatal("Next has no end")
		}
		all = append(all, rows...)
		after = rows[len(rows)-1].Cursor
	}
}

// rows returns all rows, of which there must be n.
func (a *table) rows(t *testing.T, n int) []reseal.Row {
	t.Helper()
	all := a.all(t, n+1)
	if len(all) != n {
		t.Fatalf("got %d rows, want %d", len(all), n)
	}
	return all
}

// note opens a row, which must be of the person that it is bound to, and returns its note.
func (a *table) note(t *testing.T, row *reseal.Row) string {
	t.Helper()
	var p Person
	if err := a.people.OpenRow(row.Cells, &p, row.Key...); err != nil {
		t.Fatalf("row %s: %v", row.Cursor, err)
	}
	return p.Note
}

// want compares the whole table, by number.
func (a *table) want(t *testing.T, notes map[int64]string) {
	t.Helper()
	rows := a.all(t, 1000)
	if len(rows) != len(notes) {
		t.Errorf("got %d rows, want %d", len(rows), len(notes))
	}
	for id, want := range notes {
		found := false
		for i := range rows {
			var p Person
			if a.people.OpenRow(rows[i].Cells, &p, field.Int(id)) != nil {
				continue
			}
			found = true
			w := person(id, want)
			if p.Email != w.Email || p.Phone == nil || *p.Phone != *w.Phone || p.Note != want {
				t.Errorf("row %d: got %q with note %q, want %q", id, p.Email, p.Note, want)
			}
		}
		if !found {
			t.Errorf("row %d: not there, or does not open", id)
		}
	}
}

// changes reseals rows under key 2.
func (a *table) changes(t *testing.T, rows []reseal.Row) (changes []reseal.Change) {
	t.Helper()
	if err := a.ring.SetPrimary(2); err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		cells, changed, err := a.people.Reseal(row.Cells, row.Key...)
		if err != nil || !changed {
			t.Fatalf("row %s: got %t, %v, want it resealed", row.Cursor, changed, err)
		}
		changes = append(changes, reseal.Change{Old: row, New: cells})
	}
	return changes
}

// swap stores changes, and wants their ends.
func (a *table) swap(t *testing.T, changes []reseal.Change, want ...reseal.State) []reseal.Result {
	t.Helper()
	results, err := a.Rows.Swap(t.Context(), changes)
	if err != nil || len(results) != len(want) {
		t.Fatalf("Swap: got %d results, %v, want %v", len(results), err, want)
	}
	for i, r := range results {
		if r.State != want[i] {
			t.Errorf("change %d: got %v, want %v", i, r.State, want[i])
		}
	}
	return results
}

// sealedBy counts cells by key.
func (a *table) sealedBy(t *testing.T) map[field.KeyID]int64 {
	t.Helper()
	cells, err := reseal.Count(t.Context(), a.Rows)
	if err != nil {
		t.Fatal(err)
	}
	return cells
}

func (a *table) resealer(t *testing.T, batch int) *reseal.Resealer {
	t.Helper()
	r, err := reseal.New(reseal.Config{Ring: a.ring, Rows: a.Rows, Table: a.people, Batch: batch})
	if err != nil {
		t.Fatal(err)
	}
	return r
}
