package main

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
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
	CREATE INDEX IF NOT EXISTS orders_by_user ON orders(user_id, status, created_at);`

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

// user is one account. What is tagged is sealed for its row. It has no JSON form of its own, so that a hash cannot leave by
// accident.
type user struct {
	ID                   string
	Email                string `enc:"email,index=eq,bits=256,email"` // the whole hash: no two rows share one
	Password, Role, Tier string
	FirstName            string `enc:"first_name,pad=32"`
	LastName             string `enc:"last_name,pad=32"`
	Bio                  string `enc:"bio,pad=64"`
}

const (
	clearColumns  = "id, password, role, tier"
	sealedColumns = "email, email_eq, first_name, last_name, bio" // in the order of the fields
)

// addUser returns errTaken where the e-mail address has an account.
func (s *store) addUser(ctx context.Context, u user) error {
	// While keys change, the account may be there under the hash of another key, which no constraint compares.
	if _, err := s.userByEmail(ctx, u.Email); !errors.Is(err, errNotFound) {
		return cmp.Or(err, errTaken)
	}
	cells, err := s.people.SealRow(&u, field.Str(u.ID))
	if err != nil {
		return err
	}
	args := append([]any{u.ID, u.Password, u.Role, u.Tier}, cells.Args()...)
	result, err := s.db.ExecContext(ctx, "INSERT INTO users ("+clearColumns+", "+sealedColumns+", created_at)"+
		" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (email_eq) DO NOTHING", append(args, time.Now().Unix())...)
	return changed(result, err, errTaken)
}

// userByEmail finds an account by its address, in any case.
func (s *store) userByEmail(ctx context.Context, email string) (user, error) {
	wanted := user{Email: email}
	candidates, err := s.people.Candidates("email", &wanted)
	if errors.Is(err, field.ErrValue) { // no address
		return user{}, errNotFound
	}
	if err != nil {
		return user{}, err
	}
	args, places := make([]any, len(candidates)), make([]string, len(candidates))
	for i, c := range candidates {
		args[i], places[i] = c, "$"+strconv.Itoa(i+1)
	}
	found, err := s.someUsers(ctx, "email_eq IN ("+strings.Join(places, ", ")+")", args...)
	if err != nil {
		return user{}, err
	}
	for _, u := range found {
		if s.people.Same("email", &u, &wanted) {
			return u, nil
		}
	}
	return user{}, errNotFound
}

func (s *store) userByID(ctx context.Context, id string) (user, error) {
	found, err := s.someUsers(ctx, "id = $1", id)
	if err != nil || len(found) == 0 {
		return user{}, cmp.Or(err, errNotFound)
	}
	return found[0], nil
}

func (s *store) users(ctx context.Context) ([]user, error) {
	return s.someUsers(ctx, "1 = 1 ORDER BY created_at, id LIMIT 1000")
}

func (s *store) someUsers(ctx context.Context, where string, args ...any) ([]user, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT "+clearColumns+", "+sealedColumns+" FROM users WHERE "+where, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	all := []user{}
	for rows.Next() {
		var u user
		cells := s.people.Cells()
		if err := rows.Scan(append([]any{&u.ID, &u.Password, &u.Role, &u.Tier}, cells.Args()...)...); err != nil {
			return nil, err
		}
		if err := s.people.OpenRow(cells, &u, field.Str(u.ID)); err != nil {
			return nil, fmt.Errorf("user %s: %w", u.ID, err)
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

// eachPassword calls f with every account's stored hash. They are read in pages, so that no reading holds up the writers.
func (s *store) eachPassword(ctx context.Context, f func(id, hash string) error) error {
	for after := ""; ; {
		page, err := s.passwords(ctx, after)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, u := range page {
			if err := f(u.ID, u.Password); err != nil {
				return fmt.Errorf("user %s: %w", u.ID, err)
			}
		}
		after = page[len(page)-1].ID
	}
}

func (s *store) passwords(ctx context.Context, after string) (page []user, err error) {
	rows, err := s.db.QueryContext(ctx, "SELECT id, password FROM users WHERE id > $1 ORDER BY id LIMIT 500", after)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var u user
		if err := rows.Scan(&u.ID, &u.Password); err != nil {
			return nil, err
		}
		page = append(page, u)
	}
	return page, rows.Err()
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
