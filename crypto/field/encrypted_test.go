package field_test

import (
	"bytes"
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/crypto/field"
)

// table is the smallest database: an insert keeps its arguments, a query returns them all.
type table struct{ rows [][]driver.Value }

func (db *table) Connect(context.Context) (driver.Conn, error) { return tableConn{db: db}, nil }
func (db *table) Driver() driver.Driver                        { return nil }

type tableConn struct {
	driver.Conn
	db *table
}

func (tableConn) Close() error { return nil }

func (c tableConn) ExecContext(_ context.Context, _ string, args []driver.NamedValue) (driver.Result, error) {
	var row []driver.Value
	for _, arg := range args {
		if b, ok := arg.Value.([]byte); ok {
			arg.Value = slices.Clone(b)
		}
		row = append(row, arg.Value)
	}
	c.db.rows = append(c.db.rows, row)
	return driver.RowsAffected(1), nil
}

func (c tableConn) QueryContext(context.Context, string, []driver.NamedValue) (driver.Rows, error) {
	return &tableRows{left: c.db.rows}, nil
}

type tableRows struct{ left [][]driver.Value }

func (r *tableRows) Columns() []string { return make([]string, len(r.left[0])) }
func (r *tableRows) Close() error      { return nil }

func (r *tableRows) Next(dst []driver.Value) error {
	if len(r.left) == 0 {
		return io.EOF
	}
	copy(dst, r.left[0])
	r.left = r.left[1:]
	return nil
}

func openTable(tb testing.TB) (*sql.DB, *table) {
	tb.Helper()
	rows := &table{}
	db := sql.OpenDB(rows)
	tb.Cleanup(func() { _ = db.Close() })
	return db, rows
}

func TestSQL(t *testing.T) {
	db, rows := openTable(t)
	c := column[string](t, newRing(t, 0))
	key := field.NewRowKey()
	email, err := c.Seal("ada@example.com", key.Part())
	if err != nil {
		t.Fatal(err)
	}
	phone, _ := c.SealNull(nil, key.Part())
	if _, err := db.ExecContext(t.Context(), "INSERT", key, email, phone); err != nil {
		t.Fatal(err)
	}
	if dump := fmt.Sprintf("%s", rows.rows); strings.Contains(dump, "ada") {
		t.Errorf("the database has it in clear: %s", dump)
	}
	var (
		gotKey   field.RowKey
		gotEmail field.Encrypted[string]
		gotPhone = field.Null[string]{Valid: true}
	)
	if err := db.QueryRowContext(t.Context(), "SELECT").Scan(&gotKey, &gotEmail, &gotPhone); err != nil {
		t.Fatal(err)
	}
	if gotKey != key || gotPhone.Valid {
		t.Errorf("got %v, %v", gotKey, gotPhone)
	}
	if got, err := c.Open(gotEmail, gotKey.Part()); err != nil || got != "ada@example.com" {
		t.Errorf("got %q, %v", got, err)
	}
	for name, arg := range map[string]any{
		"forgotten": field.Encrypted[string]{}, "forgotten key": field.RowKey{}, "valid but empty": field.Null[string]{Valid: true},
	} {
		if _, err := db.ExecContext(t.Context(), "INSERT", arg); !errors.Is(err, field.ErrValue) {
			t.Errorf("%s: got %v, want ErrValue", name, err)
		}
	}
}

func TestScan(t *testing.T) {
	ring := newRing(t, 0)
	sealed := seal(t, ring, cell(), "ada")
	for _, tc := range []struct {
		name string
		src  any
		want error
	}{
		{"bytes", sealed, nil},
		{"bytes as text", string(sealed), nil},
		{"text", field.Text(sealed), nil},
		{"text as bytes", []byte(field.Text(sealed)), nil},
		{"NULL", nil, field.ErrFormat},
		{"plaintext", "ada@example.com", field.ErrFormat},
		{"plaintext bytes", []byte("ada@example.com"), field.ErrFormat},
		{"empty", "", field.ErrFormat},
		{"empty bytes", []byte{}, field.ErrFormat},
		{"number", int64(7), field.ErrFormat},
		{"cut", sealed[:20], field.ErrFormat},
		{"cut text", field.Text(sealed)[:20], field.ErrFormat},
	} {
		var e field.Encrypted[string]
		err := e.Scan(tc.src)
		if !errors.Is(err, tc.want) || e.IsZero() != (tc.want != nil) {
			t.Errorf("%s: got %v, want %v", tc.name, err, tc.want)
		}
		if tc.want == nil && !bytes.Equal(e.Bytes(), sealed) {
			t.Errorf("%s: got %x, want %x", tc.name, e.Bytes(), sealed)
		}
		var n field.Null[string]
		if err := n.Scan(tc.src); tc.src != nil && (!errors.Is(err, tc.want) || n.Valid != (tc.want == nil)) {
			t.Errorf("%s, nullable: got %v, %v", tc.name, n, err)
		}
	}
	source := slices.Clone(sealed)
	var e field.Encrypted[string]
	if err := e.Scan(source); err != nil {
		t.Fatal(err)
	}
	clear(source) // drivers use their memory again
	if !bytes.Equal(e.Bytes(), sealed) {
		t.Error("the driver's memory is kept")
	}
	clear(e.Bytes())
	if !bytes.Equal(e.Bytes(), sealed) {
		t.Error("Bytes hands out its own memory")
	}
}

