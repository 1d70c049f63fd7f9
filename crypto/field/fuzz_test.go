package field_test

import (
	"bytes"
	"errors"
	"math"
	"reflect"
	"testing"
	"unicode/utf8"

	"github.com/gopalisade/palisade/crypto/field"
)

func FuzzOpen(f *testing.F) {
	var rings []*field.Ring
	for _, suite := range suites {
		ring := newRing(f, suite)
		rings = append(rings, ring)
		for _, b := range []field.Binding{cell(), cell().Pad(16)} {
			f.Add(seal(f, ring, b, "ada@example.com"))
			f.Add(seal(f, ring, b, "")[:20])
		}
	}
	f.Add([]byte("\xf9"))
	f.Fuzz(func(t *testing.T, sealed []byte) {
		info, formErr := field.Inspect(sealed)
		if formErr == nil && (info.Len < 0 || info.Len > len(sealed) || info.KeyID == 0) {
			t.Errorf("%x: inspected as %+v", sealed, info)
		}
		before := bytes.Clone(sealed)
		for _, ring := range rings {
			for _, b := range []field.Binding{cell(), {}, field.Unbound("fuzz")} {
				text, err := ring.Open(b, sealed)
				if err != nil {
					if !errors.Is(err, field.ErrOpen) || err.Error() != field.ErrOpen.Error() || text != nil {
						t.Errorf("%x: a failure shows %q, %v", sealed, text, err)
					}
					continue
				}
				if formErr != nil {
					t.Errorf("%x: opened though it is not a sealed value", sealed)
				}
				again, err := ring.Seal(b, text)
				if err != nil {
					t.Errorf("%x: what opened cannot be sealed: %v", sealed, err)
				}
				if back, err := ring.Open(b, again); err != nil || !bytes.Equal(back, text) {
					t.Errorf("%x: sealed again it is %q, %v, and was %q", sealed, back, err, text)
				}
			}
		}
		if !bytes.Equal(before, sealed) {
			t.Errorf("%x: the input was changed to %x", before, sealed)
		}
	})
}

func FuzzText(f *testing.F) {
	ring := newRing(f, 0)
	for _, text := range []string{"", "ada", "ada@example.com"} {
		f.Add(field.Text(seal(f, ring, cell(), text)))
	}
	f.Add("enc1.")
	f.Add("enc1.-QEAAAAB\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		sealed, err := field.ParseText(text)
		if err != nil {
			if !errors.Is(err, field.ErrFormat) || sealed != nil {
				t.Errorf("%q: got %x, %v", text, sealed, err)
			}
			return
		}
		if again := field.Text(sealed); again != text {
			t.Errorf("%q and %q are one value", text, again)
		}
		if _, err := field.Inspect(sealed); err != nil {
			t.Errorf("%q: read, but %v", text, err)
		}
	})
}

// FuzzBinding looks for two cells that make the same bytes.
func FuzzBinding(f *testing.F) {
	f.Add("ab", "c", "d", int64(1), "a", "bc", "d", int64(1))
	f.Add("a", "b", "", int64(1), "a", "b", "1", int64(0))
	f.Fuzz(func(t *testing.T, table, column, row string, n int64, table2, column2, row2 string, n2 int64) {
		one := field.AAD(field.Bind(table, column, field.Str(row), field.Int(n)))
		two := field.AAD(field.Bind(table2, column2, field.Str(row2), field.Int(n2)))
		same := table == table2 && column == column2 && row == row2 && n == n2
		if table != "" && table2 != "" && bytes.Equal(one, two) != same { // without a table nothing is sealed
			t.Errorf("%q %q %q %d and %q %q %q %d: bytes are the same %t, cells are %t",
				table, column, row, n, table2, column2, row2, n2, !same, same)
		}
		short := field.AAD(field.Bind(table, column, field.Str(row)))
		if bytes.Equal(one, short) || bytes.Equal(field.AAD(field.Bind(table, column, field.Bytes([]byte(row)), field.Int(n))), one) {
			t.Errorf("%q %q %q %d: fewer parts or another type make the same bytes", table, column, row, n)
		}
	})
}

// FuzzTransforms folds what was folded: a second time must change nothing, or searches would depend on how often.
func FuzzTransforms(f *testing.F) {
	for _, s := range []string{"Ada@Example.com", " İzmir\u0307 ", "STRAẞE", "ΟΔΌΣ", "E\u0301\u0327", "+49 (30) 1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, tr := range []field.Transform{field.Fold(), field.Email(), field.Digits()} {
			once, ok := tr.Map(s)
			if twice, again := tr.Map(once); ok && utf8.ValidString(s) && (!again || twice != once) {
				t.Errorf("%s: %q becomes %q, and that %q", tr.Name, s, once, twice)
			}
		}
	})
}

// FuzzWhole seals what encoding/json may change: it comes back as it was, or is refused.
func FuzzWhole(f *testing.F) {
	type inner struct {
		Text  string `json:"t,omitempty"`
		Bytes []byte
	}
	type whole struct {
		inner
		Names map[string]inner
		List  []*inner
		Float float64 `json:"f,string"`
		Big   uint64
	}
	ring := newRing(f, 0)
	c, err := field.NewColumn[whole](field.ColumnConfig{Ring: ring, Table: "customers", Name: "whole"})
	if err != nil {
		f.Fatal(err)
	}
	f.Add("a", "b", []byte{1}, 1.5, uint64(1))
	f.Add("\xff", "\ufffd\\ufffd<\u2028", []byte(nil), math.NaN(), uint64(math.MaxUint64))
	f.Fuzz(func(t *testing.T, key, text string, b []byte, n float64, big uint64) {
		in := inner{text, b}
		v := whole{in, map[string]inner{key: in, text: {}}, []*inner{nil, &in}, n, big}
		e, err := c.Seal(v, field.Int(7))
		possible := utf8.ValidString(key) && utf8.ValidString(text) && !math.IsNaN(n) && !math.IsInf(n, 0)
		if (err == nil) != possible {
			t.Fatalf("%+v: got %v, can be sealed %t", v, err, possible)
		}
		if err != nil {
			return
		}
		if got, err := c.Open(e, field.Int(7)); err != nil || !reflect.DeepEqual(got, v) {
			t.Errorf("sealed %+v, opened %+v, %v", v, got, err)
		}
	})
}
