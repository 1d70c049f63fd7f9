package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite", in Go: no C compiler is needed

	"github.com/gopalisade/palisade/adapters/sqlstore"
)

// store keeps users and orders in a database that several processes may share, and the rooms' data beside them.
type store struct {
	db    *sql.DB
	rooms *sqlstore.Store
}

// schema is understood by SQLite and PostgreSQL. Statements are added at its end, and leave alone what is there.
const schema = `
	CREATE TABLE IF NOT EXISTS users (
		id TEXT PRIMARY KEY,
		email TEXT NOT NULL UNIQUE,
		password TEXT NOT NULL,
		role TEXT NOT NULL,
		tier TEXT NOT NULL,
		first_name TEXT NOT NULL DEFAULT '',
		last_name TEXT NOT NULL DEFAULT '',
		bio TEXT NOT NULL DEFAULT '',
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
	CREATE INDEX IF NOT EXISTS orders_by_user ON orders(user_id, status, created_at);`

var (
	errNotFound = errors.New("not found")
	errTaken    = errors.New("already taken")
)

// openStore opens the database: PostgreSQL where cfg names one, else a file in the data folder.
func openStore(ctx context.Context, cfg config) (*store, error) {
	if err := os.MkdirAll(cfg.data, 0o700); err != nil { // for the keys, in any case
		return nil, err
	}
	var db *sql.DB
	var err error
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
	s := &store{db: db}
	if s.rooms, err = sqlstore.New(ctx, sqlstore.Config{DB: db, Dialect: dialect}); err == nil {
		err = s.migrate(ctx, dialect)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

// migrate makes the tables. Processes that start at once wait for each other: SQLite's transactions always do.
func (s *store) migrate(ctx context.Context, dialect sqlstore.Dialect) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if dialect == sqlstore.PostgreSQL {
		if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock(7012)"); err != nil {
			return err
		}
	}
	for statement := range strings.SplitSeq(strings.TrimSuffix(schema, ";"), ";") {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("migrate: %w", err)
		}
	}
	return tx.Commit()
}

// user is one account. It has no JSON form of its own, so that a hash cannot leave by accident.
type user struct {
	ID, Email, Password, Role, Tier string
	FirstName, LastName, Bio        string
}

const userColumns = "id, email, password, role, tier, first_name, last_name, bio"

func (u *user) fields() []any {
	return []any{&u.ID, &u.Email, &u.Password, &u.Role, &u.Tier, &u.FirstName, &u.LastName, &u.Bio}
}

// addUser returns errTaken where the e-mail address has an account.
func (s *store) addUser(ctx context.Context, u user) error {
	result, err := s.db.ExecContext(ctx,
		"INSERT INTO users ("+userColumns+", created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (email) DO NOTHING",
		u.ID, u.Email, u.Password, u.Role, u.Tier, u.FirstName, u.LastName, u.Bio, time.Now().Unix())
	return changed(result, err, errTaken)
}

func (s *store) userByEmail(ctx context.Context, email string) (user, error) {
	return s.oneUser(ctx, "email = $1", email)
}

func (s *store) userByID(ctx context.Context, id string) (user, error) {
	return s.oneUser(ctx, "id = $1", id)
}

func (s *store) oneUser(ctx context.Context, where string, arg any) (user, error) {
	var u user
	err := s.db.QueryRowContext(ctx, "SELECT "+userColumns+" FROM users WHERE "+where, arg).Scan(u.fields()...)
	if errors.Is(err, sql.ErrNoRows) {
		return user{}, errNotFound
	}
	return u, err
}

func (s *store) users(ctx context.Context) ([]user, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT "+userColumns+" FROM users ORDER BY created_at, id LIMIT 1000")
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	all := []user{}
	for rows.Next() {
		var u user
		if err := rows.Scan(u.fields()...); err != nil {
			return nil, err
		}
		all = append(all, u)
	}
	return all, rows.Err()
}

func (s *store) setPassword(ctx context.Context, id, old, hash string) error {
	// Only over the hash that was verified: a password that was changed meanwhile stays changed.
	result, err := s.db.ExecContext(ctx, "UPDATE users SET password = $1 WHERE id = $2 AND password = $3", hash, id, old)
	return changed(result, err, errNotFound)
}

func (s *store) deleteUser(ctx context.Context, id string) error {
	result, err := s.db.ExecContext(ctx, "DELETE FROM users WHERE id = $1", id)
	return changed(result, err, errNotFound)
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
