package field_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/secret"
)

// Keys of 128 bits that were made to fit.
func TestShortKeysThatWereFilled(t *testing.T) {
	half, zeros := newKey()[:16], make([]byte, 16)
	for _, tc := range []struct {
		name string
		key  []byte
		want bool
	}{
		{"zeros behind", slices.Concat(half, zeros), true},
		{"zeros before", slices.Concat(zeros, half), true},
		{"spaces behind", slices.Concat(half, bytes.Repeat([]byte(" "), 16)), true},
		{"twice", slices.Concat(half, half), true},
		{"two halves", slices.Concat(half, newKey()[:16]), false},
	} {
		if got := field.Guessable(tc.key); got != tc.want {
			t.Errorf("%s: got %t, want %t", tc.name, got, tc.want)
		}
	}
}

// A ring holds 256 keys, and an index looks for rows of each that is not disabled.
func TestMostKeys(t *testing.T) {
	var keys []field.Key
	for i := range 256 {
		keys = append(keys, field.Key{ID: field.KeyID(i + 1), Secret: secret.New(newKey()), State: field.Active})
	}
	keys[255].State, keys[0].State = field.Primary, field.Disabled
	ring := build(t, field.Config{Keys: keys})
	if list, err := indexOf[string](t, emailIndex(ring)).Candidates("ada"); err != nil || len(list) != 255 {
		t.Errorf("got %d candidates, %v, want 255", len(list), err)
	}
	if err := ring.Add(field.Key{ID: 300, Secret: secret.New(newKey())}); err == nil || len(ring.Keys()) != 256 {
		t.Errorf("got %d keys, %v", len(ring.Keys()), err)
	}
}
