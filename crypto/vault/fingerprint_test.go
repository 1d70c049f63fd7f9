package vault_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"testing"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/vault"
)

// A database says which four digits come last, and everybody knows the BINs: with six digits more, 100 000 numbers are left,
// since Luhn's digit rules out nine of ten. Beside a hash without a key that is no time at all. The same attack on what is
// stored finds nothing.
func TestFingerprintIsNoHash(t *testing.T) {
	store := vault.NewMemory(0)
	c := tokenize(t, newVault(t, store, dedupe), alice)
	rec := record(t, store, c.Token)
	unkeyed := sha256.Sum256([]byte(number))
	guessed := ""
	tried := 0
	guess := []byte(number)
	for middle := range 1_000_000 {
		for i := 11; i >= 6; i-- {
			guess[i] = byte('0' + middle%10)
			middle /= 10
		}
		if check(string(guess[:15])) != number[15:] {
			continue
		}
		tried++
		sum := sha256.Sum256(guess)
		if sum == unkeyed {
			guessed = string(guess)
		}
		if bytes.Contains(rec.Fingerprint, sum[:8]) || bytes.Contains(rec.Sealed, sum[:8]) {
			t.Fatalf("the record gives %s away", guess)
		}
	}
	if guessed != number || tried != 100_000 {
		t.Fatalf("got %q after %d guesses: the attack is not one", guessed, tried)
	}
}

// The fingerprint is what doc.go says, so that another program can make it.
func TestFingerprint(t *testing.T) {
	ring, store := newRing(t, newKey(9, field.Primary)), vault.NewMemory(0)
	v := newVault(t, store, func(cfg *vault.Config) { cfg.Ring, cfg.Dedupe = ring, true })
	seen := map[string]vault.Owner{}
	for _, who := range []vault.Owner{alice, mallory, {ID: "alice"}, {Tenant: "acmea", ID: "lice"}} {
		got := record(t, store, tokenize(t, v, who).Token).Fingerprint
		id, key, err := ring.Derive("vault/fingerprint/v1", 0, []byte(who.Tenant), []byte(who.ID))
		if err != nil {
			t.Fatal(err)
		}
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(number)) // all of it: half a number has twins
		want := mac.Sum(binary.BigEndian.AppendUint32(nil, uint32(id)))
		if !bytes.Equal(got, want) || id != 9 {
			t.Errorf("%+v: got %x, want %x", who, got, want)
		}
		if other, ok := seen[string(got[4:])]; ok {
			t.Errorf("the database tells that %+v and %+v have one card", who, other)
		}
		seen[string(got[4:])] = who
	}
}

// While keys are rotated, programs have different primaries. A number has one token all the same.
func TestDedupeWhileRotating(t *testing.T) {
	old, next := newKey(1, field.Primary), newKey(2, field.Active)
	rings := func() (*field.Ring, *field.Ring) {
		before, after := newRing(t, old, next), newRing(t, old, next)
		if err := after.SetPrimary(2); err != nil {
			t.Fatal(err)
		}
		return before, after
	}
	before, after := rings()
	store := vault.NewMemory(0)
	behind := newVault(t, store, func(cfg *vault.Config) { cfg.Ring, cfg.Dedupe = before, true })
	ahead := newVault(t, store, func(cfg *vault.Config) { cfg.Ring, cfg.Dedupe = after, true })
	a := tokenize(t, behind, alice)
	if got := tokenize(t, ahead, alice); got != a {
		t.Errorf("the newer program: got %+v, want %+v", got, a)
	}
	b := tokenize(t, ahead, mallory)
	for token, want := range map[string]byte{a.Token: 1, b.Token: 2} {
		if rec := record(t, store, token); rec.Fingerprint[3] != want {
			t.Errorf("got a fingerprint of key %x, want one of the program's primary, %d", rec.Fingerprint[:4], want)
		}
	}
	if got := tokenize(t, behind, mallory); got != b {
		t.Errorf("the older program: got %+v, want %+v", got, b)
	}
	for range 2 { // one by one: the record's key, and no other, is the one that is looked for
		if p, err := ahead.Reseal(t.Context(), vault.Progress{}); err != nil || p.Unreadable != 0 {
			t.Fatalf("got %+v, %v", p, err)
		}
	}
	for _, v := range []*vault.Vault{behind, ahead} {
		if got := tokenize(t, v, alice); got != a {
			t.Errorf("after resealing: got %+v, want %+v", got, a)
		}
	}
	if err := after.Disable(1); err != nil {
		t.Fatal(err)
	}
	if got := tokenize(t, ahead, alice); got != a {
		t.Errorf("without the old key: got %+v, want %+v", got, a)
	}
}
