package sqlstore

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/field/reseal"
)

var (
	errCursor = errors.New("sqlstore: a cursor is none of Rows")
	errKey    = errors.New("sqlstore: a key is of several rows, NULL, or neither integer, text nor bytes")
)

// stored is a row as the database has it, to compare it with later.
type stored struct {
	key   any
	cells []any
}

// query gives each row of a statement to scan.
func query(ctx context.Context, db interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}, scan func(*sql.Rows) error, statement string, args ...any,
) error {
	rows, err := db.QueryContext(ctx, statement, args...)
	if err != nil {
		return err
	}
	for rows.Next() {
		if err := scan(rows); err != nil {
			return errors.Join(err, rows.Close())
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}

// scan reads the columns of one row: its key, its binding, its tenant, and its cells.
func (r *Rows) scan(rows *sql.Rows) (reseal.Row, error) {
	count := 1 + r.parts + len(r.cells)
	if r.tenant {
		count++
	}
	values, targets := make([]any, count), make([]any, count)
	for i := range values {
		targets[i] = &values[i]
	}
	if err := rows.Scan(targets...); err != nil {
		return reseal.Row{}, err
	}
	for i, v := range values {
		if b, ok := v.([]byte); ok && b == nil {
			values[i] = []byte{} // nil would be written as NULL
		}
	}
	cursor, err := formatCursor(values[0])
	if err != nil {
		return reseal.Row{}, err
	}
	own := &stored{key: values[0], cells: values[count-len(r.cells):]}
	row := reseal.Row{Cursor: cursor, Key: r.bind(values[1 : 1+r.parts]), Own: own, Cells: slices.Clone(r.cells)}
	if tenant := values[1+r.parts]; r.tenant && tenant != nil {
		row.Tenant = fmt.Sprint(tenant)
		if b, ok := tenant.([]byte); ok {
			row.Tenant = string(b)
		}
	}
	for i := range row.Cells {
		scanCell(&row.Cells[i], own.cells[i])
	}
	return row, nil
}

// scanCell reads a cell. What does not look like one goes on as it is, and is told as damage where it is opened.
func scanCell(c *field.Cell, v any) {
	if c.Scan(v) == nil && (c.Bytes != nil || v == nil) {
		return
	}
	switch v := v.(type) {
	case []byte:
		c.Bytes = append([]byte{}, v...)
	default:
		c.Bytes = fmt.Append([]byte{}, v)
	}
}

// storedAs returns what to store instead of a value, in the form which that has.
func storedAs(c field.Cell, isIndex bool, old any) any {
	if c.Bytes == nil {
		return nil
	}
	const textPrefix = "enc1."
	switch old := old.(type) {
	case string:
		if !isIndex && strings.HasPrefix(old, textPrefix) {
			return field.Text(c.Bytes)
		}
		if !isIndex {
			return string(c.Bytes)
		}
	case []byte:
		if !isIndex && bytes.HasPrefix(old, []byte(textPrefix)) {
			return []byte(field.Text(c.Bytes))
		}
	}
	return c.Bytes
}

// bindByType is the binding of columns whose Go types say it all.
func bindByType(values []any) []field.Part {
	parts := make([]field.Part, len(values))
	for i, v := range values {
		switch v := v.(type) {
		case int64:
			parts[i] = field.Int(v)
		case string:
			parts[i] = field.Str(v)
		case []byte:
			parts[i] = field.Bytes(v)
		default:
			return nil
		}
	}
	return parts
}

// formatCursor writes a key in printable text.
func formatCursor(key any) (string, error) {
	switch key := key.(type) {
	case int64:
		return strconv.FormatInt(key, 10), nil
	case string:
		return strconv.QuoteToASCII(key), nil
	case []byte:
		return "x" + hex.EncodeToString(key), nil
	}
	return "", errKey
}

// parseCursor reads back what formatCursor wrote, and nothing else.
func parseCursor(cursor string) (key any, err error) {
	switch {
	case strings.HasPrefix(cursor, `"`):
		key, err = strconv.Unquote(cursor)
	case strings.HasPrefix(cursor, "x"):
		key, err = hex.DecodeString(cursor[1:])
	default:
		key, err = strconv.ParseInt(cursor, 10, 64)
	}
	if err != nil {
		return nil, errCursor
	}
	if again, _ := formatCursor(key); again != cursor {
		return nil, errCursor
	}
	return key, nil
}
