package secret

import (
	"bytes"
	"database/sql/driver"
	"encoding"
	"encoding/json"
	"reflect"
	"strings"
	"unicode/utf8"
)

// MarshalJSON returns [redacted] as a string, to encoding/json and to its second version.
func (s Secret[T]) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// MarshalText returns [redacted]: to encoding/xml, to YAML and TOML packages, and for package flag.
func (s Secret[T]) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// MarshalBinary returns [ErrClear], to encoding/gob too: the other side would take the redacted text for the value.
func (s Secret[T]) MarshalBinary() ([]byte, error) { return nil, ErrClear }

// UnmarshalBinary returns [ErrClear].
func (s *Secret[T]) UnmarshalBinary([]byte) error { return ErrClear }

// Value returns [ErrClear] to database/sql. Pass s.Reveal() when clear text is meant.
func (s Secret[T]) Value() (driver.Value, error) { return nil, ErrClear }

// Scan returns [ErrClear] to database/sql. Scan into a plain variable and call [New].
func (s *Secret[T]) Scan(any) error { return ErrClear }

// UnmarshalText sets text as the value when T is a string, bytes, or can unmarshal text by itself. The text that stands for
// every secret is refused, here and as JSON, whatever T is: it comes from a configuration that was saved redacted, and
// would be a secret that everybody knows.
func (s *Secret[T]) UnmarshalText(text []byte) error {
	if string(text) == redacted {
		return ErrInput
	}
	var value T
	if isText(reflect.TypeFor[T]()) {
		return s.setText(string(text))
	}
	if u, ok := any(&value).(encoding.TextUnmarshaler); !ok || u.UnmarshalText(text) != nil {
		return ErrInput
	}
	*s = New(value)
	return nil
}

// UnmarshalJSON sets the value to a JSON string when T is a string or bytes, which are the bytes of that string and not
// base64, and else to what T makes of the JSON value. The zero value stands for null.
func (s *Secret[T]) UnmarshalJSON(data []byte) error {
	if bytes.Equal(data, []byte("null")) {
		*s = Secret[T]{}
		return nil
	}
	var text string
	err := json.Unmarshal(data, &text)
	if text == redacted {
		return ErrInput
	}
	if isText(reflect.TypeFor[T]()) {
		if err != nil || strings.ContainsRune(text, utf8.RuneError) {
			return ErrInput // encoding/json makes one U+FFFD of all that is broken, and two secrets the same
		}
		return s.setText(text)
	}
	var value T
	if json.Unmarshal(data, &value) != nil { // its errors repeat numbers and strings
		return ErrInput
	}
	*s = New(value)
	return nil
}

func (s *Secret[T]) setText(text string) error {
	if !utf8.ValidString(text) {
		return ErrInput
	}
	var value T
	if v := reflect.ValueOf(&value).Elem(); v.Kind() == reflect.String {
		v.SetString(text)
	} else {
		v.SetBytes([]byte(text))
	}
	*s = New(value)
	return nil
}
