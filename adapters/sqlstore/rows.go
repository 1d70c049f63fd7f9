package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/field/reseal"
	"github.com/gopalisade/palisade/internal/conf"
)

// RowsConfig describes [Rows]. DB, Dialect, Table, Key and Cells are needed.
//
// Names are letters, digits and underscores, as the database has them: they are quoted, so case counts in PostgreSQL.
type RowsConfig struct {
	_ [0]func() // keyed literals only, never comparable

	DB      *sql.DB // the program's own, with its own table
	Dialect Dialect
	Table   string // "customers" or "shop.customers"

	// Key is a column of integers, text, bytes or, in PostgreSQL, of UUIDs: unique, not NULL, and never changed. Rows are
	// read in its order, so it needs an index.
	Key   string
	Cells field.Cells // the sealed columns, each with its index, as [field.Table.Cells] returns them

	Row    []string // columns of the key that the values are bound to, in their order; Key
	Tenant string   // column of the tenant, for reseal.Config.Tenant; none
	// Bind makes the binding of what Row holds, nil where it cannot; integers as [field.Int], text as [field.Str] and
	// bytes, such as a [field.RowKey]'s, as [field.Bytes]. UUIDs of PostgreSQL arrive as text.
	Bind func(values []any) []field.Part
}

// Rows is a table of the program's as [reseal.Rows]. It is safe for concurrent use.
//
// A cursor is the row's key as text: 42, "alice" or x0a1b. Values that are stored in their text form stay in it. A batch is
// swapped in one short transaction. In PostgreSQL it passes over rows that others have locked, so that it is never part of a
// deadlock. In SQLite it waits up to ten seconds for other writers, and they for it; since they look again only from time to
// time, a resealer that goes as fast as it can may keep one of them for a second: leave them room with RowsPerSecond.
type Rows struct {
	db      *sql.DB
	dialect Dialect
	cells   field.Cells
	index   []bool // whether a cell is an index's
	parts   int    // columns of Row
	tenant  bool
	bind    func([]any) []field.Part

	first, next, get, swap, null string // statements
}

var _ reseal.Rows = (*Rows)(nil)

// NewRows returns Rows, or every fault of cfg joined. It does not ask the database whether the table is there.
func NewRows(cfg RowsConfig) (*Rows, error) {
	if len(cfg.Row) == 0 {
		cfg.Row = []string{cfg.Key}
	}
	f := conf.Faults{Room: "sqlstore"}
	f.Check(cfg.DB != nil, "DB", nil, "is required")
	f.Check(cfg.Dialect == SQLite || cfg.Dialect == PostgreSQL, "Dialect", cfg.Dialect, "must be SQLite or PostgreSQL")
	table := strings.Split(cfg.Table, ".")
	f.Check(len(table) <= 2 && areNames(table...), "Table", cfg.Table, "must be one name, or two with a dot between them")
	checkName(&f, "Key", cfg.Key)
	for i, name := range cfg.Row {
		if name != cfg.Key {
			checkName(&f, fmt.Sprintf("Row[%d]", i), name)
		}
	}
	f.Check(cfg.Tenant == "" || areNames(cfg.Tenant), "Tenant", cfg.Tenant, badName)
	f.Check(len(cfg.Cells) > 0, "Cells", nil, "is required")
	for i, c := range cfg.Cells {
		checkName(&f, fmt.Sprintf("Cells[%d]", i), c.Column)
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	if cfg.Bind == nil {
		cfg.Bind = bindByType
	}
	r := &Rows{
		db: cfg.DB, dialect: cfg.Dialect, parts: len(cfg.Row), tenant: cfg.Tenant != "", bind: cfg.Bind,
		cells: make(field.Cells, len(cfg.Cells)), index: make([]bool, len(cfg.Cells)),
	}
	for i, c := range cfg.Cells {
		c.Bytes = []byte{} // which is no sealed value
		_, err := c.SealedBy()
		c.Bytes = nil
		r.cells[i], r.index[i] = c, err == nil
	}
	r.prepare(cfg, table)
	return r, nil
}

const badName = "must be a name of letters, digits and underscores, at most 63"

func checkName(f *conf.Faults, field, name string) { f.Check(areNames(name), field, name, badName) }

// areNames reports whether each is a name that needs no care to be quoted.
func areNames(names ...string) bool {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"
	for _, name := range names {
		if name == "" || len(name) > 63 || strings.Trim(name, letters+"0123456789") != "" || !strings.Contains(letters, name[:1]) {
			return false
		}
	}
	return true
}

// prepare writes the statements.
func (r *Rows) prepare(cfg RowsConfig, table []string) {
	quote := func(name string) string { return `"` + name + `"` }
	same := " IS NOT DISTINCT FROM "
	if r.dialect == SQLite {
		// What stands in double quotes and is no column is a string there.
		quote, same = func(name string) string { return "`" + name + "`" }, " IS "
	}
	from := quote(table[0])
	if len(table) == 2 {
		from += "." + quote(table[1])
	}
	key := quote(cfg.Key)
	columns := []string{key}
	for _, name := range cfg.Row {
		columns = append(columns, quote(name))
	}
	if r.tenant {
		columns = append(columns, quote(cfg.Tenant))
	}
	n := len(r.cells)
	var set, where []string
	for i, c := range r.cells {
		columns = append(columns, quote(c.Column))
		set = append(set, fmt.Sprintf("%s = $%d", quote(c.Column), i+1))
		where = append(where, fmt.Sprintf(" AND %s%s$%d", quote(c.Column), same, n+2+i))
	}
	row := fmt.Sprintf("$%d", n+1)
	if r.dialect == PostgreSQL {
		row = fmt.Sprintf("(SELECT %s FROM %s WHERE %s = %s FOR NO KEY UPDATE SKIP LOCKED)", key, from, key, row)
	}
	read := "SELECT " + strings.Join(columns, ", ") + " FROM " + from
	r.first = read + " ORDER BY " + key + " LIMIT $1"
	r.next = read + " WHERE " + key + " > $1 ORDER BY " + key + " LIMIT $2"
	r.null = "SELECT count(*) FROM (SELECT 1 FROM " + from + " WHERE " + key + " IS NULL LIMIT 1) AS n"
	r.get = read + " WHERE " + key + " = $1"
	r.swap = "UPDATE " + from + " SET " + strings.Join(set, ", ") + " WHERE " + key + " = " + row + strings.Join(where, "")
}

// Next implements [reseal.Rows].
func (r *Rows) Next(ctx context.Context, after string, n int) (batch []reseal.Row, err error) {
	statement, args := r.first, []any{n}
	if after != "" {
		key, err := parseCursor(after)
		if err != nil {
			return nil, err
		}
		statement, args = r.next, []any{key, n}
	}
	err = query(ctx, r.db, func(rows *sql.Rows) error {
		row, err := r.scan(rows)
		batch = append(batch, row)
		return err
	}, statement, args...)
	if err != nil {
		return nil, err
	}
	if len(batch) > 0 {
		return batch, nil
	}
	// PostgreSQL has NULL behind all others, and greater than none of them.
	var nulls int
	if err := r.db.QueryRowContext(ctx, r.null).Scan(&nulls); err != nil {
		return nil, err
	}
	if nulls > 0 {
		return nil, errKey
	}
	return nil, nil
}
