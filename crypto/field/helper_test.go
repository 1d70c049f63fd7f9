package field_test

import (
	"bytes"
	"crypto/rand"
	"testing"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/secret"
)

// fixed returns key bytes that look random and are the same in every run.
func fixed(seed byte) []byte {
	key := make([]byte, 32)
	x := uint32(seed)*2654435761 + 12345
	for i := range key {
		x = x*1664525 + 1013904223
		key[i] = byte(x >> 24)
	}
	return key
}

func keyOf(id field.KeyID, seed byte, state field.State) field.Key {
	return field.Key{ID: id, Secret: secret.New(fixed(seed)), State: state}
}

// newRing returns a ring with key 7 as primary and key 3 active, of a suite.
func newRing(tb testing.TB, suite field.Suite) *field.Ring {
	tb.Helper()
	return build(tb, field.Config{
		Keys:  []field.Key{keyOf(7, 1, field.Primary), keyOf(3, 2, field.Active)},
		Suite: suite,
	})
}

func build(tb testing.TB, cfg field.Config) *field.Ring {
	tb.Helper()
	ring, err := field.New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	return ring
}

// newKey returns random bytes.
func newKey() []byte {
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	return key
}

var suites = []field.Suite{field.AES256GCM, field.XAES256GCM, field.AES256GCMCommit}

// cell is the binding of most tests.
func cell() field.Binding { return field.Bind("customers", "email", field.Int(7)) }

// sealedLen is [field.SealedLen] before a ring goes on with XAES.
func sealedLen(n int, suite field.Suite) int {
	if suite == field.AES256GCM {
		n -= 12
	}
	return field.SealedLen(n, suite)
}

func seal(tb testing.TB, ring *field.Ring, b field.Binding, text string) []byte {
	tb.Helper()
	sealed, err := ring.Seal(b, []byte(text))
	if err != nil {
		tb.Fatal(err)
	}
	if len(text) >= 4 && bytes.Contains(sealed, []byte(text)) {
		tb.Fatalf("%q is in clear in %x", text, sealed)
	}
	return sealed
}
