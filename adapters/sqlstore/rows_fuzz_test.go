package sqlstore_test

import (
	"bytes"
	"math"
	"reflect"
	"testing"
	"unicode"

	"github.com/gopalisade/palisade/adapters/sqlstore"
)

// A key has one text, which is printable; any other text is no key.
func FuzzCursor(f *testing.F) {
	for _, seed := range []string{
		"", "0", "-0", "+1", "01", "9223372036854775808", `"a"`, `"\x61"`, `"ä"`, `"\u00e4"`, "x", "xA1", "xa1", "x1", `"`, "`a`",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		key, err := sqlstore.ParseCursor(text)
		if err == nil {
			if again, err := sqlstore.FormatCursor(key); err != nil || again != text {
				t.Fatalf("invariant: a cursor that is read is written the same: %q, %q", text, again)
			}
		}
		for _, key := range []any{text, []byte(text), int64(len(text)) - math.MaxInt32} {
			cursor, err := sqlstore.FormatCursor(key)
			if err != nil || cursor == "" {
				t.Fatalf("invariant: every key has a cursor: %q, %v", cursor, err)
			}
			for _, r := range cursor {
				if !unicode.IsPrint(r) {
					t.Fatalf("invariant: a cursor is printable: %q", cursor)
				}
			}
			back, err := sqlstore.ParseCursor(cursor)
			if b, ok := back.([]byte); ok && bytes.Equal(b, []byte(text)) && err == nil {
				continue
			}
			if err != nil || !reflect.DeepEqual(back, key) {
				t.Fatalf("invariant: a key is read back: %v, %v, %v", key, back, err)
			}
		}
	})
}
