package resealtest

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/field/reseal"
)

// Memory is a table in memory, for tests and examples. Its rows are numbered, and bound to [field.Int] of their number. The
// zero value is empty; it is safe for concurrent use.
type Memory struct {
	mu   sync.Mutex
	rows map[int64]field.Cells
}

var errCursor = errors.New("resealtest: no cursor of this table")

// Put inserts a row or replaces it.
func (m *Memory) Put(ctx context.Context, id int64, cells field.Cells) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.rows == nil {
		m.rows = map[int64]field.Cells{}
	}
	m.rows[id] = clone(cells)
	return ctx.Err()
}

// Delete deletes a row, if it is there.
func (m *Memory) Delete(ctx context.Context, id int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.rows, id)
	return ctx.Err()
}

// Get returns a row's cells, or nil.
func (m *Memory) Get(id int64) field.Cells {
	m.mu.Lock()
	defer m.mu.Unlock()
	return clone(m.rows[id])
}

// Next implements [reseal.Rows].
func (m *Memory) Next(ctx context.Context, after string, n int) ([]reseal.Row, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	last, err := strconv.ParseInt(after, 10, 64)
	if after != "" && err != nil {
		return nil, errCursor
	}
	var ids []int64
	for id := range m.rows {
		if after == "" || id > last {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	var batch []reseal.Row
	for _, id := range ids[:min(n, len(ids))] {
		batch = append(batch, m.row(id))
	}
	return batch, ctx.Err()
}

// Swap implements [reseal.Rows].
func (m *Memory) Swap(ctx context.Context, changes []reseal.Change) ([]reseal.Result, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	results := make([]reseal.Result, len(changes))
	for i, c := range changes {
		id := c.Old.Own.(int64)
		now, ok := m.rows[id]
		switch {
		case !ok:
			results[i].State = reseal.Gone
		case !equal(now, c.Old.Cells):
			results[i] = reseal.Result{State: reseal.Changed, Row: m.row(id)}
		default:
			results[i].State = reseal.Done
			m.rows[id] = clone(c.New)
		}
	}
	return results, nil
}

func (m *Memory) row(id int64) reseal.Row {
	return reseal.Row{
		Cursor: strconv.FormatInt(id, 10), Key: []field.Part{field.Int(id)}, Cells: clone(m.rows[id]), Own: id,
	}
}

func clone(cells field.Cells) field.Cells {
	own := slices.Clone(cells)
	for i := range own {
		own[i].Bytes = slices.Clone(own[i].Bytes)
	}
	return own
}

func equal(a, b field.Cells) bool {
	return slices.EqualFunc(a, b, func(a, b field.Cell) bool {
		return a.Column == b.Column && bytes.Equal(a.Bytes, b.Bytes) && (a.Bytes == nil) == (b.Bytes == nil)
	})
}