func TestJSON(t *testing.T) {
	c := column[string](t, newRing(t, 0))
	type record struct {
		Email field.Encrypted[string]
		Phone field.Null[string]
		Fax   field.Null[string]
	}
	email, _ := c.Seal("ada@example.com", field.Int(7))
	empty := ""
	phone, _ := c.SealNull(&empty, field.Int(7))
	b, err := json.Marshal(record{Email: email, Phone: phone})
	if err != nil || !strings.HasPrefix(string(b), `{"Email":"enc1.`) || !strings.HasSuffix(string(b), `"Fax":null}`) {
		t.Fatalf("got %s, %v", b, err)
	}
	got := record{Fax: phone}
	if err := json.Unmarshal(b, &got); err != nil || got.Fax.Valid || !got.Phone.Valid {
		t.Errorf("got %v, %v", got, err)
	}
	if text, err := c.Open(got.Email, field.Int(7)); err != nil || text != "ada@example.com" {
		t.Errorf("got %q, %v", text, err)
	}
	if text, err := c.OpenNull(got.Phone, field.Int(7)); err != nil || text == nil || *text != "" {
		t.Errorf("got %v, %v", text, err)
	}
	for _, data := range []string{
		`{"Email":null}`, `{"Email":"ada@example.com"}`, `{"Email":7}`, `{"Email":{}}`, `{"Email":"` + "\\u0065" + string(b[11:]),
		`{"Phone":"ada"}`, `{"Phone":""}`, `{"Phone":[]}`,
	} {
		if err := json.Unmarshal([]byte(data), new(record)); !errors.Is(err, field.ErrFormat) {
			t.Errorf("%s: got %v, want ErrFormat", data, err)
		}
	}
	if _, err := json.Marshal(record{}); !errors.Is(err, field.ErrValue) {
		t.Errorf("nothing sealed: got %v", err)
	}
}

func TestTextForm(t *testing.T) {
	c := column[string](t, newRing(t, 0))
	e, _ := c.Seal("ada", field.Int(7))
	type doc struct {
		E field.Encrypted[string] `xml:"e,attr"`
		N field.Null[string]      `xml:"n"`
	}
	b, err := xml.Marshal(doc{E: e})
	if err != nil || !strings.Contains(string(b), `e="enc1.`) {
		t.Fatalf("got %s, %v", b, err)
	}
	var got doc
	if err := xml.Unmarshal(b, &got); err != nil || !bytes.Equal(got.E.Bytes(), e.Bytes()) || got.N.Valid {
		t.Errorf("got %v, %v", got, err)
	}
	n := field.Null[string]{V: e, Valid: true}
	text, err := n.MarshalText()
	var back field.Null[string]
	readErr := back.UnmarshalText(text)
	if err != nil || readErr != nil || !back.Valid || !bytes.Equal(back.V.Bytes(), e.Bytes()) {
		t.Errorf("got %s, %v, %v", text, err, readErr)
	}
	if err := back.UnmarshalText([]byte("ada")); !errors.Is(err, field.ErrFormat) {
		t.Errorf("got %v", err)
	}
	if text, err := (field.Encrypted[string]{}).MarshalText(); text != nil || !errors.Is(err, field.ErrValue) {
		t.Errorf("nothing sealed: got %q, %v", text, err)
	}
}

func TestPrinted(t *testing.T) {
	c := column[string](t, newRing(t, 0))
	e, _ := c.Seal("ada@example.com", field.Int(7))
	n := field.Null[string]{V: e, Valid: true}
	for verb := range strings.FieldsSeq("%v %+v %#v %s %q %x %d") {
		for want, v := range map[string]any{"[sealed]": e, "NULL": field.Null[string]{}} {
			if got := fmt.Sprintf(verb, v); got != want {
				t.Errorf("%s: got %q, want %q", verb, got, want)
			}
		}
		if got := fmt.Sprintf(verb, n); got != "[sealed]" {
			t.Errorf("%s: got %q", verb, got)
		}
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "e", e, "n", n, "z", field.Null[string]{}, "s", e.String())
	if !strings.Contains(log.String(), "e=[sealed] n=[sealed] z=NULL s=[sealed]") {
		t.Errorf("got %s", log.String())
	}
}

// Whatever prints a value with a key or a plaintext behind it shows neither; what cannot write it says so.
func TestOtherEncoders(t *testing.T) {
	ring := newRing(t, 0)
	c := column[string](t, ring)
	e, _ := c.Seal("ada@example.com", field.Int(7))
	type holder struct {
		ID int
		E  field.Encrypted[string]
		N  field.Null[string]
	}
	h := holder{1, e, field.Null[string]{V: e, Valid: true}}
	if err := gob.NewEncoder(io.Discard).Encode(h); err == nil {
		t.Error("gob writes what has no exported field")
	}
	key := keyOf(7, 1, field.Primary)
	raw := fixed(1)
	secrets := []string{"ada@", fmt.Sprintf("%x", raw[:4]), fmt.Sprintf("%d %d %d", raw[0], raw[1], raw[2])}
	for _, v := range []any{ring, *c, c, e, h, key, field.Config{Keys: []field.Key{key}}, cell()} {
		for verb := range strings.FieldsSeq("%v %+v %#v %s %x %d %q") {
			text := fmt.Sprintf(verb, v)
			for _, s := range secrets {
				if strings.Contains(text, s) {
					t.Errorf("%T with %s: %s", v, verb, text)
				}
			}
		}
	}
}
