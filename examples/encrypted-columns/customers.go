package main

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"

	"github.com/gopalisade/palisade/adapters/sqlstore"
	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/field/reseal"
)

// customer is a row. The database numbers it when it is inserted, so its sealed columns are bound to Row, which is drawn before.
type customer struct {
	ID    int64
	Row   field.RowKey
	Email string  `enc:"email,index=eq,email,population=100000"` // and email_eq
	Phone *string `enc:"phone,pad=32"`                           // nil is NULL
}

const schema = `CREATE TABLE IF NOT EXISTS customers (
	id INTEGER PRIMARY KEY, row BLOB NOT NULL, email BLOB NOT NULL, email_eq BLOB NOT NULL, phone BLOB
) STRICT;
CREATE INDEX IF NOT EXISTS customers_by_email ON customers(email_eq)`

// customers is the table.
type customers struct {
	db     *sql.DB
	sealed *field.Table[customer]
}

func openCustomers(ctx context.Context, db *sql.DB, ring *field.Ring) (*customers, error) {
	sealed, err := field.NewTable[customer](field.TableConfig{Ring: ring, Table: "customers"})
	if err != nil {
		return nil, err
	}
	_, err = db.ExecContext(ctx, schema)
	return &customers{db, sealed}, err
}

func (c *customers) add(ctx context.Context, who customer) error {
	who.Row = field.NewRowKey()
	cells, err := c.sealed.SealRow(&who, who.Row.Part())
	if err != nil {
		return err
	}
	_, err = c.db.ExecContext(ctx, "INSERT INTO customers (row, email, email_eq, phone) VALUES ($1, $2, $3, $4)",
		append([]any{who.Row}, cells.Args()...)...)
	return err
}

func (c *customers) byID(ctx context.Context, id int64) (customer, error) {
	return c.one(ctx, "id = $1", []any{id}, nil)
}

// byEmail asks for every row that may be the one, and opens them: an index value is cut off, and others can share it.
func (c *customers) byEmail(ctx context.Context, email string) (customer, error) {
	wanted := customer{Email: email}
	candidates, err := c.sealed.Candidates("email", &wanted)
	if err != nil {
		return customer{}, err
	}
	args, places := make([]any, len(candidates)), make([]string, len(candidates))
	for i, value := range candidates {
		args[i], places[i] = value, "$"+strconv.Itoa(i+1)
	}
	return c.one(ctx, "email_eq IN ("+strings.Join(places, ", ")+")", args, &wanted)
}

func (c *customers) remove(ctx context.Context, id int64) error {
	_, err := c.db.ExecContext(ctx, "DELETE FROM customers WHERE id = $1", id)
	return err
}

// one returns the first row, whose address is that of wanted, if there is one.
func (c *customers) one(ctx context.Context, where string, args []any, wanted *customer) (customer, error) {
	rows, err := c.db.QueryContext(ctx, "SELECT id, row, email, email_eq, phone FROM customers WHERE "+where+" ORDER BY id", args...)
	if err != nil {
		return customer{}, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var got customer
		cells := c.sealed.Cells()
		if err := rows.Scan(append([]any{&got.ID, &got.Row}, cells.Args()...)...); err != nil {
			return customer{}, err
		}
		if err := c.sealed.OpenRow(cells, &got, got.Row.Part()); err != nil {
			return customer{}, err
		}
		if wanted == nil || c.sealed.Same("email", &got, wanted) {
			return got, nil
		}
	}
	return customer{}, cmp.Or(rows.Err(), sql.ErrNoRows)
}

// rotate lets a new key take over, seals every row again under it, and takes the old one out of use. Several processes make
// the key Active in all of them first, then Primary in all of them.
func (c *customers) rotate(ctx context.Context, ring *field.Ring, key field.Key) (string, error) {
	old := ring.Keys()[0].ID
	if err := ring.Add(key); err != nil {
		return "", err
	}
	rows, err := sqlstore.NewRows(sqlstore.RowsConfig{
		DB: c.db, Dialect: sqlstore.SQLite, Table: "customers", Key: "id", Row: []string{"row"}, Cells: c.sealed.Cells(),
	})
	if err != nil {
		return "", err
	}
	resealer, err := reseal.New(reseal.Config{Ring: ring, Rows: rows, Table: c.sealed})
	if err != nil {
		return "", err
	}
	done, err := resealer.Run(ctx) // may be stopped, and run again
	if err != nil {
		return "", err
	}
	if err := reseal.Retire(ctx, ring, old, rows); err != nil { // not before nothing needs it
		return "", err
	}
	return fmt.Sprintf("%d row sealed again, key %d retired", done.Resealed, old), nil
}
