package field

import (
	"database/sql/driver"
	"fmt"
	"io"
	"log/slog"
	"slices"
)

// Cell is one column of a sealed row: a sealed value or the value of an index. A pointer to it can be scanned into, and
// stored.
type Cell struct {
	Column string
	Bytes  []byte // nil for NULL
	index  bool
}

// Scan implements [database/sql.Scanner], as [Null.Scan] does for sealed values; index values are bytes.
func (c *Cell) Scan(src any) error {
	if b, ok := src.([]byte); ok && c.index {
		c.Bytes = slices.Clone(b)
		return nil
	}
	var n Null[[]byte]
	if src != nil && c.index {
		return cannotOpen(0, ErrFormat)
	}
	if err := n.Scan(src); err != nil {
		return err
	}
	c.Bytes = n.V.sealed
	return nil
}

// Value implements [driver.Valuer] with the bytes, or NULL.
func (c Cell) Value() (driver.Value, error) {
	if c.Bytes == nil {
		return nil, nil
	}
	return c.Bytes, nil
}

// String returns the column and [sealed] or NULL.
func (c Cell) String() string {
	if c.Bytes == nil {
		return c.Column + "=NULL"
	}
	return c.Column + "=" + printed
}

// Format prints what String returns, for every verb of fmt.
func (c Cell) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// LogValue implements [slog.LogValuer].
func (c Cell) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Cells is a sealed row, in the order of [Table.Columns]. Its JSON, for a queue, has the bytes of its columns: among them
// index values, which tell equal rows. It can be opened again.
type Cells []Cell

// LogValue implements [slog.LogValuer].
func (cells Cells) LogValue() slog.Value { return slog.StringValue(fmt.Sprint([]Cell(cells))) }

// Args returns a pointer to each cell: the arguments of Exec for a row that was sealed, and of Scan for one that
// [Table.Cells] made.
func (cells Cells) Args() []any {
	args := make([]any, len(cells))
	for i := range cells {
		args[i] = &cells[i]
	}
	return args
}

// Get returns the cell of a column, or nil.
func (cells Cells) Get(column string) *Cell {
	for i := range cells {
		if cells[i].Column == column {
			return &cells[i]
		}
	}
	return nil
}
