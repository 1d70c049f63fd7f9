package field_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/secret"
	"github.com/gopalisade/palisade/internal/racing"
)

type contact struct {
	Phone *string `enc:"phone,pad=32,index=last,digits,bits=20"`
}

type customer struct {
	ID    int64
	Email string `enc:"email,index=eq,bits=32,email"`
	contact
	Born   int          `enc:"born"`
	Note   []byte       `enc:"note"`
	Home   *address     `enc:"home"`
	Token  secret.Bytes `enc:"token"`
	Clear  string       `enc:"-"`
	hidden string
}

func tableOf[S any](tb testing.TB, ring *field.Ring) *field.Table[S] {
	tb.Helper()
	table, err := field.NewTable[S](field.TableConfig{Ring: ring, Table: "customers"})
	if err != nil {
		tb.Fatal(err)
	}
	return table
}

func ada() customer {
	phone := "+49 30 1234"
	return customer{
		ID: 7, Email: "Ada@example.com", contact: contact{&phone}, Born: 1815, Note: []byte{},
		Home: &address{"Main St", 12}, Token: secret.New([]byte("swordfish")), Clear: "clear", hidden: "hidden",
	}
}

func same(a, b customer) bool {
	token := string(a.Token.Reveal()) == string(b.Token.Reveal())
	a.Token, b.Token = secret.Bytes{}, secret.Bytes{}
	return token && reflect.DeepEqual(a, b)
}

func TestRow(t *testing.T) {
	for _, suite := range suites {
		ring := newRing(t, suite)
		table := tableOf[customer](t, ring)
		columns := []string{"email", "email_eq", "phone", "phone_last", "born", "note", "home", "token"}
		if got := table.Columns(); !slices.Equal(got, columns) {
			t.Errorf("got %v, want %v", got, columns)
		}
		in := ada()
		cells, err := table.SealRow(&in, field.Int(7))
		if err != nil || len(cells) != len(columns) {
			t.Fatalf("got %v, %v", cells, err)
		}
		for i, c := range cells {
			if c.Column != columns[i] {
				t.Errorf("cell %d is %s, want %s", i, c.Column, columns[i])
			}
			for _, word := range []string{"Ada", "ada@", "1234", "Main", "sword"} {
				if bytes.Contains(c.Bytes, []byte(word)) {
					t.Errorf("%s shows %s", c.Column, word)
				}
			}
			_ = append(c.Bytes, "overwritten?"...)
		}
		out := customer{ID: 7, Clear: "clear", hidden: "hidden"}
		if err := table.OpenRow(cells, &out, field.Int(7)); err != nil || !same(in, out) {
			t.Errorf("%v: got %+v, %v, want %+v", suite, out, err, in)
		}
		out = customer{}
		err = table.OpenRow(cells, &out, field.Int(8))
		if !errors.Is(err, field.ErrOpen) || !same(out, customer{}) {
			t.Errorf("%v: opens for another row: %+v, %v", suite, out, err)
		}
		if err := table.Tenant("acme").OpenRow(cells, &out, field.Int(7)); !errors.Is(err, field.ErrOpen) {
			t.Errorf("%v: opens for a tenant: %v", suite, err)
		}
		if info, _ := field.Inspect(cells.Get("phone").Bytes); !info.Padded || info.Len != 32 {
			t.Errorf("phone is not padded: %+v", info)
		}
	}
}

// Columns and indexes made alone agree with those of a table.
func TestRowAgrees(t *testing.T) {
	ring := newRing(t, 0)
	in := ada()
	for _, tenant := range []string{"", "acme"} {
		table, c := tableOf[customer](t, ring), column[string](t, ring)
		ix := indexOf[string](t, field.IndexConfig{
			Ring: ring, Table: "customers", Column: "email", Name: "eq", Bits: 32, Transforms: []field.Transform{field.Email()},
		})
		if tenant != "" {
			table, c, ix = table.Tenant(tenant), c.Tenant(tenant), ix.Tenant(tenant)
		}
		cells, err := table.SealRow(&in, field.Int(7))
		if err != nil {
			t.Fatal(err)
		}
		var e field.Encrypted[string]
		if err := e.Scan(cells.Get("email").Bytes); err != nil {
			t.Fatal(err)
		}
		if got, err := c.Open(e, field.Int(7)); err != nil || got != in.Email {
			t.Errorf("tenant %q: got %q, %v", tenant, got, err)
		}
		if got := value(t, ix, in.Email); got != string(cells.Get("email_eq").Bytes) {
			t.Errorf("tenant %q: index %x, want %x", tenant, cells.Get("email_eq").Bytes, got)
		}
	}
}

func TestRowNull(t *testing.T) {
	table := tableOf[customer](t, newRing(t, 0))
	in := ada()
	in.Phone, in.Home = nil, nil
	cells, err := table.SealRow(&in, field.Int(7))
	if err != nil || cells.Get("phone").Bytes != nil || cells.Get("phone_last").Bytes != nil || cells.Get("note").Bytes == nil {
		t.Fatalf("got %v, %v", cells, err)
	}
	out := ada() // whose phone is overwritten
	if err := table.OpenRow(cells, &out, field.Int(7)); err != nil || !same(in, out) {
		t.Errorf("got %+v, %v", out, err)
	}
	cells.Get("email").Bytes = nil
	if err := table.OpenRow(cells, &out, field.Int(7)); !errors.Is(err, field.ErrFormat) || !errors.Is(err, field.ErrOpen) {
		t.Errorf("NULL where there is none: got %v", err)
	}
}

