package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
)

// part is what one room keeps. Its steps are applied in order, each once, and never change after a release: what is wrong
// in one is mended by the next. They are written for PostgreSQL, one statement each.
type part struct {
	name  string
	steps [][]string
}

// parts lists the rooms' parts, in any order: they do not know each other.
func parts() []part {
	return []part{
		{"sessions", sessionSteps()},
		{"api_keys", apiKeySteps()},
		{"cards", cardSteps()},
		{"checkpoints", checkpointSteps()},
		{"data_keys", dataKeySteps()},
	}
}

// migrationLock is the key of the advisory lock, any number that others are unlikely to use.
const migrationLock = 0x70616c6973616465

func (s *Store) migrate(ctx context.Context) error {
	unlock, err := s.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	// By hand, because only IMMEDIATE makes others wait from here on, whatever the driver was told to begin with.
	begin := []string{"BEGIN IMMEDIATE"}
	if s.dialect == PostgreSQL {
		begin = []string{"BEGIN", fmt.Sprintf("SELECT pg_advisory_xact_lock(%d)", int64(migrationLock))}
	}
	err = s.run(ctx, conn, begin...)
	if err == nil {
		err = s.upgrade(ctx, conn)
	}
	if err == nil {
		err = s.run(ctx, conn, "COMMIT")
	}
	if err != nil {
		// The connection may be inside of the transaction still; without it the database rolls back.
		_ = conn.Raw(func(any) error { return driver.ErrBadConn })
	}
	return err
}

func (s *Store) upgrade(ctx context.Context, conn *sql.Conn) error {
	const versions = "CREATE TABLE IF NOT EXISTS palisade_schema (part TEXT NOT NULL PRIMARY KEY, version BIGINT NOT NULL)"
	if err := s.run(ctx, conn, versions); err != nil {
		return err
	}
	for _, p := range parts() {
		var done int
		err := conn.QueryRowContext(ctx, "SELECT version FROM palisade_schema WHERE part = $1", p.name).Scan(&done)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if done > len(p.steps) {
			return fmt.Errorf("%s has version %d, this program knows %d", p.name, done, len(p.steps))
		}
		for _, step := range p.steps[done:] {
			if err := s.run(ctx, conn, step...); err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
		}
		const set = "INSERT INTO palisade_schema (part, version) VALUES ($1, $2)" +
			" ON CONFLICT (part) DO UPDATE SET version = excluded.version"
		if _, err := conn.ExecContext(ctx, set, p.name, len(p.steps)); err != nil {
			return err
		}
	}
	return nil
}

// run executes statements of the schema in the database's own words.
func (s *Store) run(ctx context.Context, conn *sql.Conn, statements ...string) error {
	for _, statement := range statements {
		if s.dialect == SQLite {
			statement = strings.NewReplacer("BIGINT", "INTEGER", "BYTEA", "BLOB").Replace(statement)
			if strings.HasPrefix(statement, "CREATE TABLE") {
				statement += " STRICT"
			}
		}
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}
