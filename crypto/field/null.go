package field

import (
	"bytes"
	"database/sql/driver"
	"fmt"
	"io"
	"log/slog"
)

// Null is an [Encrypted] that may be NULL. NULL is not hidden: the database has to know it. The empty string is no NULL.
type Null[T any] struct {
	V     Encrypted[T]
	Valid bool // V is no NULL
}

// Scan implements [database/sql.Scanner].
func (n *Null[T]) Scan(src any) error {
	if src == nil {
		*n = Null[T]{}
		return nil
	}
	return n.set(n.V.Scan(src))
}

func (n *Null[T]) set(err error) error {
	if err == nil {
		n.Valid = true
	}
	return err
}

// Value implements [driver.Valuer].
func (n Null[T]) Value() (driver.Value, error) {
	if !n.Valid {
		return nil, nil
	}
	return n.V.Value()
}

// MarshalText returns the text form, which is empty for NULL.
func (n Null[T]) MarshalText() ([]byte, error) {
	if !n.Valid {
		return []byte{}, nil
	}
	return n.V.MarshalText()
}

// UnmarshalText reads what MarshalText returns.
func (n *Null[T]) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		return n.Scan(nil)
	}
	return n.set(n.V.UnmarshalText(text))
}

// MarshalJSON returns the text form as a string, or null.
func (n Null[T]) MarshalJSON() ([]byte, error) {
	if !n.Valid {
		return []byte("null"), nil
	}
	return n.V.MarshalJSON()
}

// UnmarshalJSON reads what MarshalJSON returns.
func (n *Null[T]) UnmarshalJSON(data []byte) error {
	if bytes.Equal(data, []byte("null")) {
		return n.Scan(nil)
	}
	return n.set(n.V.UnmarshalJSON(data))
}

// String returns NULL or [sealed].
func (n Null[T]) String() string {
	if !n.Valid {
		return "NULL"
	}
	return printed
}

// Format prints NULL or [sealed] for every verb of fmt.
func (n Null[T]) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, n.String()) }

// LogValue implements [slog.LogValuer].
func (n Null[T]) LogValue() slog.Value { return slog.StringValue(n.String()) }
