package field

import (
	"bytes"
	"database/sql/driver"
	"fmt"
	"io"
	"log/slog"
	"slices"
)

// Encrypted is a sealed T: what a struct holds that is scanned from a row. It stays sealed, since a scanner knows neither
// its row nor its context; [Column.Open] opens it. Its JSON, text and SQL forms are the sealed value, and when it is
// printed or logged it is [sealed].
type Encrypted[T any] struct{ sealed []byte }

const printed = "[sealed]"

// Bytes returns the sealed value, and nil when there is none.
func (e Encrypted[T]) Bytes() []byte { return slices.Clone(e.sealed) }

// IsZero reports whether there is no sealed value.
func (e Encrypted[T]) IsZero() bool { return len(e.sealed) == 0 }

// Scan implements [database/sql.Scanner] for the binary and the text form. Anything else, such as a value from before the
// column was encrypted, is an error that matches [ErrFormat]; so is NULL, which is for [Null].
func (e *Encrypted[T]) Scan(src any) error {
	var sealed []byte
	switch src := src.(type) {
	case []byte:
		if bytes.HasPrefix(src, []byte(textPrefix)) {
			return e.UnmarshalText(src)
		}
		sealed = slices.Clone(src) // the driver's memory
	case string:
		if len(src) > 0 && src[0] != magic {
			return e.UnmarshalText([]byte(src))
		}
		sealed = []byte(src)
	}
	if _, err := Inspect(sealed); err != nil {
		return err
	}
	e.sealed = sealed
	return nil
}

// Value implements [driver.Valuer] with the binary form. The zero Encrypted is [ErrValue], so that a cell that was
// forgotten is not stored as NULL.
func (e Encrypted[T]) Value() (driver.Value, error) {
	if e.IsZero() {
		return nil, ErrValue
	}
	return e.Bytes(), nil
}

// MarshalText returns the text form, or [ErrValue] when there is no sealed value.
func (e Encrypted[T]) MarshalText() ([]byte, error) {
	if e.IsZero() {
		return nil, ErrValue
	}
	return appendText(nil, e.sealed), nil
}

// UnmarshalText reads the text form. The error matches [ErrFormat].
func (e *Encrypted[T]) UnmarshalText(text []byte) error {
	sealed, err := ParseText(string(text))
	if err == nil {
		e.sealed = sealed
	}
	return err
}

// MarshalJSON returns the text form as a string, or [ErrValue] when there is no sealed value.
func (e Encrypted[T]) MarshalJSON() ([]byte, error) {
	if e.IsZero() {
		return nil, ErrValue
	}
	return append(appendText([]byte{'"'}, e.sealed), '"'), nil
}

// UnmarshalJSON reads what MarshalJSON returns; null and escapes are refused. The error matches [ErrFormat].
func (e *Encrypted[T]) UnmarshalJSON(data []byte) error {
	if len(data) < 2 || data[0] != '"' || data[len(data)-1] != '"' {
		return cannotOpen(0, ErrFormat)
	}
	return e.UnmarshalText(data[1 : len(data)-1])
}

// String returns [sealed].
func (e Encrypted[T]) String() string { return printed }

// Format prints [sealed] for every verb of fmt.
func (e Encrypted[T]) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, printed) }

// LogValue implements [slog.LogValuer].
func (e Encrypted[T]) LogValue() slog.Value { return slog.StringValue(printed) }
