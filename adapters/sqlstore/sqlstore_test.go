package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gopalisade/palisade/adapters/sqlstore"
	"github.com/gopalisade/palisade/auth/session"
	"github.com/gopalisade/palisade/internal/conf"
	"github.com/gopalisade/palisade/internal/servertest"
)

func TestNewFaults(t *testing.T) {
	db := openSQLite(t, filepath.Join(t.TempDir(), "test.db"))
	for _, tc := range []struct {
		name string
		cfg  sqlstore.Config
		want []string // fields
	}{
		{"nothing", sqlstore.Config{}, []string{"DB", "Dialect"}},
		{"no dialect", sqlstore.Config{DB: db}, []string{"Dialect"}},
		{"unknown dialect", sqlstore.Config{DB: db, Dialect: 3}, []string{"Dialect"}},
		{"no database", sqlstore.Config{Dialect: sqlstore.SQLite}, []string{"DB"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s, err := sqlstore.New(t.Context(), tc.cfg)
			faults := conf.All(err)
			if s != nil || len(faults) != len(tc.want) {
				t.Fatalf("got %v, %v, want faults of %q", s, err, tc.want)
			}
			for i, f := range faults {
				if f.Room != "sqlstore" || f.Field != tc.want[i] {
					t.Errorf("got %s.%s, want sqlstore.%s", f.Room, f.Field, tc.want[i])
				}
			}
		})
	}
}

func family(id string, u session.User) session.Family {
	now := time.Now().Truncate(time.Microsecond)
	return session.Family{
		ID: id, User: u, Seed: []byte("seed"), Generation: 1, AuthTime: now, CreatedAt: now, RotatedAt: now,
		IdleUntil: now.Add(time.Hour), ExpiresAt: now.Add(2 * time.Hour),
	}
}

// TestMigrateAtOnce starts many processes, as far as a database can tell, at the same moment.
func TestMigrateAtOnce(t *testing.T) {
	const processes = 12
	var wg sync.WaitGroup
	begin := func(t *testing.T, db *sql.DB, d sqlstore.Dialect, i int) {
		wg.Go(func() {
			s, err := sqlstore.New(t.Context(), sqlstore.Config{DB: db, Dialect: d})
			if err == nil {
				err = s.Sessions().Create(t.Context(), family(fmt.Sprint(i), session.User{ID: "alice"}))
			}
			if err != nil {
				t.Errorf("process %d: %v", i, err)
			}
		})
	}
	count := func(t *testing.T, db *sql.DB, d sqlstore.Dialect) {
		all, err := newStore(t, db, d).Sessions().List(t.Context(), session.User{ID: "alice"}, time.Now())
		if err != nil || len(all) != processes {
			t.Errorf("got %d sessions, %v, want %d", len(all), err, processes)
		}
	}
	t.Run("SQLite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "test.db")
		for i := range processes {
			begin(t, openSQLite(t, path), sqlstore.SQLite, i)
		}
		wg.Wait()
		count(t, openSQLite(t, path), sqlstore.SQLite)
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		db := openSchema(t, servertest.StartPostgres(t))
		db.SetMaxOpenConns(processes)
		for i := range processes {
			begin(t, db, sqlstore.PostgreSQL, i)
		}
		wg.Wait()
		count(t, db, sqlstore.PostgreSQL)
	})
}

func TestMigrate(t *testing.T) {
	dialects(t, func(t *testing.T, d sqlstore.Dialect, empty func(testing.TB) *sql.DB) {
		version := func(t *testing.T, db *sql.DB) (n int) {
			t.Helper()
			const query = "SELECT version FROM palisade_schema WHERE part = 'sessions'"
			if err := db.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		t.Run("again", func(t *testing.T) {
			db := empty(t)
			if err := newStore(t, db, d).Sessions().Create(t.Context(), family("a", session.User{})); err != nil {
				t.Fatal(err)
			}
			before := version(t, db)
			if _, err := newStore(t, db, d).Sessions().Get(t.Context(), "a"); err != nil || version(t, db) != before || before == 0 {
				t.Errorf("got %v, version %d, want what was there, version %d", err, version(t, db), before)
			}
		})
		t.Run("newer", func(t *testing.T) {
			db := empty(t)
			newStore(t, db, d)
			if _, err := db.ExecContext(t.Context(), "UPDATE palisade_schema SET version = version + 1"); err != nil {
				t.Fatal(err)
			}
			if s, err := sqlstore.New(t.Context(), sqlstore.Config{DB: db, Dialect: d}); s != nil || err == nil {
				t.Errorf("got %v, %v, want an error", s, err)
			}
		})
		t.Run("failed", func(t *testing.T) {
			db := empty(t)
			if _, err := db.ExecContext(t.Context(), "CREATE TABLE palisade_session_denials (x INTEGER)"); err != nil {
				t.Fatal(err)
			}
			for range 3 {
				if s, err := sqlstore.New(t.Context(), sqlstore.Config{DB: db, Dialect: d}); s != nil || err == nil {
					t.Errorf("got %v, %v, want an error", s, err)
				}
			}
			if _, err := db.ExecContext(t.Context(), "SELECT * FROM palisade_sessions"); err == nil {
				t.Error("half of a failed migration is left")
			}
			if _, err := db.ExecContext(t.Context(), "DROP TABLE palisade_session_denials"); err != nil {
				t.Fatal(err)
			}
			newStore(t, db, d) // and nothing is locked
		})
		t.Run("context is over", func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			db := empty(t)
			if s, err := sqlstore.New(ctx, sqlstore.Config{DB: db, Dialect: d}); s != nil || !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, %v, want Canceled", s, err)
			}
			newStore(t, db, d)
		})
	})
}

