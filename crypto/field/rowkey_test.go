package field_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/crypto/field"
)

func TestRowKey(t *testing.T) {
	key := field.NewRowKey()
	if key == field.NewRowKey() {
		t.Error("drawn twice alike")
	}
	text, _ := key.MarshalText()
	var raw, read, hex, half field.RowKey
	for name, err := range map[string]error{
		"bytes": raw.Scan(key[:]), "text": read.UnmarshalText(text), "scanned text": hex.Scan(key.String()),
	} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if raw != key || read != key || hex != key || len(text) != 32 {
		t.Errorf("got %v, %v, %v, want %v", raw, read, hex, key)
	}
	for name, src := range map[string]any{
		"nil": nil, "number": 7, "short": key[:15], "upper case": strings.ToUpper("abcdef" + key.String()[6:]),
		"no hex": strings.Repeat("g", 32), "long": key.String() + "00",
	} {
		if err := half.Scan(src); !errors.Is(err, field.ErrFormat) || half != (field.RowKey{}) {
			t.Errorf("%s: got %v, %v", name, half, err)
		}
	}
	// It is bound as the bytes that it is.
	ring := newRing(t, 0)
	sealed := seal(t, ring, field.Bind("customers", "email", key.Part()), "text")
	if _, err := ring.Open(field.Bind("customers", "email", field.Bytes(key[:])), sealed); err != nil {
		t.Error(err)
	}
}
