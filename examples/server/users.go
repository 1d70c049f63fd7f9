package main

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/gopalisade/palisade/adapters/sqlstore"
	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/monitor/event"
)

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
	cells, err := s.people.SealRow(&u, field.Str(u.ID))
	if err != nil {
		return err
	}
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	// While keys change, the account may be there, or be made in this moment, under the hash of another key, which no
	// constraint compares. SQLite's transactions begin one after the other.
	if s.dialect == sqlstore.PostgreSQL {
		if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock(7013)"); err != nil {
			return err
		}
	}
	if _, err := s.byEmail(ctx, tx, u.Email); !errors.Is(err, errNotFound) {
		return cmp.Or(err, errTaken)
	}
	args := append([]any{u.ID, u.Password, u.Role, u.Tier}, cells.Args()...)
	result, err := tx.ExecContext(ctx, "INSERT INTO users ("+clearColumns+", "+sealedColumns+", created_at)"+
		" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (email_eq) DO NOTHING", append(args, time.Now().Unix())...)
	if err := changed(result, err, errTaken); err != nil {
		return err
	}
	return tx.Commit()
}

// userByEmail finds an account by its address, in any case.
func (s *store) userByEmail(ctx context.Context, email string) (user, error) {
	return s.byEmail(ctx, s.db, email)
}

func (s *store) byEmail(ctx context.Context, q querier, email string) (user, error) {
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
	found, damaged, err := s.someUsers(ctx, q, "email_eq IN ("+strings.Join(places, ", ")+")", args...)
	if err := errors.Join(err, damaged); err != nil {
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
	found, damaged, err := s.someUsers(ctx, s.db, "id = $1", id)
	if err := errors.Join(err, damaged); err != nil {
		return user{}, err
	}
	if len(found) == 0 {
		return user{}, errNotFound
	}
	return found[0], nil
}

// users lists the accounts. One that cannot be opened is an event, and no reason to show nobody.
func (s *store) users(ctx context.Context) ([]user, error) {
	all, damaged, err := s.someUsers(ctx, s.db, "1 = 1 ORDER BY created_at, id LIMIT 1000")
	if damaged != nil {
		event.Emit(ctx, event.Event{Code: event.CryptDecryptFail, Level: slog.LevelError, Reason: "account", Err: damaged})
	}
	return all, err
}

// querier is a database, or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// someUsers returns those that can be opened, and apart what is wrong with the others.
func (s *store) someUsers(ctx context.Context, q querier, where string, args ...any) (all []user, damaged, err error) {
	rows, err := q.QueryContext(ctx, "SELECT "+clearColumns+", "+sealedColumns+" FROM users WHERE "+where, args...)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = rows.Close() }()
	all = []user{}
	for rows.Next() {
		var u user
		cells := s.people.Cells()
		err := rows.Scan(append([]any{&u.ID, &u.Password, &u.Role, &u.Tier}, cells.Args()...)...)
		if err == nil {
			err = s.people.OpenRow(cells, &u, field.Str(u.ID))
		}
		if err != nil {
			damaged = errors.Join(damaged, fmt.Errorf("user %s: %w", u.ID, err))
			continue
		}
		all = append(all, u)
	}
	return all, damaged, rows.Err()
}

// dataKeys are the numbers of the keys that data may be sealed with.
func (s *store) dataKeys(ctx context.Context) (ids []field.KeyID, err error) {
	rows, err := s.db.QueryContext(ctx, "SELECT id FROM data_keys")
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, field.KeyID(id))
	}
	return ids, rows.Err()
}

func (s *store) addDataKey(ctx context.Context, id field.KeyID) error {
	_, err := s.db.ExecContext(ctx, "INSERT INTO data_keys (id) VALUES ($1) ON CONFLICT (id) DO NOTHING", int64(id))
	return err
}

func (s *store) deleteDataKey(ctx context.Context, id field.KeyID) error {
	_, err := s.db.ExecContext(ctx, "DELETE FROM data_keys WHERE id = $1", int64(id))
	return err
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