func TestRowSQL(t *testing.T) {
	db, rows := openTable(t)
	table := tableOf[customer](t, newRing(t, 0))
	in := ada()
	in.Home = nil
	cells, err := table.SealRow(&in, field.Int(7))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), "INSERT", cells.Args()...); err != nil {
		t.Fatal(err)
	}
	if dump := fmt.Sprintf("%s", rows.rows); strings.Contains(dump, "Ada") || strings.Contains(dump, "sword") {
		t.Errorf("the database has it in clear: %s", dump)
	}
	scanned := table.Cells()
	if err := db.QueryRowContext(t.Context(), "SELECT").Scan(scanned.Args()...); err != nil {
		t.Fatal(err)
	}
	out := customer{ID: 7, Clear: "clear", hidden: "hidden"}
	if err := table.OpenRow(scanned, &out, field.Int(7)); err != nil || !same(in, out) {
		t.Errorf("got %+v, %v", out, err)
	}
	part := table.Cells("born", "email", "nothing")
	if len(part) != 2 || part.Get("born") == nil || part.Get("email_eq") != nil {
		t.Fatalf("got %v", part)
	}
	part.Get("born").Bytes, part.Get("email").Bytes = scanned.Get("born").Bytes, scanned.Get("email").Bytes
	out = customer{Note: []byte("kept")}
	err = table.OpenRow(part, &out, field.Int(7))
	if err != nil || out.Born != 1815 || out.Email != in.Email || string(out.Note) != "kept" {
		t.Errorf("got %+v, %v", out, err)
	}
}

func TestCell(t *testing.T) {
	table := tableOf[customer](t, newRing(t, 0))
	for _, tc := range []struct {
		column string
		src    any
		want   error
	}{
		{"email", nil, nil},
		{"email", "ada@example.com", field.ErrFormat},
		{"email", 7, field.ErrFormat},
		{"email_eq", nil, nil},
		{"email_eq", []byte{1}, nil},
		{"email_eq", "text", field.ErrFormat},
		{"email_eq", 7, field.ErrFormat},
	} {
		c := table.Cells(tc.column)[0]
		if err := c.Scan(tc.src); !errors.Is(err, tc.want) {
			t.Errorf("%s: got %v, want %v", tc.column, err, tc.want)
		}
	}
	in := ada()
	cells, err := table.SealRow(&in, field.Int(7))
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "cell", cells[0], "null", field.Cell{Column: "x"})
	text := fmt.Sprintf("%v %+v %#v %s", cells, cells[0], *cells.Get("born"), field.Cell{Column: "x"}) + log.String()
	if strings.Count(text, "email=[sealed]") != 3 || !strings.Contains(text, "x=NULL") || strings.Contains(text, "249") {
		t.Errorf("got %s", text)
	}
	if cells.Get("nothing") != nil {
		t.Error("a cell that is not there")
	}
}

// A row is opened whole or not at all.
func TestRowErrors(t *testing.T) {
	ring := newRing(t, 0)
	table := tableOf[customer](t, ring)
	in := ada()
	good, err := table.SealRow(&in, field.Int(7))
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(field.Cells) field.Cells{
		"cells exchanged": func(c field.Cells) field.Cells {
			c[0].Bytes, c[4].Bytes = c[4].Bytes, c[0].Bytes
			return c
		},
		"forged": func(c field.Cells) field.Cells {
			c[7].Bytes = slices.Clone(c[7].Bytes)
			c[7].Bytes[40] ^= 1
			return c
		},
		"another type": func(c field.Cells) field.Cells {
			c.Get("born").Bytes = seal(t, ring, field.Bind("customers", "born", field.Int(7)), "1815")
			return c
		},
		"unknown column": func(c field.Cells) field.Cells { return append(c, field.Cell{Column: "other", Bytes: c[0].Bytes}) },
	} {
		out := customer{Email: "before"}
		err := table.OpenRow(change(slices.Clone(good)), &out, field.Int(7))
		if !errors.Is(err, field.ErrOpen) || err.Error() != field.ErrOpen.Error() || !same(out, customer{Email: "before"}) {
			t.Errorf("%s: got %+v, %v", name, out, err)
		}
	}
	bad := ada()
	bad.Email = "no address"
	for name, tc := range map[string]struct {
		v    *customer
		row  []field.Part
		want error
	}{
		"nothing":    {nil, []field.Part{field.Int(7)}, field.ErrValue},
		"no address": {&bad, []field.Part{field.Int(7)}, field.ErrValue},
		"no row":     {&in, nil, field.ErrBinding},
		"row 0":      {&in, []field.Part{field.Int(0)}, field.ErrBinding},
	} {
		if cells, err := table.SealRow(tc.v, tc.row...); !errors.Is(err, tc.want) || cells != nil {
			t.Errorf("%s: got %v, %v, want %v", name, cells, err, tc.want)
		}
	}
	if err := table.OpenRow(good, nil, field.Int(7)); !errors.Is(err, field.ErrOpen) {
		t.Errorf("opened into nothing: %v", err)
	}
	if _, err := table.Tenant("").SealRow(&in, field.Int(7)); !errors.Is(err, field.ErrBinding) {
		t.Errorf("empty tenant: got %v", err)
	}
	type loose struct {
		Names []string `enc:"names"`
	}
	if _, err := tableOf[loose](t, ring).SealRow(&loose{[]string{"\xff"}}, field.Int(7)); !errors.Is(err, field.ErrValue) {
		t.Errorf("no text: got %v", err)
	}
	_ = ring.Close()
	_, sealErr := table.SealRow(&in, field.Int(7))
	openErr := table.OpenRow(good, &in, field.Int(7))
	if !errors.Is(sealErr, field.ErrClosed) || !errors.Is(openErr, field.ErrClosed) || !errors.Is(openErr, field.ErrOpen) {
		t.Errorf("closed: got %v, %v", sealErr, openErr)
	}
}

