package field

import (
	"crypto/rand"
	"database/sql/driver"
	"encoding/hex"
)

// RowKey is a random name of a row, in a column of its own, for tables that number their rows when they are inserted: the
// number is not known when the row is sealed, but the RowKey is. It is not secret and never changes.
type RowKey [16]byte

// NewRowKey draws a RowKey.
func NewRowKey() RowKey {
	var k RowKey
	_, _ = rand.Read(k[:]) // never fails
	return k
}

// Part is what to bind to. The zero RowKey is refused there.
func (k RowKey) Part() Part { return Part{kind: kindBytes, text: string(k[:])} }

// String returns 32 hexadecimal digits.
func (k RowKey) String() string { return hex.EncodeToString(k[:]) }

// MarshalText returns 32 hexadecimal digits.
func (k RowKey) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads what MarshalText returns, in lower case. The error is [ErrFormat].
func (k *RowKey) UnmarshalText(text []byte) error {
	var own RowKey
	if len(text) != hex.EncodedLen(len(own)) {
		return ErrFormat
	}
	if _, err := hex.Decode(own[:], text); err != nil || own.String() != string(text) {
		return ErrFormat
	}
	*k = own
	return nil
}

// Value implements [driver.Valuer] with 16 bytes. The zero RowKey is [ErrValue]: rows that share it share their bindings.
func (k RowKey) Value() (driver.Value, error) {
	if k == (RowKey{}) {
		return nil, ErrValue
	}
	return k[:], nil
}

// Scan implements [database/sql.Scanner] for 16 bytes or 32 hexadecimal digits. The error is [ErrFormat].
func (k *RowKey) Scan(src any) error {
	b, ok := src.([]byte)
	if s, isText := src.(string); isText {
		b, ok = []byte(s), true
	}
	if ok && len(b) == len(k) {
		*k = RowKey(b)
		return nil
	}
	return k.UnmarshalText(b)
}