func TestOpenSQLite(t *testing.T) {
	for _, name := range []string{"plain.db", "50%?#& \u00e4.db"} {
		path := filepath.Join(t.TempDir(), name)
		db := openSQLite(t, path)
		newStore(t, db, sqlstore.SQLite)
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != 0o600 || info.Size() == 0 {
			t.Errorf("%s: got %v, %v, want a file of mode 0600", name, info, err)
		}
		for pragma, want := range map[string]string{
			"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "10000",
		} {
			var got string
			if err := db.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
				t.Errorf("%s: %s: got %q, %v, want %q", name, pragma, got, err, want)
			}
		}
	}
	if _, err := sqlstore.OpenSQLite(filepath.Join(t.TempDir(), "missing", "test.db")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want ErrNotExist", err)
	}
	path := filepath.Join(t.TempDir(), "other.txt")
	if err := os.WriteFile(path, []byte(strings.Repeat("This is no database. ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlstore.OpenSQLite(path); err == nil {
		t.Error("a file that is no database: got nil, want an error")
	}
}

// TestTwoProcesses lets two processes, as far as SQLite can tell, write to one file: nobody may hear that it is busy.
func TestTwoProcesses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	var wg sync.WaitGroup
	for process := range 2 {
		s := newStore(t, openSQLite(t, path), sqlstore.SQLite).Sessions()
		for i := range 50 {
			wg.Go(func() {
				id := fmt.Sprint(process, i)
				if err := s.Create(t.Context(), family(id, session.User{})); err != nil {
					t.Errorf("Create: %v", err)
				}
				for from := range uint64(3) {
					if _, rotated, err := s.Rotate(t.Context(), id, from+1, time.Now(), time.Now().Add(time.Hour)); err != nil || !rotated {
						t.Errorf("Rotate: got %t, %v, want true", rotated, err)
					}
				}
			})
		}
	}
	wg.Wait()
}

// TestClosed wants an error from every step.
func TestClosed(t *testing.T) {
	dialects(t, func(t *testing.T, d sqlstore.Dialect, empty func(testing.TB) *sql.DB) {
		db := empty(t)
		s, now, ctx := newStore(t, db, d).Sessions(), time.Now(), t.Context()
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		u := session.User{ID: "alice"}
		for name, step := range map[string]func() error{
			"Create":     func() error { return s.Create(ctx, family("a", u)) },
			"Get":        func() error { _, err := s.Get(ctx, "a"); return err },
			"Rotate":     func() error { _, _, err := s.Rotate(ctx, "a", 1, now, now); return err },
			"Revoke":     func() error { return s.Revoke(ctx, "a", now) },
			"RevokeUser": func() error { _, err := s.RevokeUser(ctx, u, "", now); return err },
			"List":       func() error { _, err := s.List(ctx, u, now); return err },
			"Deny":       func() error { return s.Deny(ctx, session.Denial{Key: "k", Before: now, Until: now}) },
			"Denied":     func() error { _, err := s.Denied(ctx, "a", []string{"k"}, now, now); return err },
			"Delete":     func() error { _, err := s.DeleteExpired(ctx, now); return err },
			"New":        func() error { _, err := sqlstore.New(ctx, sqlstore.Config{DB: db, Dialect: d}); return err },
		} {
			if err := step(); err == nil || errors.Is(err, session.ErrNotFound) {
				t.Errorf("%s: got %v, want an error", name, err)
			}
		}
	})
}

// TestText wants a refusal of what PostgreSQL cannot hold, in both databases.
func TestText(t *testing.T) {
	dialects(t, func(t *testing.T, d sqlstore.Dialect, empty func(testing.TB) *sql.DB) {
		s := newStore(t, empty(t), d).Sessions()
		for _, text := range []string{"a\x00b", "\xff"} {
			u := session.User{Issuer: text, ID: "a"}
			if err := s.Create(t.Context(), family("a", u)); err == nil || !strings.Contains(err.Error(), "UTF-8") {
				t.Errorf("Create: got %v, want a refusal", err)
			}
			if err := s.Deny(t.Context(), session.Denial{Key: text}); err == nil || !strings.Contains(err.Error(), "UTF-8") {
				t.Errorf("Deny: got %v, want a refusal", err)
			}
			if all, err := s.List(t.Context(), u, time.Now()); err != nil || len(all) != 0 {
				t.Errorf("List: got %v, %v, want none", all, err)
			}
			if n, err := s.RevokeUser(t.Context(), u, "", time.Now()); err != nil || n != 0 {
				t.Errorf("RevokeUser: got %d, %v, want 0", n, err)
			}
		}
	})
}
