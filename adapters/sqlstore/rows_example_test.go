package sqlstore_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gopalisade/palisade/adapters/sqlstore"
	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/field/reseal"
	"github.com/gopalisade/palisade/crypto/secret"
)

// A table of the program's own gets a new key. What was under the old one follows, and the old one goes.
func ExampleNewRows() {
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
	ring, customers := exampleCustomers()
	_, err = db.Exec("CREATE TABLE customers (id INTEGER PRIMARY KEY, email BLOB, email_eq BLOB)")
	for id := 1; id <= 3 && err == nil; id++ {
		cells, _ := customers.SealRow(&shopper{Email: "ada@example.com"}, field.Int(int64(id)))
		_, err = db.Exec("INSERT INTO customers (email, email_eq, id) VALUES ($1, $2, $3)", append(cells.Args(), id)...)
	}
	if err != nil {
		panic(err)
	}

	// The rotation.
	_ = ring.Add(field.Key{ID: 2, Secret: exampleKey(), State: field.Primary})
	rows, err := sqlstore.NewRows(sqlstore.RowsConfig{
		DB: db, Dialect: sqlstore.SQLite, Table: "customers", Key: "id", Cells: customers.Cells(),
	})
	if err != nil {
		panic(err)
	}
	r, err := reseal.New(reseal.Config{Ring: ring, Rows: rows, Table: customers, Checkpoint: store.Checkpoint("customers")})
	if err != nil {
		panic(err)
	}
	p, err := r.Run(ctx)
	fmt.Println("resealed", p.Resealed, err)
	fmt.Println(reseal.Retire(ctx, ring, 1, rows), ring.Keys())
	// Output:
	// resealed 3 <nil>
	// <nil> [{1 disabled} {2 primary}]
}

// A name is never a piece of SQL.
func ExampleNewRows_injection() {
	_, customers := exampleCustomers()
	_, err := sqlstore.NewRows(sqlstore.RowsConfig{
		DB: nil, Dialect: sqlstore.SQLite, Table: "customers; DROP TABLE customers", Key: "id", Cells: customers.Cells(),
	})
	fmt.Println(err)
	// Output:
	// sqlstore: DB is required
	// sqlstore: Table "customers; DROP TABLE customers" must be one name, or two with a dot between them
}

type shopper struct {
	Email string `enc:"email,index=eq,email"`
}

func exampleCustomers() (*field.Ring, *field.Table[shopper]) {
	ring, _ := field.New(field.Config{Keys: []field.Key{{ID: 1, Secret: exampleKey(), State: field.Primary}}})
	customers, _ := field.NewTable[shopper](field.TableConfig{Ring: ring, Table: "customers"})
	return ring, customers
}

// exampleKey stands for a secret store.
func exampleKey() secret.Bytes {
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	return secret.New(key)
}
