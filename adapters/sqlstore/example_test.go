package sqlstore_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/gopalisade/palisade/adapters/sqlstore"
	"github.com/gopalisade/palisade/auth/session"
)

func Example() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	db, err := sqlstore.OpenSQLite(filepath.Join(dir, "shop.db"))
	if err != nil {
		panic(err)
	}
	defer func() { _ = db.Close() }()
	ctx := context.Background()
	store, err := sqlstore.New(ctx, sqlstore.Config{DB: db, Dialect: sqlstore.SQLite})
	if err != nil {
		panic(err)
	}
	// session.Config{Store: store.Sessions()}
	all, err := store.Sessions().List(ctx, session.User{ID: "alice"}, time.Now())
	fmt.Println(len(all), err)
	// Output: 0 <nil>
}

// The database is not guessed from its driver.
func Example_wrongDialect() {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		panic(err)
	}
	defer func() { _ = db.Close() }()
	_, err = sqlstore.New(context.Background(), sqlstore.Config{DB: db})
	fmt.Println(err)
	// Output: sqlstore: Dialect 0 must be SQLite or PostgreSQL
}
