package sqlstore

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/gopalisade/palisade/internal/conf"
)

// Dialect says which database a *sql.DB speaks to.
type Dialect uint8

// The dialects. The zero value is none: a guess would be wrong in half of the cases.
const (
	SQLite     Dialect = iota + 1 // 3.37 or newer
	PostgreSQL                    // 12 or newer
)

// Config describes a [Store]. Both fields are required.
type Config struct {
	_ [0]func() // keyed literals only, never comparable

	DB      *sql.DB // stays the caller's, who closes it
	Dialect Dialect
}

// Store keeps the rooms' data in one database. It is safe for concurrent use.
type Store struct {
	db      *sql.DB
	dialect Dialect
	// SQLite has one writer at a time. Those of this process queue here, in their order; left to themselves they would
	// poll for the lock of the file, and some would starve.
	writer chan struct{}
}

// New returns a Store, or every fault of cfg joined. It makes the tables, or brings those of an older version up to date;
// processes that start at the same time wait for each other. A database of a newer version is an error.
func New(ctx context.Context, cfg Config) (*Store, error) {
	f := conf.Faults{Room: "sqlstore"}
	f.Check(cfg.DB != nil, "DB", nil, "is required")
	f.Check(cfg.Dialect == SQLite || cfg.Dialect == PostgreSQL, "Dialect", cfg.Dialect, "must be SQLite or PostgreSQL")
	if err := f.Err(); err != nil {
		return nil, err
	}
	s := &Store{db: cfg.DB, dialect: cfg.Dialect}
	if s.dialect == SQLite {
		s.writer = make(chan struct{}, 1)
	}
	if err := s.migrate(ctx); err != nil {
		return nil, fmt.Errorf("sqlstore: migrate: %w", err)
	}
	return s, nil
}
