package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite", in Go: no C compiler is needed

	"github.com/gopalisade/palisade/adapters/sqlstore"
	"github.com/gopalisade/palisade/crypto/field"
)

// store keeps users and orders in a database that several processes may share, and the rooms' data beside them.
type store struct {
	db      *sql.DB
	dialect sqlstore.Dialect
	rooms   *sqlstore.Store
	people  *field.Table[user]
}

// schema is PostgreSQL's, and SQLite's with another word for bytes. Statements are added at its end, and leave alone what is
// there. What is BYTEA is sealed, but email_eq, a keyed hash of the address that finds it and keeps it unique.
const schema = `
	CREATE TABLE IF NOT EXISTS users (
		id TEXT PRIMARY KEY,
		email BYTEA NOT NULL,
		email_eq BYTEA NOT NULL UNIQUE,
		password TEXT NOT NULL,
		role TEXT NOT NULL,
		tier TEXT NOT NULL,
		first_name BYTEA NOT NULL,
		last_name BYTEA NOT NULL,
		bio BYTEA NOT NULL,
		created_at BIGINT NOT NULL
	);
	CREATE TABLE IF NOT EXISTS orders (
		id TEXT PRIMARY KEY,
		user_id TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
		item TEXT NOT NULL,
		quantity BIGINT NOT NULL,
		status TEXT NOT NULL,
		created_at BIGINT NOT NULL
	);
	CREATE INDEX IF NOT EXISTS orders_by_user ON orders(user_id, status, created_at);
	CREATE TABLE IF NOT EXISTS data_keys (
		id BIGINT PRIMARY KEY
	);`

var (
	errNotFound = errors.New("not found")
	errTaken    = errors.New("already taken")
)

// openStore opens the database: PostgreSQL where cfg names one, else a file in the data folder. What it keeps of people is
// sealed by the ring.
func openStore(ctx context.Context, cfg config, ring *field.Ring) (*store, error) {
	people, err := field.NewTable[user](field.TableConfig{Ring: ring, Table: "users"})
	if err != nil {
		return nil, err
	}
	var db *sql.DB
	dialect := sqlstore.SQLite
	if cfg.postgres == "" {
		db, err = sqlstore.OpenSQLite(filepath.Join(cfg.data, "palisade.db"))
	} else {
		dialect = sqlstore.PostgreSQL
		db, err = sql.Open("pgx", cfg.postgres)
	}
	if err != nil {
		return nil, err
	}
	s := &store{db: db, dialect: dialect, people: people}
	if s.rooms, err = sqlstore.New(ctx, sqlstore.Config{DB: db, Dialect: dialect}); err == nil {
		err = s.migrate(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

// migrate makes the tables. Processes that start at once wait for each other: SQLite's transactions always do.
func (s *store) migrate(ctx context.Context) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if s.dialect == sqlstore.PostgreSQL {
		if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock(7012)"); err != nil {
			return err
		}
	}
	for statement := range strings.SplitSeq(strings.TrimSuffix(schema, ";"), ";") {
		if s.dialect == sqlstore.SQLite {
			statement = strings.ReplaceAll(statement, "BYTEA", "BLOB")
		}
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("migrate: %w", err)
		}
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	if _, err := s.db.ExecContext(ctx, "SELECT email_eq FROM users WHERE 1 = 0"); err != nil {
		return errors.New("the database was made before e-mail addresses were sealed: move it away, and start anew")
	}
	return nil
}

func (s *store) count(ctx context.Context, table string) (n int, err error) {
	err = s.db.QueryRowContext(ctx, "SELECT count(*) FROM "+table).Scan(&n) // table is one of our own words
	return n, err
}

// order belongs to one user.
type order struct {
	ID       string `json:"id"`
	Item     string `json:"item"`
	Quantity int    `json:"quantity"`
	Status   string `json:"status"`
	UserID   string `json:"user_id"`
}

func (o *order) fields() []any { return []any{&o.ID, &o.Item, &o.Quantity, &o.Status, &o.UserID} }

const orderColumns = "id, item, quantity, status, user_id"

// addOrder returns errNotFound where the user is gone.
func (s *store) addOrder(ctx context.Context, o order) error {
	result, err := s.db.ExecContext(ctx,
		"INSERT INTO orders ("+orderColumns+", created_at) SELECT $1, $2, CAST($3 AS BIGINT), $4, id, CAST($5 AS BIGINT) FROM users WHERE id = $6",
		o.ID, o.Item, o.Quantity, o.Status, time.Now().UnixNano(), o.UserID)
	return changed(result, err, errNotFound)
}

// order finds an order by id and owner: another user's does not exist.
func (s *store) order(ctx context.Context, id, userID string) (order, error) {
	var o order
	err := s.db.QueryRowContext(ctx, "SELECT "+orderColumns+" FROM orders WHERE id = $1 AND user_id = $2", id, userID).Scan(o.fields()...)
	if errors.Is(err, sql.ErrNoRows) {
		return order{}, errNotFound
	}
	return o, err
}

// orders returns one page of a user's orders, newest first, and how many there are; an empty status means any.
func (s *store) orders(ctx context.Context, userID, status string, limit, offset int) ([]order, int, error) {
	const where = " FROM orders WHERE user_id = $1 AND ($2 = '' OR status = $2)"
	var total int
	if err := s.db.QueryRowContext(ctx, "SELECT count(*)"+where, userID, status).Scan(&total); err != nil {
		return nil, 0, err
	}
	rows, err := s.db.QueryContext(ctx, "SELECT "+orderColumns+where+" ORDER BY created_at DESC, id LIMIT $3 OFFSET $4", userID, status, limit, offset)
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = rows.Close() }()
	page := []order{}
	for rows.Next() {
		var o order
		if err := rows.Scan(o.fields()...); err != nil {
			return nil, 0, err
		}
		page = append(page, o)
	}
	return page, total, rows.Err()
}

// changed turns "no row" into an error of ours.
func changed(result sql.Result, err, none error) error {
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n > 0 {
		return err
	}
	return none
}
