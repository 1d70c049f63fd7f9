package sqlstore_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gopalisade/palisade/adapters/sqlstore"
	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/field/reseal"
	"github.com/gopalisade/palisade/crypto/field/reseal/resealtest"
)

func newRows(t testing.TB, cfg sqlstore.RowsConfig) *sqlstore.Rows {
	t.Helper()
	rows, err := sqlstore.NewRows(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func execute(t testing.TB, db *sql.DB, d sqlstore.Dialect, statement string, args ...any) {
	t.Helper()
	if d == sqlstore.SQLite {
		statement = strings.NewReplacer("BYTEA", "BLOB", "BIGINT", "INTEGER").Replace(statement)
	}
	if _, err := db.ExecContext(t.Context(), statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// rotated is a ring of keys 1 and 2, of which the second is the primary, and a table that seals with the first.
func rotated(t testing.TB) (ring *field.Ring, old, fresh *field.Table[patient]) {
	t.Helper()
	d := &drill{}
	ring = d.ring(t, 2)
	return ring, d.table(t, d.ring(t, 1)), d.table(t, ring)
}

func sealPatient(t testing.TB, table *field.Table[patient], id string, row ...field.Part) field.Cells {
	t.Helper()
	cells, err := table.SealRow(&patient{Email: id + "@example.com", Note: "note " + id}, row...)
	if err != nil {
		t.Fatal(err)
	}
	return cells
}

func run(t testing.TB, cfg reseal.Config) (reseal.Progress, error) {
	t.Helper()
	r, err := reseal.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return r.Run(t.Context())
}

func rowsBindings(t *testing.T, d sqlstore.Dialect, empty func(testing.TB) *sql.DB) {
	ring, old, fresh := rotated(t)
	key := field.NewRowKey()
	hex := func(values []any) []field.Part {
		var k field.RowKey
		if k.UnmarshalText(fmt.Append(nil, values[0])) != nil {
			return nil
		}
		return []field.Part{k.Part()}
	}
	for _, tc := range []struct {
		name   string
		column string // of the binding
		value  any
		row    []field.Part // nil: none can be made
		cfg    sqlstore.RowsConfig
	}{
		{"the key", "", nil, []field.Part{field.Int(7)}, sqlstore.RowsConfig{}},
		{"a row key", "k BYTEA", key[:], []field.Part{key.Part()}, sqlstore.RowsConfig{Row: []string{"k"}}},
		{"text", "k TEXT", "ä", []field.Part{field.Str("ä")}, sqlstore.RowsConfig{Row: []string{"k"}}},
		{"two columns", "k TEXT", "a", []field.Part{field.Str("a"), field.Int(7)}, sqlstore.RowsConfig{Row: []string{"k", "id"}}},
		{
			"a row key in text", "k TEXT", key.String(),
			[]field.Part{key.Part()},
			sqlstore.RowsConfig{Row: []string{"k"}, Bind: hex},
		},
		{"no row key", "k TEXT", "x", nil, sqlstore.RowsConfig{Row: []string{"k"}, Bind: hex}},
		{"NULL", "k TEXT", nil, nil, sqlstore.RowsConfig{Row: []string{"k"}}},
		{"a number that is none", "k DOUBLE PRECISION", 1.5, nil, sqlstore.RowsConfig{Row: []string{"k"}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			db := empty(t)
			column := tc.column
			if column == "" {
				column = "k TEXT"
			}
			execute(t, db, d, "CREATE TABLE patients (id BIGINT PRIMARY KEY, "+column+", email BYTEA, email_eq BYTEA, note BYTEA)")
			row := tc.row
			if row == nil {
				row = []field.Part{field.Int(7)}
			}
			execute(t, db, d, "INSERT INTO patients (email, email_eq, note, id, k) VALUES ($1, $2, $3, $4, $5)",
				append(sealPatient(t, old, "7", row...).Args(), 7, tc.value)...)
			cfg := tc.cfg
			cfg.DB, cfg.Dialect, cfg.Table, cfg.Key, cfg.Cells = db, d, "patients", "id", fresh.Cells()
			p, err := run(t, reseal.Config{Ring: ring, Rows: newRows(t, cfg), Table: fresh})
			switch {
			case tc.row == nil:
				if !errors.Is(err, reseal.ErrDamaged) || p.Damaged != 1 {
					t.Errorf("got %+v, %v, want a damaged row", p, err)
				}
			case err != nil || p.Resealed != 1:
				t.Errorf("got %+v, %v, want a resealed row", p, err)
			}
		})
	}
}

func rowsTenants(t *testing.T, d sqlstore.Dialect, empty func(testing.TB) *sql.DB) {
	for column, values := range map[string][]any{
		"TEXT": {"acme", "other", nil}, "BIGINT": {int64(1), int64(22), nil}, "BYTEA": {[]byte("a"), []byte("b"), nil},
	} {
		db := empty(t)
		ring, old, fresh := rotated(t)
		execute(t, db, d, "CREATE TABLE patients (id BIGINT PRIMARY KEY, owner "+column+", email BYTEA, email_eq BYTEA, note BYTEA)")
		for i, v := range values {
			name := fmt.Sprint(v)
			if b, ok := v.([]byte); ok {
				name = string(b)
			}
			cells := sealPatient(t, old.Tenant(name), "x", field.Int(int64(i+1)))
			execute(t, db, d, "INSERT INTO patients (email, email_eq, note, id, owner) VALUES ($1, $2, $3, $4, $5)",
				append(cells.Args(), i+1, v)...)
		}
		p, err := run(t, reseal.Config{
			Ring: ring, Tenant: func(id string) reseal.Table { return fresh.Tenant(id) },
			Rows: newRows(t, sqlstore.RowsConfig{
				DB: db, Dialect: d, Table: "patients", Key: "id", Tenant: "owner", Cells: fresh.Cells(),
			}),
		})
		if !errors.Is(err, reseal.ErrDamaged) || p.Resealed != 2 || !slices.Equal(p.DamagedAt, []string{"3"}) {
			t.Errorf("%s: got %+v, %v, want two resealed and one without a tenant", column, p, err)
		}
	}
}

// Names that a database would write in another way, or that mean something to it.
func rowsNames(t *testing.T, d sqlstore.Dialect, empty func(testing.TB) *sql.DB) {
	type odd struct {
		A string `enc:"Order"`
		B string `enc:"select,index=From"`
	}
	db := empty(t)
	schema := "main"
	if d == sqlstore.PostgreSQL {
		schema = "Shop_" + fmt.Sprint(schemas.Add(1))
		execute(t, db, d, `CREATE SCHEMA "`+schema+`"`)
	}
	execute(t, db, d, `CREATE TABLE "`+schema+`"."Table" (`+
		`"Group" INT PRIMARY KEY, "Order" BYTEA, "select" BYTEA, "select_From" BYTEA)`)
	ring, _, _ := rotated(t)
	table, err := field.NewTable[odd](field.TableConfig{Ring: ring, Table: "odd"})
	if err != nil {
		t.Fatal(err)
	}
	if err := ring.SetPrimary(1); err != nil {
		t.Fatal(err)
	}
	cells, err := table.SealRow(&odd{"a", "b"}, field.Int(-3))
	if err != nil {
		t.Fatal(err)
	}
	execute(t, db, d, `INSERT INTO "`+schema+`"."Table" VALUES ($1, $2, $3, $4)`, append([]any{-3}, cells.Args()...)...)
	if err := ring.SetPrimary(2); err != nil {
		t.Fatal(err)
	}
	cfg := sqlstore.RowsConfig{DB: db, Dialect: d, Table: schema + ".Table", Key: "Group", Cells: table.Cells()}
	p, err := run(t, reseal.Config{Ring: ring, Rows: newRows(t, cfg), Table: table})
	if err != nil || p.Resealed != 1 || p.Cursor != "-3" {
		t.Errorf("got %+v, %v, want one row", p, err)
	}
	for name, change := range map[string]func(*sqlstore.RowsConfig){
		"key":    func(c *sqlstore.RowsConfig) { c.Key = "missing" },
		"row":    func(c *sqlstore.RowsConfig) { c.Row = []string{"missing"} },
		"tenant": func(c *sqlstore.RowsConfig) { c.Tenant = "missing" },
		"table":  func(c *sqlstore.RowsConfig) { c.Table = "missing" },
		"column": func(c *sqlstore.RowsConfig) { c.Cells = field.Cells{{Column: "missing"}} },
	} {
		wrong := cfg
		change(&wrong)
		if got, err := newRows(t, wrong).Next(t.Context(), "", 1); err == nil {
			t.Errorf("%s that is not there: got %v", name, got)
		}
	}
}

// A value goes back in the form in which it was stored, whatever the column would take.
func TestRowsForms(t *testing.T) {
	db := openSQLite(t, filepath.Join(t.TempDir(), "test.db"))
	ring, old, fresh := rotated(t)
	execute(t, db, sqlstore.SQLite, "CREATE TABLE patients (id INTEGER PRIMARY KEY, email, email_eq, note)")
	forms := []func(b []byte) any{
		func(b []byte) any { return b },
		func(b []byte) any { return field.Text(b) },
		func(b []byte) any { return []byte(field.Text(b)) },
		func(b []byte) any { return string(b) },
	}
	for i, form := range forms {
		id := int64(i + 1)
		cells := sealPatient(t, old, "x", field.Int(id))
		index := any(cells[1].Bytes)
		if i == 1 {
			index = "some text" // that nobody finds
		}
		execute(t, db, sqlstore.SQLite, "INSERT INTO patients (id, email, email_eq, note) VALUES ($1, $2, $3, $4)",
			id, form(cells[0].Bytes), index, form(cells[2].Bytes))
	}
	read := func() (all [][3]any) {
		rows, err := db.QueryContext(t.Context(), "SELECT email, email_eq, note FROM patients ORDER BY id")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var r [3]any
			if err := rows.Scan(&r[0], &r[1], &r[2]); err != nil {
				t.Fatal(err)
			}
			all = append(all, r)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		return all
	}
	before := read()
	p, err := run(t, reseal.Config{Ring: ring, Table: fresh, Rows: newRows(t, sqlstore.RowsConfig{
		DB: db, Dialect: sqlstore.SQLite, Table: "patients", Key: "id", Cells: fresh.Cells(),
	})})
	if err != nil || p.Resealed != int64(len(forms)) {
		t.Fatalf("got %+v, %v", p, err)
	}
	for i, row := range read() {
		for _, column := range []int{0, 2} {
			was, is := before[i][column], row[column]
			cell := field.Cell{Column: "x"}
			if err := cell.Scan(is); err != nil || reflect.TypeOf(was) != reflect.TypeOf(is) || reflect.DeepEqual(was, is) {
				t.Errorf("row %d: %T became %T, %v", i+1, was, is, err)
			}
			if !reflect.DeepEqual(is, forms[i](cell.Bytes)) {
				t.Errorf("row %d: is stored as %.8v", i+1, is)
			}
		}
		want := sealPatient(t, fresh, "x", field.Int(int64(i+1))).Get("email_eq").Bytes
		if got, ok := row[1].([]byte); !ok || !bytes.Equal(got, want) {
			t.Errorf("row %d: index %v, want %v", i+1, row[1], want)
		}
	}
}

// Keys that have no order to read in, or name no row, are errors and no silent gap.
func TestRowsKeys(t *testing.T) {
	_, _, fresh := rotated(t)
	for name, value := range map[string]any{"NULL": nil, "a float": 1.5} {
		db := openSQLite(t, filepath.Join(t.TempDir(), "test.db"))
		execute(t, db, sqlstore.SQLite, "CREATE TABLE patients (id, email, email_eq, note)")
		execute(t, db, sqlstore.SQLite, "INSERT INTO patients (id) VALUES ($1)", value)
		rows := newRows(t, sqlstore.RowsConfig{
			DB: db, Dialect: sqlstore.SQLite, Table: "patients", Key: "id", Cells: fresh.Cells(),
		})
		if got, err := rows.Next(t.Context(), "", 10); err == nil || got != nil {
			t.Errorf("%s: got %v, %v, want an error", name, got, err)
		}
	}
	db := openSQLite(t, filepath.Join(t.TempDir(), "test.db"))
	execute(t, db, sqlstore.SQLite, "CREATE TABLE patients (id, email, email_eq, note)")
	execute(t, db, sqlstore.SQLite, "INSERT INTO patients (id) VALUES (1), (2), (2)")
	rows := newRows(t, sqlstore.RowsConfig{DB: db, Dialect: sqlstore.SQLite, Table: "patients", Key: "id", Cells: fresh.Cells()})
	list, err := rows.Next(t.Context(), "", 10)
	if err != nil || len(list) != 3 {
		t.Fatalf("got %v, %v", list, err)
	}
	var changes []reseal.Change
	for _, row := range list {
		cells := slices.Clone(row.Cells)
		cells[0].Bytes = []byte{1}
		changes = append(changes, reseal.Change{Old: row, New: cells})
	}
	if got, err := rows.Swap(t.Context(), changes); err == nil {
		t.Errorf("two rows of one key: got %v, want an error", got)
	}
	var n int
	const query = "SELECT count(*) FROM patients WHERE email IS NOT NULL"
	if err := db.QueryRowContext(t.Context(), query).Scan(&n); err != nil || n != 0 {
		t.Errorf("%d rows were stored, %v, want none", n, err)
	}
}

func TestRowsForeign(t *testing.T) {
	l := layouts[0]
	db := openSQLite(t, filepath.Join(t.TempDir(), "test.db"))
	l.create(t, db, sqlstore.SQLite)
	s := l.storage(t, db, sqlstore.SQLite)
	cells := resealtest.Cells(t)
	if err := s.Put(t.Context(), 1, cells); err != nil {
		t.Fatal(err)
	}
	list, err := s.Rows.Next(t.Context(), "", 1)
	if err != nil || len(list) != 1 {
		t.Fatalf("got %v, %v", list, err)
	}
	swapped := slices.Clone(cells)
	swapped[0], swapped[2] = swapped[2], swapped[0]
	for name, change := range map[string]reseal.Change{
		"nothing":        {},
		"made by hand":   {Old: reseal.Row{Cursor: "1", Cells: cells}, New: cells},
		"too few cells":  {Old: list[0], New: cells[:2]},
		"another order":  {Old: list[0], New: swapped},
		"another's rows": {Old: reseal.Row{Cursor: "1", Own: int64(1), Cells: cells}, New: cells},
	} {
		if got, err := s.Rows.Swap(t.Context(), []reseal.Change{change}); err == nil {
			t.Errorf("%s: got %v, want an error", name, got)
		}
	}
}

func rowsClosed(t *testing.T, d sqlstore.Dialect, empty func(testing.TB) *sql.DB) {
	l := layouts[0]
	db := empty(t)
	l.create(t, db, d)
	s := l.storage(t, db, d)
	if err := s.Put(t.Context(), 1, resealtest.Cells(t)); err != nil {
		t.Fatal(err)
	}
	list, err := s.Rows.Next(t.Context(), "", 1)
	if err != nil {
		t.Fatal(err)
	}
	changes := []reseal.Change{{Old: list[0], New: list[0].Cells}}
	for name, breakIt := range map[string]func(){
		"1 no table":    func() { execute(t, db, d, "DROP TABLE people") },
		"2 no database": func() { _ = db.Close() },
	} {
		_ = name
		breakIt()
		_, nextErr := s.Rows.Next(t.Context(), "", 1)
		_, swapErr := s.Rows.Swap(t.Context(), changes)
		if nextErr == nil || swapErr == nil {
			t.Errorf("%s: got %v, %v, want errors", name, nextErr, swapErr)
		}
		if name == "2 no database" {
			break // the other order cannot be
		}
	}
}

// A program whose connections do not wait for other writers waits all the same.
func TestRowsBusy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	other := openSQLite(t, path)
	l := layouts[0]
	l.create(t, other, sqlstore.SQLite)
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	s := l.storage(t, db, sqlstore.SQLite)
	if err := s.Put(t.Context(), 1, resealtest.Cells(t)); err != nil {
		t.Fatal(err)
	}
	list, err := s.Rows.Next(t.Context(), "", 1)
	if err != nil {
		t.Fatal(err)
	}
	changes := []reseal.Change{{Old: list[0], New: list[0].Cells}}
	tx, err := other.BeginTx(t.Context(), nil) // takes the lock
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if got, err := s.Rows.Swap(ctx, changes); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, %v, want DeadlineExceeded", got, err)
	}
	time.AfterFunc(30*time.Millisecond, func() { _ = tx.Rollback() })
	if got, err := s.Rows.Swap(t.Context(), changes); err != nil || got[0].State != reseal.Done {
		t.Errorf("got %v, %v, want it done when the other one is", got, err)
	}
}

// Without a write-ahead log, a reader keeps a transaction from its end.
func TestRowsBusyReader(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	l := layouts[0]
	l.create(t, db, sqlstore.SQLite)
	s := l.storage(t, db, sqlstore.SQLite)
	for id := range int64(3) {
		if err := s.Put(t.Context(), id+1, resealtest.Cells(t)); err != nil {
			t.Fatal(err)
		}
	}
	list, err := s.Rows.Next(t.Context(), "", 1)
	if err != nil {
		t.Fatal(err)
	}
	cells := slices.Clone(list[0].Cells)
	cells[0].Bytes = []byte{1}
	changes := []reseal.Change{{Old: list[0], New: cells}}
	reader, err := db.QueryContext(t.Context(), "SELECT id FROM people")
	if err != nil || !reader.Next() {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if got, err := s.Rows.Swap(ctx, changes); !errors.Is(err, context.DeadlineExceeded) || got != nil {
		t.Errorf("got %v, %v, want DeadlineExceeded", got, err)
	}
	if err := reader.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Rows.Swap(t.Context(), changes); err != nil || got[0].State != reseal.Done {
		t.Errorf("got %v, %v, want it done, and not before", got, err)
	}
}

// The resealer waits for nobody who holds rows in PostgreSQL, so that nobody waits for it in a ring.
func rowsLocked(t *testing.T, d sqlstore.Dialect, empty func(testing.TB) *sql.DB) {
	if d == sqlstore.SQLite {
		t.Skip("has one writer at a time")
	}
	db := empty(t)
	l := layouts[0]
	l.create(t, db, sqlstore.PostgreSQL)
	s := l.storage(t, db, sqlstore.PostgreSQL)
	var changes []reseal.Change
	for id := range int64(3) {
		if err := s.Put(t.Context(), id+1, resealtest.Cells(t)); err != nil {
			t.Fatal(err)
		}
	}
	list, err := s.Rows.Next(t.Context(), "", 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range list {
		cells := slices.Clone(row.Cells)
		cells[0].Bytes = []byte{1}
		changes = append(changes, reseal.Change{Old: row, New: cells})
	}
	for name, statement := range map[string]string{
		"update": "UPDATE people SET clear = 'y' WHERE id = 2",
		"delete": "DELETE FROM people WHERE id = 2",
		"lock":   "SELECT 1 FROM people WHERE id = 2 FOR UPDATE",
	} {
		tx, err := db.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
		got, err := s.Rows.Swap(t.Context(), changes)
		if err != nil || got[0].State != reseal.Done || got[1].State != reseal.Changed || got[2].State != reseal.Done {
			t.Errorf("%s: got %v, %v, want the second to be changed", name, got, err)
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
		execute(t, db, sqlstore.PostgreSQL, "UPDATE people SET email = NULL")
	}
}

// Transactions over several rows, in any order, must not fail because of the resealer.
func rowsNoDeadlock(t *testing.T, d sqlstore.Dialect, empty func(testing.TB) *sql.DB) {
	if d == sqlstore.SQLite {
		t.Skip("has one writer at a time")
	}
	db := empty(t)
	l := layouts[0]
	l.create(t, db, sqlstore.PostgreSQL)
	s := l.storage(t, db, sqlstore.PostgreSQL)
	for id := range int64(20) {
		if err := s.Put(t.Context(), id+1, resealtest.Cells(t)); err != nil {
			t.Fatal(err)
		}
	}
	stop := make(chan struct{})
	var resealer, wg sync.WaitGroup
	resealer.Go(func() {
		for n := byte(0); ; n++ {
			select {
			case <-stop:
				return
			default:
			}
			list, err := s.Rows.Next(t.Context(), "", 100)
			changes := make([]reseal.Change, len(list))
			for i, row := range list {
				changes[i] = reseal.Change{Old: row, New: slices.Clone(row.Cells)}
				changes[i].New[0].Bytes = []byte{n}
			}
			if err == nil {
				_, err = s.Rows.Swap(t.Context(), changes)
			}
			if err != nil {
				t.Error(err)
				return
			}
		}
	})
	// One program, which takes its rows from the last to the first.
	wg.Go(func() {
		for range 60 {
			tx, err := db.BeginTx(t.Context(), nil)
			if err != nil {
				t.Error(err)
				return
			}
			for id := 20; id > 0 && err == nil; id-- {
				_, err = tx.ExecContext(t.Context(), "UPDATE people SET clear = clear || 'y' WHERE id = $1", id)
			}
			if err = errors.Join(err, tx.Commit()); err != nil {
				t.Error(err)
				return
			}
		}
	})
	wg.Wait()
	close(stop)
	resealer.Wait()
	var short int
	const query = "SELECT count(*) FROM people WHERE length(clear) <> 61"
	if err := db.QueryRowContext(t.Context(), query).Scan(&short); err != nil || short != 0 {
		t.Errorf("%d rows have lost a write, %v", short, err)
	}
}
