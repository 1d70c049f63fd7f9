package sqlstore_test

import (
	"bytes"
	"database/sql"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gopalisade/palisade/adapters/sqlstore"
	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/field/reseal"
)

const plainPatients = "CREATE TABLE patients (id BIGINT PRIMARY KEY, email BYTEA, email_eq BYTEA, note BYTEA)"

// TestIndexIsNotLeftBehind gives Rows some of the columns, as Table.Cells(columns...) offers it: the sealed value without its
// index. The run ends well, Retire finds nothing, and the row is lost to every search.
func TestIndexIsNotLeftBehind(t *testing.T) {
	db := openSQLite(t, filepath.Join(t.TempDir(), "a.db"))
	ring, old, fresh := rotated(t)
	execute(t, db, sqlstore.SQLite, plainPatients)
	execute(t, db, sqlstore.SQLite, insertPatient, append(sealPatient(t, old, "7", field.Int(7)).Args(), 7)...)
	rows := newRows(t, sqlstore.RowsConfig{
		DB: db, Dialect: sqlstore.SQLite, Table: "patients", Key: "id", Cells: fresh.Cells("email", "note"),
	})
	p, err := run(t, reseal.Config{Ring: ring, Rows: rows, Table: fresh})
	if err != nil {
		return // refused: good
	}
	if err := reseal.Retire(t.Context(), ring, 1, rows); err != nil {
		return
	}
	candidates, err := fresh.Candidates("email", &patient{Email: "7@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	var index []byte
	if err := db.QueryRow("SELECT email_eq FROM patients WHERE id = 7").Scan(&index); err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(candidates, func(c []byte) bool { return bytes.Equal(c, index) }) {
		t.Errorf("%+v; Retire: nil; and the row is found by no search any more", p)
	}
}

// TestNullKeys: a key that is NULL, against the documentation. SQLite's Rows stop at it; PostgreSQL's pass over it where
// it is not in the first batch, and Retire takes the key of its values away.
func TestNullKeys(t *testing.T) {
	dialects(t, func(t *testing.T, d sqlstore.Dialect, empty func(testing.TB) *sql.DB) {
		db := empty(t)
		ring, old, fresh := rotated(t)
		execute(t, db, d, "CREATE TABLE patients (id BIGINT UNIQUE, email BYTEA, email_eq BYTEA, note BYTEA)")
		for i := range 3 {
			execute(t, db, d, insertPatient, append(sealPatient(t, old, "x", field.Int(int64(i+1))).Args(), i+1)...)
		}
		execute(t, db, d, insertPatient, append(sealPatient(t, old, "x", field.Int(9)).Args(), nil)...)
		rows := newRows(t, sqlstore.RowsConfig{DB: db, Dialect: d, Table: "patients", Key: "id", Cells: fresh.Cells()})
		p, err := run(t, reseal.Config{Ring: ring, Rows: rows, Table: fresh, Batch: 1})
		// Count reads 1000 at once.
		for i := range 1000 {
			execute(t, db, d, insertPatient, append(sealPatient(t, fresh, "x", field.Int(int64(i+10))).Args(), i+10)...)
		}
		if again := reseal.Retire(t.Context(), ring, 1, rows); err == nil && again == nil {
			t.Errorf("%+v: all is resealed, key 1 retired, and a row is under it", p)
		}
	})
}

// TestOrdersOfKeys has keys in columns whose order or equality is not that of bytes, and keys of several types.
func TestOrdersOfKeys(t *testing.T) {
	dialects(t, func(t *testing.T, d sqlstore.Dialect, empty func(testing.TB) *sql.DB) {
		text := []any{"a", "A", "b", "B", "ä", "Ä", "a ", "a-b", "ab", "aB", "_", "Z", "é", "e\u0301", "", "%", "10", "9", "ß", "ss"}
		cases := map[string][]any{
			"k TEXT PRIMARY KEY": text,
		}
		if d == sqlstore.PostgreSQL {
			cases[`k TEXT COLLATE "en-US-x-icu" PRIMARY KEY`] = text
			cases[`k VARCHAR(40) PRIMARY KEY`] = text
			cases[`k CHAR(20) PRIMARY KEY`] = []any{"a", "b", "A", "ä", "10"}
			cases["k SMALLINT PRIMARY KEY"] = []any{-3, 0, 5, 32767, -32768}
			cases["k NUMERIC PRIMARY KEY"] = []any{"-3", "0", "5", "1e30", "10.50", "9"}
			cases["k BYTEA PRIMARY KEY"] = []any{[]byte{}, []byte{0}, []byte{0, 0}, []byte{255}, []byte{0, 1}, []byte("a")}
		} else {
			mixed := []any{-5, 0, 7, "7x", "", "a", "A ", []byte{}, []byte{0}, []byte{0, 0}, []byte("a"), []byte{255}, "\xff\xfe", "a\x00b"}
			cases["k PRIMARY KEY NOT NULL"] = mixed
			cases["k BYTEA PRIMARY KEY NOT NULL"] = mixed
			cases["k INT PRIMARY KEY NOT NULL"] = mixed
			cases["k TEXT PRIMARY KEY NOT NULL"] = mixed
			cases["k NUMERIC PRIMARY KEY NOT NULL"] = append(slices.Clone(mixed), "12", "1e3", int64(1)<<60)
			cases["k TEXT COLLATE NOCASE PRIMARY KEY"] = []any{"a", "B", "c", "D", "Z", "_", "y", "ä", "Ä"}
			cases["k TEXT COLLATE RTRIM PRIMARY KEY"] = []any{"a", "a b", "b ", " "}
		}
		for column, keys := range cases {
			db := empty(t)
			ring, old, fresh := rotated(t)
			execute(t, db, d, "CREATE TABLE patients ("+column+", n BIGINT, email BYTEA, email_eq BYTEA, note BYTEA)")
			for i, k := range keys {
				_, err := db.ExecContext(t.Context(), "INSERT INTO patients (email, email_eq, note, k, n) VALUES ($1, $2, $3, $4, $5)",
					append(sealPatient(t, old, "x", field.Int(int64(i+1))).Args(), k, i+1)...)
				if err != nil {
					t.Fatalf("%s: %v: %v", column, k, err)
				}
			}
			rows := newRows(t, sqlstore.RowsConfig{
				DB: db, Dialect: d, Table: "patients", Key: "k", Row: []string{"n"}, Cells: fresh.Cells(),
			})
			p, err := run(t, reseal.Config{Ring: ring, Rows: rows, Table: fresh, Batch: 2})
			if err != nil || p.Resealed != int64(len(keys)) {
				t.Errorf("%s: %+v, %v, want %d", column, p, err, len(keys))
			}
		}
	})
}

// TestClosedTenantStopsNobody: the rows of a tenant whose ring is closed, for it was shredded, stop the rows of all others, in
// every run at the same place.
func TestClosedTenantStopsNobody(t *testing.T) {
	db := openSQLite(t, filepath.Join(t.TempDir(), "a.db"))
	ring, old, fresh := rotated(t)
	_, _, gone := rotated(t)
	closed, _, shredded := rotated(t)
	_ = gone
	_ = closed.Close()
	execute(t, db, sqlstore.SQLite, "CREATE TABLE patients (id BIGINT PRIMARY KEY, owner TEXT, email BYTEA, email_eq BYTEA, note BYTEA)")
	for i, owner := range []string{"a", "shredded", "b"} {
		execute(t, db, sqlstore.SQLite, "INSERT INTO patients (email, email_eq, note, id, owner) VALUES ($1, $2, $3, $4, $5)",
			append(sealPatient(t, old, "x", field.Int(int64(i+1))).Args(), i+1, owner)...)
	}
	rows := newRows(t, sqlstore.RowsConfig{
		DB: db, Dialect: sqlstore.SQLite, Table: "patients", Key: "id", Tenant: "owner", Cells: fresh.Cells(),
	})
	var p reseal.Progress
	var err error
	for range 3 {
		p, err = run(t, reseal.Config{Ring: ring, Rows: rows, Batch: 1, Tenant: func(id string) reseal.Table {
			if id == "shredded" {
				return shredded
			}
			return fresh
		}})
	}
	if p.Read != 3 {
		t.Errorf("%+v, %v: tenant b is never reached", p, err)
	}
}

// TestOddKeys has rows that nobody touches. None of them may be told to be gone, in this or in any run: the run says nil.
func TestOddKeys(t *testing.T) {
	for name, key := range map[string]any{
		"empty bytes": []byte{}, "empty text": "", "zero in text": "a\x00b", "not UTF-8": "\xff\xfe", "zero byte": []byte{0},
	} {
		db := openSQLite(t, filepath.Join(t.TempDir(), "a.db"))
		ring, old, fresh := rotated(t)
		execute(t, db, sqlstore.SQLite, "CREATE TABLE patients (k BLOB NOT NULL PRIMARY KEY, n BIGINT, email BYTEA, email_eq BYTEA, note BYTEA)")
		execute(t, db, sqlstore.SQLite, "INSERT INTO patients (email, email_eq, note, k, n) VALUES ($1, $2, $3, $4, $5)",
			append(sealPatient(t, old, "x", field.Int(1)).Args(), key, 1)...)
		rows := newRows(t, sqlstore.RowsConfig{
			DB: db, Dialect: sqlstore.SQLite, Table: "patients", Key: "k", Row: []string{"n"}, Cells: fresh.Cells(),
		})
		p, err := run(t, reseal.Config{Ring: ring, Rows: rows, Table: fresh})
		if err != nil || p.Gone > 0 {
			var kind string
			_ = db.QueryRow("SELECT typeof(k) || ' ' || hex(k) FROM patients").Scan(&kind)
			got, _ := rows.Next(t.Context(), "", 1)
			t.Errorf("%s, stored as %s: %+v, %v; cursor %q", name, kind, p, err, got[0].Cursor)
		}
	}
}
