package vault_test

import (
	"errors"
	"testing"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/vault"
)

// TestKnownButDamaged: whoever enters a card again gets a token that leads to its number, whatever became of the first record.
func TestKnownButDamaged(t *testing.T) {
	store := newShaky()
	first, second := newKey(1, field.Primary), newKey(2, field.Active)
	ring := newRing(t, first, second)
	v := newVault(t, store, func(cfg *vault.Config) { cfg.Dedupe, cfg.Ring = true, ring })
	card := tokenize(t, v, alice)
	rec, err := store.Get(t.Context(), card.Token)
	if err != nil {
		t.Fatal(err)
	}
	damaged := rec
	damaged.Sealed = append([]byte{}, rec.Sealed...)
	damaged.Sealed[len(damaged.Sealed)-1] ^= 1
	if ok, err := store.Memory.Swap(t.Context(), rec, damaged); !ok || err != nil {
		t.Fatal(ok, err)
	}

	store.swapped = func() error { return errDown }
	if _, err := v.Tokenize(t.Context(), alice, parse(t, number)); !errors.Is(err, vault.ErrUnavailable) {
		t.Errorf("the store fails: got %v", err)
	}
	store.swapped = nil
	fresh := tokenize(t, v, alice)
	if fresh.Token == card.Token {
		t.Error("the token of a record that was damaged")
	}
	wantNumber(t, v, alice, fresh.Token)
	if again := tokenize(t, v, alice); again.Token != fresh.Token {
		t.Error("a third token for one number")
	}

	// A key that is out of use may come back: the record is left alone, and nothing is kept beside it.
	if err := ring.SetPrimary(2); err != nil {
		t.Fatal(err)
	}
	sealed := tokenize(t, newVault(t, store, func(cfg *vault.Config) { cfg.Dedupe, cfg.Ring = true, ring }), mallory)
	if err := ring.SetPrimary(1); err != nil {
		t.Fatal(err)
	}
	later, err := store.Get(t.Context(), sealed.Token)
	if err != nil {
		t.Fatal(err)
	}
	mixed := later
	mixed.Fingerprint = fingerprintUnder(t, ring, mallory) // of the primary, as of a record that was resealed in half
	if ok, err := store.Memory.Swap(t.Context(), later, mixed); !ok || err != nil {
		t.Fatal(ok, err)
	}
	if err := ring.Disable(2); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Tokenize(t.Context(), mallory, parse(t, number)); !errors.Is(err, field.ErrKeyDisabled) {
		t.Errorf("a key out of use: got %v", err)
	}
	if list, err := v.List(t.Context(), mallory, ""); err != nil || len(list) != 1 {
		t.Errorf("got %v, %v, want the one card", list, err)
	}
}

// fingerprintUnder returns the fingerprint of the number under the primary.
func fingerprintUnder(t *testing.T, ring *field.Ring, who vault.Owner) []byte {
	t.Helper()
	store := vault.NewMemory(0)
	card := tokenize(t, newVault(t, store, func(cfg *vault.Config) { cfg.Dedupe, cfg.Ring = true, ring }), who)
	rec, err := store.Get(t.Context(), card.Token)
	if err != nil {
		t.Fatal(err)
	}
	return rec.Fingerprint
}
