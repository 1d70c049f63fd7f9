package reseal_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"testing"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/field/reseal"
	"github.com/gopalisade/palisade/crypto/field/reseal/resealtest"
	"github.com/gopalisade/palisade/crypto/secret"
)

type customer struct {
	Email string  `enc:"email,index=eq,email"`
	Phone *string `enc:"phone,pad=32"`
}

func key(id field.KeyID, state field.State) field.Key {
	b := sha256.Sum256(fmt.Append(nil, "key ", id))
	return field.Key{ID: id, Secret: secret.New(b[:]), State: state}
}

// newRing has keys 1, the primary, and 2.
func newRing(tb testing.TB) *field.Ring {
	tb.Helper()
	ring, err := field.New(field.Config{Keys: []field.Key{key(1, field.Primary), key(2, field.Active)}})
	if err != nil {
		tb.Fatal(err)
	}
	return ring
}

func newTable(tb testing.TB, ring *field.Ring) *field.Table[customer] {
	tb.Helper()
	table, err := field.NewTable[customer](field.TableConfig{Ring: ring, Table: "customers"})
	if err != nil {
		tb.Fatal(err)
	}
	return table
}

func newResealer(tb testing.TB, cfg reseal.Config) *reseal.Resealer {
	tb.Helper()
	r, err := reseal.New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// world is a table of n customers under key 1, with key 2 for the primary.
type world struct {
	ring  *field.Ring
	table *field.Table[customer]
	rows  *resealtest.Memory
}

func newWorld(tb testing.TB, n int64) *world {
	tb.Helper()
	w := &world{ring: newRing(tb), rows: new(resealtest.Memory)}
	w.table = newTable(tb, w.ring)
	for id := int64(1); id <= n; id++ {
		w.put(tb, id)
	}
	w.primary(tb, 2)
	return w
}

func (w *world) primary(tb testing.TB, id field.KeyID) {
	tb.Helper()
	if err := w.ring.SetPrimary(id); err != nil {
		tb.Fatal(err)
	}
}

func (w *world) put(tb testing.TB, id int64) {
	tb.Helper()
	cells, err := w.table.SealRow(&customer{Email: fmt.Sprintf("c%d@example.com", id)}, field.Int(id))
	if err == nil {
		err = w.rows.Put(tb.Context(), id, cells)
	}
	if err != nil {
		tb.Fatal(err)
	}
}

// damage flips a bit of a row.
func (w *world) damage(tb testing.TB, id int64) {
	tb.Helper()
	cells := w.rows.Get(id)
	cells.Get("email").Bytes[40] ^= 1
	if err := w.rows.Put(tb.Context(), id, cells); err != nil {
		tb.Fatal(err)
	}
}

func (w *world) config() reseal.Config {
	return reseal.Config{Ring: w.ring, Rows: w.rows, Table: w.table, Batch: 10}
}

// under counts the sealed cells of each key.
func (w *world) under(tb testing.TB) map[field.KeyID]int64 {
	tb.Helper()
	cells, err := reseal.Count(tb.Context(), w.rows)
	if err != nil {
		tb.Fatal(err)
	}
	return cells
}

// stub is Rows whose steps a test may replace.
type stub struct {
	reseal.Rows
	next func(ctx context.Context, after string, n int) ([]reseal.Row, error)
	swap func(ctx context.Context, changes []reseal.Change) ([]reseal.Result, error)
}

func (s *stub) Next(ctx context.Context, after string, n int) ([]reseal.Row, error) {
	if s.next != nil {
		return s.next(ctx, after, n)
	}
	return s.Rows.Next(ctx, after, n)
}

func (s *stub) Swap(ctx context.Context, changes []reseal.Change) ([]reseal.Result, error) {
	if s.swap != nil {
		return s.swap(ctx, changes)
	}
	return s.Rows.Swap(ctx, changes)
}

// note is a Checkpoint in memory.
type note struct {
	state      []byte
	saves      int
	load, save error
}

func (n *note) Load(context.Context) ([]byte, error) { return n.state, n.load }

func (n *note) Save(_ context.Context, state []byte) error {
	n.saves++
	if n.save != nil {
		return n.save
	}
	n.state = state
	return nil
}
