// Command encrypted-columns keeps customers in a SQLite table whose personal columns are sealed: bound to their row, found by
// a blind index, and sealed again when the key changes.
//
//	go run ./examples/encrypted-columns
//
// Take customers.go into a service; main shows what it does.
package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver "sqlite", in Go: no C compiler is needed

	"github.com/gopalisade/palisade/adapters/sqlstore"
	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/secret"
)

func main() {
	dir, err := os.MkdirTemp("", "encrypted-columns")
	if err != nil {
		log.Fatal(err)
	}
	err = run(context.Background(), filepath.Join(dir, "shop.db"), os.Stdout)
	if err := errors.Join(err, os.RemoveAll(dir)); err != nil {
		log.Fatal(err)
	}
}

// newKey draws a key. Yours comes from where you keep secrets, and its number stays with it.
func newKey(id field.KeyID, state field.State) field.Key {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails
	return field.Key{ID: id, Secret: secret.New(raw), State: state}
}

func run(ctx context.Context, path string, out io.Writer) error {
	ring, err := field.New(field.Config{Keys: []field.Key{newKey(1, field.Primary)}})
	if err != nil {
		return err
	}
	db, err := sqlstore.OpenSQLite(path)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	c, err := openCustomers(ctx, db, ring)
	if err != nil {
		return err
	}
	phone := "+49 30 1234"
	for _, who := range []customer{{Email: "Ada@example.com", Phone: &phone}, {Email: "eve@example.com"}} {
		if err := c.add(ctx, who); err != nil {
			return err
		}
	}
	steps := []struct {
		title string
		step  func() (string, error)
	}{
		{"what the database has of 1", func() (string, error) { return stored(ctx, db, ring) }},
		{"who is ada@EXAMPLE.com", func() (string, error) { return show(c.byEmail(ctx, "ada@EXAMPLE.com")) }},
		{"Eve copies Ada's address into her row", func() (string, error) {
			_, err := db.ExecContext(ctx, "UPDATE customers SET email = (SELECT email FROM customers WHERE id = 1) WHERE id = 2")
			if err != nil {
				return "", err
			}
			_, err = c.byID(ctx, 2)
			return fmt.Sprint(err), nil
		}},
		{"and is deleted", func() (string, error) { return "gone", c.remove(ctx, 2) }},
		{"key 2 takes over", func() (string, error) { return c.rotate(ctx, ring, newKey(2, field.Primary)) }},
		{"what the database has of 1", func() (string, error) { return stored(ctx, db, ring) }},
		{"who is ada@example.com", func() (string, error) { return show(c.byEmail(ctx, "ada@example.com")) }},
	}
	for _, s := range steps {
		line, err := s.step()
		if err != nil {
			return fmt.Errorf("%s: %w", s.title, err)
		}
		_, _ = fmt.Fprintf(out, "%s: %s\n", s.title, line)
	}
	return nil
}

func show(c customer, err error) (string, error) {
	if err != nil {
		return "", err
	}
	phone := "no phone"
	if c.Phone != nil {
		phone = *c.Phone
	}
	return fmt.Sprintf("customer %d, %s, %s", c.ID, c.Email, phone), nil
}

// stored looks at a row as somebody does who has stolen the file.
func stored(ctx context.Context, db *sql.DB, ring *field.Ring) (string, error) {
	var sealed []byte
	if err := db.QueryRowContext(ctx, "SELECT email FROM customers WHERE id = 1").Scan(&sealed); err != nil {
		return "", err
	}
	info, err := field.Inspect(sealed)
	return fmt.Sprintf("%d bytes, %v under key %d of %d", len(sealed), info.Suite, info.KeyID, len(ring.Keys())), err
}
