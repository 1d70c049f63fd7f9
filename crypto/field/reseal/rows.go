package reseal

import (
	"context"
	"fmt"

	"github.com/gopalisade/palisade/crypto/field"
)

// Rows is a table with sealed columns. Package resealtest checks implementations. It is safe for concurrent use.
type Rows interface {
	// Next returns the first n rows behind a cursor, or from the start for "", and none at the end. The order is one in
	// which a row never moves; rows that are inserted meanwhile may stand anywhere in it. A cell that does not look like a
	// sealed value is returned as it is.
	Next(ctx context.Context, after string, n int) ([]Row, error)

	// Swap stores the new cells of each row whose cells are still the old ones, bit by bit, and says what became of each
	// change, in their order. It is one transaction, and an error when that did not happen; but each row decides for
	// itself. It must not wait for one writer while it holds up others.
	Swap(ctx context.Context, changes []Change) ([]Result, error)
}

// Row is one row as it was read.
type Row struct {
	Cursor string       // its place and its name in logs: printable text, never empty
	Key    []field.Part // that the row's values are bound to
	Tenant string       // that the row belongs to, where there are some
	Cells  field.Cells
	Own    any // what the Rows itself wants to know in Swap
}

// Change is a row that is to be stored with other cells.
type Change struct {
	Old Row
	New field.Cells // in the order of Old.Cells
}

// Result is what became of a [Change].
type Result struct {
	State State
	Row   Row // as it is now, when it was Changed
}

// State says how a [Change] ended.
type State uint8

// The ends of a change.
const (
	Done    State = iota + 1 // the new cells are stored
	Changed                  // somebody else has changed the row, or is about to
	Gone                     // somebody else has deleted the row
)

// String returns the state's name.
func (s State) String() string {
	switch s {
	case Done:
		return "done"
	case Changed:
		return "changed"
	case Gone:
		return "gone"
	}
	return fmt.Sprintf("State(%d)", uint8(s))
}

// next reads a batch, and refuses one that would never end.
func next(ctx context.Context, rows Rows, after string, n int) ([]Row, error) {
	batch, err := rows.Next(ctx, after, n)
	if err != nil {
		return nil, err
	}
	last := after
	for i := range batch {
		if batch[i].Cursor == "" || batch[i].Cursor == last || len(batch) > n {
			return nil, errRows
		}
		last = batch[i].Cursor
	}
	if len(batch) > 0 && last == after {
		return nil, errRows
	}
	return batch, nil
}
