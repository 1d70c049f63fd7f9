package sqlstore_test

import (
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/adapters/sqlstore"
	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/field/reseal/resealtest"
	"github.com/gopalisade/palisade/internal/conf"
)

// layout is a way to have the table of the suite.
type layout struct {
	name    string
	columns string // of the key, and of id where that is another
	key     string
	keyOf   func(id int64) any
	sealed  string // type of sealed columns
	text    bool   // stored in their text form
	only    sqlstore.Dialect
}

var layouts = []layout{
	{name: "numbers", columns: "id BIGINT PRIMARY KEY", key: "id", sealed: "BYTEA"},
	{
		name: "text keys, text form", columns: "k TEXT PRIMARY KEY, id BIGINT NOT NULL", key: "k", sealed: "TEXT", text: true,
		keyOf: func(id int64) any { return fmt.Sprintf("it's \"%020d\" ä", id) },
	},
	{
		name: "bytes, text form in bytes", only: sqlstore.SQLite,
		columns: "k BYTEA PRIMARY KEY, id BIGINT NOT NULL", key: "k", sealed: "BYTEA", text: true,
		keyOf: func(id int64) any { return binary.BigEndian.AppendUint64([]byte{0xff}, uint64(id)) },
	},
	{
		name: "UUIDs", only: sqlstore.PostgreSQL, columns: "k UUID PRIMARY KEY, id BIGINT NOT NULL", key: "k", sealed: "BYTEA",
		keyOf: func(id int64) any { return fmt.Sprintf("00000000-0000-4000-8000-%012x", id&0xffffffffffff) },
	},
}

// create makes the table people, in which nothing is as others would have it.
func (l layout) create(t testing.TB, db *sql.DB, d sqlstore.Dialect) {
	t.Helper()
	statement := fmt.Sprintf("CREATE TABLE people (%s, email %s, email_eq BYTEA, phone %s, note %s, clear TEXT DEFAULT 'x')",
		l.columns, l.sealed, l.sealed, l.sealed)
	if d == sqlstore.SQLite {
		statement = strings.ReplaceAll(statement, "BYTEA", "BLOB")
		statement = strings.ReplaceAll(statement, "BIGINT", "INTEGER")
	}
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

func (l layout) storage(t testing.TB, db *sql.DB, d sqlstore.Dialect) resealtest.Storage {
	t.Helper()
	rows, err := sqlstore.NewRows(sqlstore.RowsConfig{
		DB: db, Dialect: d, Table: "people", Key: l.key, Row: []string{"id"}, Cells: resealtest.Cells(t),
	})
	if err != nil {
		t.Fatal(err)
	}
	columns, holders := "id, email, email_eq, phone, note", "$1, $2, $3, $4, $5"
	if l.keyOf != nil {
		columns, holders = columns+", "+l.key, holders+", $6"
	}
	put := fmt.Sprintf("INSERT INTO people (%s) VALUES (%s) ON CONFLICT (%s) DO UPDATE SET email = excluded.email,"+
		" email_eq = excluded.email_eq, phone = excluded.phone, note = excluded.note", columns, holders, l.key)
	return resealtest.Storage{
		Rows: rows,
		Put: func(ctx context.Context, id int64, cells field.Cells) error {
			args := []any{id}
			for i := range cells {
				args = append(args, l.value(cells[i], i == 1))
			}
			if l.keyOf != nil {
				args = append(args, l.keyOf(id))
			}
			_, err := db.ExecContext(ctx, put, args...)
			return err
		},
		Delete: func(ctx context.Context, id int64) error {
			_, err := db.ExecContext(ctx, "DELETE FROM people WHERE id = $1", id)
			return err
		},
	}
}

// value is what a cell is stored as. What is no sealed value has no text form either.
func (l layout) value(c field.Cell, isIndex bool) any {
	_, err := field.Inspect(c.Bytes)
	switch {
	case c.Bytes == nil:
		return nil
	case isIndex, !l.text:
		return c.Bytes
	case err == nil && l.sealed == "BYTEA":
		return []byte(field.Text(c.Bytes))
	case err == nil:
		return field.Text(c.Bytes)
	}
	return string(c.Bytes)
}

func TestRows(t *testing.T) {
	dialects(t, func(t *testing.T, d sqlstore.Dialect, empty func(testing.TB) *sql.DB) {
		for _, l := range layouts {
			if l.only != 0 && l.only != d {
				continue
			}
			t.Run(l.name, func(t *testing.T) {
				resealtest.Run(t, func(t *testing.T) resealtest.Storage {
					db := empty(t)
					l.create(t, db, d)
					return l.storage(t, db, d)
				})
			})
		}
		for name, check := range map[string]func(*testing.T, sqlstore.Dialect, func(testing.TB) *sql.DB){
			"bindings":         rowsBindings,
			"tenants":          rowsTenants,
			"names":            rowsNames,
			"without database": rowsClosed,
			"locked":           rowsLocked,
			"no deadlock":      rowsNoDeadlock,
			"checkpoint":       checkpoints,
		} {
			t.Run(name, func(t *testing.T) { check(t, d, empty) })
		}
	})
}

func TestRowsFaults(t *testing.T) {
	db := openSQLite(t, filepath.Join(t.TempDir(), "test.db"))
	good := func() sqlstore.RowsConfig {
		return sqlstore.RowsConfig{
			DB: db, Dialect: sqlstore.SQLite, Table: "people", Key: "id", Cells: resealtest.Cells(t), Row: []string{"a", "B_2"},
			Tenant: "tenant",
		}
	}
	for _, tc := range []struct {
		name   string
		change func(*sqlstore.RowsConfig)
		want   string // fields
	}{
		{"good", func(*sqlstore.RowsConfig) {}, ""},
		{"with a schema", func(c *sqlstore.RowsConfig) { c.Table = "main.people" }, ""},
		{"nothing", func(c *sqlstore.RowsConfig) { *c = sqlstore.RowsConfig{} }, "DB Dialect Table Key Cells"},
		{"three names", func(c *sqlstore.RowsConfig) { c.Table = "a.b.c" }, "Table"},
		{"half a schema", func(c *sqlstore.RowsConfig) { c.Table = "a." }, "Table"},
		{"quoted", func(c *sqlstore.RowsConfig) { c.Table = `"people"` }, "Table"},
		{"injected", func(c *sqlstore.RowsConfig) { c.Key = "id; DROP TABLE people" }, "Key"},
		{"backtick", func(c *sqlstore.RowsConfig) { c.Tenant = "a`b" }, "Tenant"},
		{"digit first", func(c *sqlstore.RowsConfig) { c.Row = []string{"a", "1a"} }, "Row[1]"},
		{"not ASCII", func(c *sqlstore.RowsConfig) { c.Row = []string{"ä"} }, "Row[0]"},
		{"long", func(c *sqlstore.RowsConfig) { c.Key = strings.Repeat("a", 64) }, "Key"},
		{"column", func(c *sqlstore.RowsConfig) { c.Cells[2].Column = "x y" }, "Cells[2]"},
	} {
		cfg := good()
		tc.change(&cfg)
		rows, err := sqlstore.NewRows(cfg)
		var got []string
		for _, fault := range conf.All(err) {
			got = append(got, fault.Field)
		}
		if strings.Join(got, " ") != tc.want || (rows == nil) != (tc.want != "") {
			t.Errorf("%s: got %v, want faults in %q", tc.name, err, tc.want)
		}
	}
}
