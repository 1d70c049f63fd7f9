package field_test

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/gopalisade/palisade/crypto/field"
)

// foreign are values of every type that a driver may return, and others, none of which is sealed.
func foreign() map[string]any {
	return map[string]any{
		"integer": int64(7), "float": 7.5, "true": true, "false": false, "time": time.Unix(7, 0), "text": "ada@example.com",
		"empty text": "", "bytes": []byte("ada@example.com"), "no bytes": []byte{}, "nil bytes": []byte(nil),
		"another integer": 7, "raw bytes": sql.RawBytes("\xf9"), "pointer": new(string), "header": []byte("\xf9\x01\x00\x00\x00\x07"),
	}
}

func TestScanOfOtherTypes(t *testing.T) {
	sealed := seal(t, newRing(t, 0), cell(), "ada")
	for name, src := range foreign() {
		e, n := field.Encrypted[string]{}, field.Null[string]{}
		c := field.Cell{Column: "email"}
		for _, dst := range []sql.Scanner{&e, &n, &c} {
			if err := dst.Scan(sealed); err != nil {
				t.Fatal(err)
			}
			err := dst.Scan(src)
			if !errors.Is(err, field.ErrFormat) || !errors.Is(err, field.ErrOpen) || err.Error() != field.ErrOpen.Error() {
				t.Errorf("%s into %T: got %v", name, dst, err)
			}
		}
		if !bytes.Equal(e.Bytes(), sealed) || !n.Valid || !bytes.Equal(n.V.Bytes(), sealed) || !bytes.Equal(c.Bytes, sealed) {
			t.Errorf("%s: a scan that failed has changed %x, %v, %x", name, e.Bytes(), n, c.Bytes)
		}
		key := field.NewRowKey()
		before := key
		if err := key.Scan(src); !errors.Is(err, field.ErrFormat) || key != before {
			t.Errorf("%s into a RowKey: got %v, %v", name, key, err)
		}
	}
}

func TestScanOfNULL(t *testing.T) {
	sealed := seal(t, newRing(t, 0), cell(), "ada")
	e, n, c, key := field.Encrypted[string]{}, field.Null[string]{}, field.Cell{}, field.NewRowKey()
	if err := errors.Join(e.Scan(sealed), n.Scan(sealed), c.Scan(sealed)); err != nil {
		t.Fatal(err)
	}
	if err := e.Scan(nil); !errors.Is(err, field.ErrFormat) || e.IsZero() {
		t.Errorf("got %v, %v", e, err)
	}
	if err := n.Scan(nil); err != nil || n.Valid || !n.V.IsZero() {
		t.Errorf("got %v, %v", n, err)
	}
	if err := c.Scan(nil); err != nil || c.Bytes != nil {
		t.Errorf("got %v, %v", c, err)
	}
	if err := key.Scan(nil); !errors.Is(err, field.ErrFormat) || key == (field.RowKey{}) {
		t.Errorf("got %v, %v", key, err)
	}
}

// The values of indexes are any bytes, of a column of bytes.
func TestScanOfIndexes(t *testing.T) {
	table := tableOf[customer](t, newRing(t, 0))
	for name, src := range foreign() {
		c := table.Cells("email_eq")[0]
		b, ok := src.([]byte)
		if err := c.Scan(src); ok != (err == nil) || !bytes.Equal(c.Bytes, b) || !ok && !errors.Is(err, field.ErrFormat) {
			t.Errorf("%s: got %v, %v", name, c.Bytes, err)
		}
	}
}

// A driver uses its memory again for the next row.
func TestScanCopies(t *testing.T) {
	sealed := seal(t, newRing(t, 0), cell(), "ada")
	key := field.NewRowKey()
	table := tableOf[customer](t, newRing(t, 0))
	for _, tc := range []struct {
		name string
		src  []byte
	}{
		{"bytes", sealed},
		{"text", []byte(field.Text(sealed))},
	} {
		e, n, c, ix := field.Encrypted[string]{}, field.Null[string]{}, field.Cell{}, table.Cells("email_eq")[0]
		var k, hex field.RowKey
		own, keys, digits := slices.Clone(tc.src), slices.Clone(key[:]), []byte(key.String())
		if err := errors.Join(e.Scan(own), n.Scan(own), c.Scan(own), ix.Scan(own), k.Scan(keys), hex.Scan(digits)); err != nil {
			t.Fatal(err)
		}
		for _, b := range [][]byte{own, keys, digits} {
			clear(b)
		}
		for i, got := range [][]byte{e.Bytes(), n.V.Bytes(), c.Bytes} {
			if !bytes.Equal(got, sealed) {
				t.Errorf("%s: scan %d keeps the memory of the driver", tc.name, i)
			}
		}
		if !bytes.Equal(ix.Bytes, tc.src) || k != key || hex != key {
			t.Errorf("%s: got %x, %v, %v", tc.name, ix.Bytes, k, hex)
		}
	}
}

// What a driver gets is its own.
func TestValueCopies(t *testing.T) {
	sealed, key := seal(t, newRing(t, 0), cell(), "ada"), field.NewRowKey()
	var e field.Encrypted[string]
	if err := e.Scan(sealed); err != nil {
		t.Fatal(err)
	}
	n := field.Null[string]{V: e, Valid: true}
	before := fmt.Sprint(key)
	for _, value := range []func() (any, error){
		func() (any, error) { return e.Value() },
		func() (any, error) { return n.Value() },
		func() (any, error) { return key.Value() },
	} {
		v, err := value()
		if err != nil {
			t.Fatal(err)
		}
		clear(v.([]byte))
	}
	if !bytes.Equal(e.Bytes(), sealed) || fmt.Sprint(key) != before {
		t.Errorf("got %x and %v", e.Bytes(), key)
	}
}
