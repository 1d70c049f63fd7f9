package field_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/gopalisade/palisade/crypto/field"
)

type mixed struct {
	Email string         `enc:"email,index=eq,fold"`
	More  map[string]int `enc:"more"`
	Phone *string        `enc:"phone,pad=32"`
}

// Tables of many tenants in a cache of 16, while keys come and go and the ring is closed.
func TestTableIsConcurrent(t *testing.T) {
	for _, suite := range suites {
		cfg := field.Config{
			Keys:  []field.Key{keyOf(7, 1, field.Primary), keyOf(3, 2, field.Active)},
			Suite: suite, MaxContexts: 16,
		}
		ring := build(t, cfg)
		table, c := tableOf[mixed](t, ring), column[string](t, ring)
		var work sync.WaitGroup
		for g := range 8 {
			work.Go(func() {
				for i := range 200 {
					rowRoundTrip(t, table.Tenant(fmt.Sprint(i%9)), g, i)
					columnRoundTrip(t, c, fmt.Sprint(g, i))
				}
			})
		}
		work.Go(func() {
			for i := range 5 {
				id := field.KeyID(100 + i)
				usual(t, ring.Add(keyOf(id, byte(50+i), field.Primary)))
				usual(t, ring.SetPrimary(3))
				usual(t, ring.Disable(id))
			}
			usual(t, ring.Close())
		})
		work.Wait()
	}
}

func rowRoundTrip(t *testing.T, table *field.Table[mixed], g, i int) {
	t.Helper()
	phone := strings.Repeat("1", i%50)
	in := mixed{fmt.Sprintf("a%d-%d@b", g, i), map[string]int{"x": i}, &phone}
	cells, err := table.SealRow(&in, field.Int(1))
	if usual(t, err); err != nil {
		return
	}
	_, err = table.Candidates("email", &in)
	usual(t, err)
	var out mixed
	err = table.OpenRow(cells, &out, field.Int(1))
	if usual(t, err); err == nil && (out.Email != in.Email || *out.Phone != phone || out.More["x"] != i) {
		t.Errorf("got %+v, want %+v", out, in)
	}
}

func columnRoundTrip(t *testing.T, c *field.Column[string], text string) {
	t.Helper()
	e, err := c.Seal(text, field.Int(2))
	if usual(t, err); err != nil {
		return
	}
	if e, _, err = c.Reseal(e, field.Int(2)); err == nil {
		var got string
		if got, err = c.Open(e, field.Int(2)); err == nil && got != text {
			t.Errorf("got %q, want %q", got, text)
		}
	}
	usual(t, err)
}

// usual records errors other than those of a ring whose keys go.
func usual(t *testing.T, err error) {
	t.Helper()
	for _, e := range []error{nil, field.ErrClosed, field.ErrKeyDisabled} {
		if errors.Is(err, e) {
			return
		}
	}
	t.Errorf("got %v", err)
}

// Whatever fails, no plaintext stays in the memory that calls share.
func TestScratchIsClearedAfterFailures(t *testing.T) {
	ring := newRing(t, 0)
	type row struct {
		A string             `enc:"a,index=eq,email"`
		B map[string]float64 `enc:"b"`
	}
	table := tableOf[row](t, ring)
	const needle = "NEEDLE"
	cells := sealRow(t, table, row{A: needle + "@b"}, field.Int(1))
	cells[2].Bytes[len(cells[2].Bytes)-1] ^= 1
	padded := seal(t, ring, field.Bind("customers", "a", field.Int(1)).Pad(64), needle)
	for name, call := range map[string]func() error{
		"no JSON": func() error {
			_, err := table.SealRow(&row{A: needle, B: map[string]float64{needle: math.NaN()}}, field.Int(1))
			return err
		},
		"no binding":          func() error { _, err := table.SealRow(&row{A: needle}, field.Int(0)); return err },
		"cannot be indexed":   func() error { _, err := table.SealRow(&row{A: needle}, field.Int(1)); return err },
		"second cell damaged": func() error { return table.OpenRow(cells, new(row), field.Int(1)) },
		"candidates":          func() error { _, err := table.Candidates("a", &row{A: needle}); return err },
		"resealed, padded": func() error {
			_, _, err := table.Reseal(field.Cells{{Column: "a", Bytes: padded}}, field.Int(1))
			return err
		},
	} {
		if err := call(); err == nil {
			t.Errorf("%s: no error", name)
		}
		for range 20 {
			if bytes.Contains(field.Leftover(ring), []byte(needle)) {
				t.Errorf("%s leaves plaintext", name)
			}
		}
	}
}
