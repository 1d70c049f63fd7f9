package resealtest_test

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/field/reseal"
	"github.com/gopalisade/palisade/crypto/field/reseal/resealtest"
)

func storage(m *resealtest.Memory, rows reseal.Rows) resealtest.Storage {
	return resealtest.Storage{Rows: rows, Put: m.Put, Delete: m.Delete}
}

func TestMemory(t *testing.T) {
	resealtest.Run(t, func(*testing.T) resealtest.Storage {
		m := new(resealtest.Memory)
		return storage(m, m)
	})
}

type (
	memory  = resealtest.Memory
	rows    = []reseal.Row
	changes = []reseal.Change
	results = []reseal.Result
)

// mutant is a Memory with one thing wrong.
type mutant struct {
	*resealtest.Memory
	mu   sync.Mutex
	next func(m *memory, ctx context.Context, after string, n int) (rows, error)
	swap func(m *memory, ctx context.Context, all changes) (results, error)
}

func (m *mutant) Next(ctx context.Context, after string, n int) ([]reseal.Row, error) {
	if m.next == nil {
		return m.Memory.Next(ctx, after, n)
	}
	return m.next(m.Memory, ctx, after, n)
}

func (m *mutant) Swap(ctx context.Context, changes []reseal.Change) ([]reseal.Result, error) {
	if m.swap == nil {
		return m.Memory.Swap(ctx, changes)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.swap(m.Memory, ctx, changes)
}

// edit changes what the Memory returns for a batch.
func edit(f func(rows) rows) *mutant {
	return &mutant{next: func(m *memory, ctx context.Context, after string, n int) (rows, error) {
		batch, err := m.Next(ctx, after, n)
		return f(batch), err
	}}
}

// same swaps whatever old cells a row has, of which f keeps some.
func same(f func(now, old field.Cells) field.Cells) *mutant {
	return &mutant{swap: func(m *memory, ctx context.Context, all changes) (results, error) {
		own := slices.Clone(all)
		for i := range own {
			if now := m.Get(own[i].Old.Own.(int64)); now != nil {
				own[i].Old.Cells = f(now, slices.Clone(own[i].Old.Cells))
			}
		}
		return m.Swap(ctx, own)
	}}
}

func mutants() map[string]*mutant {
	return map[string]*mutant{
		"overwrites": same(func(now, _ field.Cells) field.Cells { return now }),
		"compares one cell": same(func(now, old field.Cells) field.Cells {
			return append(old[:1:1], now[1:]...)
		}),
		"compares all cells but one": same(func(now, old field.Cells) field.Cells {
			return append(append(old[:1:1], now[1]), old[2:]...)
		}),
		"brings back what is gone": {swap: func(m *memory, ctx context.Context, all changes) (results, error) {
			ends, err := m.Swap(ctx, all)
			for i := range ends {
				if ends[i].State == reseal.Gone {
					_ = m.Put(ctx, all[i].Old.Own.(int64), all[i].New)
				}
			}
			return ends, err
		}},
		"stores nothing": {swap: func(_ *memory, ctx context.Context, all changes) (results, error) {
			ends := make(results, len(all))
			for i := range ends {
				ends[i].State = reseal.Done
			}
			return ends, ctx.Err()
		}},
		"does not say what a row is now": {swap: func(m *memory, ctx context.Context, all changes) (results, error) {
			ends, err := m.Swap(ctx, all)
			for i := range ends {
				ends[i].Row = all[i].Old
			}
			return ends, err
		}},
		"swaps without the context": {swap: func(m *memory, ctx context.Context, all changes) (results, error) {
			return m.Swap(context.WithoutCancel(ctx), all)
		}},
		"reads without the context": {next: func(m *memory, ctx context.Context, after string, n int) (rows, error) {
			return m.Next(context.WithoutCancel(ctx), after, n)
		}},
		"begins anew with a strange cursor": {next: func(m *memory, ctx context.Context, after string, n int) (rows, error) {
			if batch, err := m.Next(ctx, after, n); err == nil || ctx.Err() != nil {
				return batch, err
			}
			return m.Next(ctx, "", n)
		}},
		"returns too many": {next: func(m *memory, ctx context.Context, after string, n int) (rows, error) {
			return m.Next(ctx, after, n+1)
		}},
		"skips a row": edit(func(rows []reseal.Row) []reseal.Row {
			if len(rows) > 2 {
				rows = slices.Delete(rows, 1, 2)
			}
			return rows
		}),
		"has another order each time": edit(func(rows []reseal.Row) []reseal.Row {
			slices.Reverse(rows)
			return rows
		}),
		"binds to nothing": edit(func(rows []reseal.Row) []reseal.Row {
			for i := range rows {
				rows[i].Key = nil
			}
			return rows
		}),
		"takes NULL for empty": edit(func(rows []reseal.Row) []reseal.Row {
			for i := range rows {
				for j := range rows[i].Cells {
					if c := &rows[i].Cells[j]; c.Bytes == nil {
						c.Bytes = []byte{}
					}
				}
			}
			return rows
		}),
		"drops what is no sealed value": edit(func(rows []reseal.Row) []reseal.Row {
			for i := range rows {
				for j := range rows[i].Cells {
					if c := &rows[i].Cells[j]; c.Column == "note" {
						if _, err := c.SealedBy(); err != nil {
							c.Bytes = nil
						}
					}
				}
			}
			return rows
		}),
	}
}

// TestMutant is what TestSuiteFinds runs, and fails.
func TestMutant(t *testing.T) {
	name := os.Getenv("PALISADE_TEST_MUTANT")
	if name == "" {
		t.Skip("is a part of TestSuiteFinds")
	}
	resealtest.Run(t, func(*testing.T) resealtest.Storage {
		own := mutants()[name]
		own.Memory = new(resealtest.Memory)
		return storage(own.Memory, own)
	})
}

// TestSuiteFinds lets the suite run over Rows that are wrong: each must fail.
func TestSuiteFinds(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name := range mutants() {
		t.Run(name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), exe, "-test.run=^TestMutant$", "-test.v")
			cmd.Env = append(os.Environ(), "PALISADE_TEST_MUTANT="+name)
			out, err := cmd.CombinedOutput()
			if err == nil || !strings.Contains(string(out), "--- FAIL: TestMutant/") || strings.Contains(string(out), "panic:") {
				t.Errorf("got %v, want failed tests\n%s", err, out)
			}
		})
	}
}
