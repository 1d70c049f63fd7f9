package sqlstore_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"

	"github.com/gopalisade/palisade/adapters/sqlstore"
	"github.com/gopalisade/palisade/internal/servertest"
)

// dialects runs a test on both databases. empty opens a new database with nothing in it.
func dialects(t *testing.T, run func(t *testing.T, d sqlstore.Dialect, empty func(t testing.TB) *sql.DB)) {
	t.Run("SQLite", func(t *testing.T) {
		run(t, sqlstore.SQLite, func(t testing.TB) *sql.DB {
			return openSQLite(t, filepath.Join(t.TempDir(), "test.db"))
		})
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		dsn := servertest.StartPostgres(t)
		run(t, sqlstore.PostgreSQL, func(t testing.TB) *sql.DB { return openSchema(t, dsn) })
	})
}

func openSQLite(t testing.TB, path string) *sql.DB {
	t.Helper()
	db, err := sqlstore.OpenSQLite(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func openPostgres(t testing.TB, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(20)
	db.SetMaxIdleConns(20)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

var schemas atomic.Int64

// openSchema opens a PostgreSQL server's database in a new schema.
func openSchema(t testing.TB, dsn string) *sql.DB {
	t.Helper()
	schema := fmt.Sprintf("s%d", schemas.Add(1))
	admin := openPostgres(t, dsn)
	if _, err := admin.ExecContext(t.Context(), "CREATE SCHEMA "+schema); err != nil {
		t.Fatal(err)
	}
	return openPostgres(t, dsn+"&search_path="+schema)
}

func newStore(t testing.TB, db *sql.DB, d sqlstore.Dialect) *sqlstore.Store {
	t.Helper()
	s, err := sqlstore.New(t.Context(), sqlstore.Config{DB: db, Dialect: d})
	if err != nil {
		t.Fatal(err)
	}
	return s
}
