package envelope_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/gopalisade/palisade/crypto/envelope"
	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/secret"
)

// TestRewrap rotates the key-encryption key, then moves to another service.
func TestRewrap(t *testing.T) {
	first := field.Key{ID: 1, Secret: secret.New(random()), State: field.Primary}
	second := field.Key{ID: 2, Secret: secret.New(random()), State: field.Primary}
	store := envelope.NewMemory(0)
	k := newKeys(t, newLocal(t, first), store, nil)
	sealed := seal(t, ringOf(t, k, alice))
	if err := k.Rotate(t.Context(), alice); err != nil {
		t.Fatal(err)
	}
	first.State = field.Active
	both := newLocal(t, second, first)
	if err := newKeys(t, both, store, nil).Rewrap(t.Context(), alice); err != nil {
		t.Fatal(err)
	}
	only := newLocal(t, second)
	if !opens(ringOf(t, newKeys(t, only, store, nil), alice), sealed) {
		t.Error("the new key-encryption key alone does not do")
	}
	third := field.Key{ID: 9, Secret: secret.New(random()), State: field.Primary}
	other, err := envelope.NewLocal(envelope.LocalConfig{Keys: []field.Key{third}, Name: "hsm"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = newKeys(t, other, store, nil).Ring(t.Context(), alice)
	wantKind(t, "a wrapper that nobody knows", err, envelope.ErrRefused)
	moving := newKeys(t, other, store, func(c *envelope.Config) { c.OldWrappers = []envelope.KeyWrapper{only} })
	if !opens(ringOf(t, moving, alice), sealed) {
		t.Error("the old wrapper is not asked")
	}
	if err := moving.Rewrap(t.Context(), alice); err != nil {
		t.Fatal(err)
	}
	if !opens(ringOf(t, newKeys(t, other, store, nil), alice), sealed) {
		t.Error("the new wrapper alone does not do")
	}
	for _, rec := range records(t, store, alice) {
		if rec.KEK != "hsm" {
			t.Errorf("got %+v", rec)
		}
	}
}

// TestRewrapAtOnce loses no key.
func TestRewrapAtOnce(t *testing.T) {
	local, store := newLocal(t), envelope.NewMemory(0)
	sealed := seal(t, ringOf(t, newKeys(t, local, store, nil), alice))
	var wg sync.WaitGroup
	for range 4 {
		k := newKeys(t, local, store, nil)
		wg.Go(func() {
			for range 20 {
				if err := errors.Join(k.Rewrap(t.Context(), alice)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if !opens(ringOf(t, newKeys(t, local, store, nil), alice), sealed) || len(records(t, store, alice)) != 1 {
		t.Error("the key is lost")
	}
}