type cells4 struct {
	Email string `enc:"email,index=eq"`
	Phone string `enc:"phone"`
	Name  string `enc:"name,pad=64"`
	Born  int64  `enc:"born"`
}

func TestRowAllocations(t *testing.T) {
	table := tableOf[cells4](t, newRing(t, 0))
	in, key := cells4{"ada@example.com", "+49301234", "Ada Lovelace", 1815}, field.NewRowKey()
	cells, err := table.SealRow(&in, key.Part())
	if err != nil {
		t.Fatal(err)
	}
	if got := testing.AllocsPerRun(100, func() { _, _ = table.SealRow(&in, key.Part()) }); got > 2 && !racing.Enabled {
		t.Errorf("a row is sealed with %v allocations, want 2", got)
	}
	var out cells4
	if got := testing.AllocsPerRun(100, func() { _ = table.OpenRow(cells, &out, key.Part()) }); got > 2 && !racing.Enabled {
		t.Errorf("a row is opened with %v allocations, want 2", got)
	}
	if out != in {
		t.Errorf("got %+v, want %+v", out, in)
	}
}

func TestColumnAllocations(t *testing.T) {
	ring := newRing(t, 0)
	c, ix := column[string](t, ring), indexOf[string](t, emailIndex(ring))
	e, err := c.Seal("ada@example.com", field.Int(7))
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name string
		call func()
		want float64
	}{
		{"Column.Seal", func() { _, _ = c.Seal("ada@example.com", field.Int(7)) }, 2},
		{"Column.Open", func() { _, _ = c.Open(e, field.Int(7)) }, 2},
		{"Index.Value", func() { _, _ = ix.Value("ada@example.com") }, 3},
	} {
		if got := testing.AllocsPerRun(100, tc.call); got > tc.want && !racing.Enabled {
			t.Errorf("%s: %v allocations, want %v", tc.name, got, tc.want)
		}
	}
}

// The suite changes between two rows, and with it the size of a cell.
func TestRowNearTheLimit(t *testing.T) {
	ring := build(t, field.Config{Keys: []field.Key{keyOf(7, 1, field.Primary)}, MaxSeals: 1})
	table := tableOf[cells4](t, ring)
	in := cells4{"ada@example.com", "+49301234", "Ada Lovelace", 1815}
	for _, want := range []field.Suite{field.AES256GCM, field.XAES256GCM, field.XAES256GCM} {
		cells, err := table.SealRow(&in, field.Int(7))
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range cells {
			if info, err := field.Inspect(c.Bytes); err == nil && info.Suite != want {
				t.Errorf("%s: got %v, want %v", c.Column, info.Suite, want)
			}
		}
		var out cells4
		if err := table.OpenRow(cells, &out, field.Int(7)); err != nil || out != in {
			t.Errorf("got %+v, %v, want %+v", out, err, in)
		}
	}
}

// A column, its table and the ring count the same nonces.
func TestLimitIsShared(t *testing.T) {
	ring := build(t, field.Config{Keys: []field.Key{keyOf(7, 1, field.Primary)}, MaxSeals: 30})
	c, table := column[string](t, ring), tableOf[cells4](t, ring)
	in := cells4{Email: "ada@example.com"}
	short := 0
	for range 30 {
		e, err := c.Seal("ada", field.Int(7))
		if err != nil {
			t.Fatal(err)
		}
		cells, err := table.SealRow(&in, field.Int(7))
		if err != nil {
			t.Fatal(err)
		}
		for _, sealed := range [][]byte{e.Bytes(), cells[0].Bytes, seal(t, ring, cell(), "ada")} {
			if sealed[1] == byte(field.AES256GCM) {
				short++
			}
		}
	}
	if short > 30 || short < 28 && !racing.Enabled {
		t.Errorf("%d values with a 96-bit nonce, want 30", short)
	}
}
