package vault_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gopalisade/palisade/crypto/vault"
	"github.com/gopalisade/palisade/internal/conf"
)

func TestFaults(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*vault.Config)
		want   []string
	}{
		{"good", func(*vault.Config) {}, nil},
		{"no purposes", func(c *vault.Config) { c.Purposes = nil }, nil},
		{"kept until deleted", func(c *vault.Config) { c.MaxAge = -1 }, nil},
		{"empty", func(c *vault.Config) { *c = vault.Config{} }, []string{"Ring", "Store"}},
		{"empty purpose", func(c *vault.Config) { c.Purposes = []string{"a", ""} }, []string{"Purposes[1]"}},
		{"two words", func(c *vault.Config) { c.Purposes = []string{"a b", "ü"} }, []string{"Purposes[0]", "Purposes[1]"}},
		{"long purpose", func(c *vault.Config) { c.Purposes = []string{strings.Repeat("a", 65)} }, []string{"Purposes[0]"}},
		{"twice", func(c *vault.Config) { c.Purposes = []string{"a", "b", "a"} }, []string{"Purposes[2]"}},
		{"short life", func(c *vault.Config) { c.MaxAge = time.Millisecond }, []string{"MaxAge"}},
	} {
		cfg := vault.Config{Ring: newRing(t), Store: vault.NewMemory(0), Purposes: []string{"charge"}}
		tc.change(&cfg)
		v, err := vault.New(cfg)
		var got []string
		for _, fault := range conf.All(err) {
			got = append(got, fault.Field)
			if fault.Room != "vault" {
				t.Errorf("%s: got a fault of %s", tc.name, fault.Room)
			}
		}
		if !slices.Equal(got, tc.want) || (v == nil) != (err != nil) {
			t.Errorf("%s: got %v, want faults of %v", tc.name, err, tc.want)
		}
	}
}

func TestPurposesAreTheVaultsOwn(t *testing.T) {
	purposes := []string{"charge"}
	v := newVault(t, vault.NewMemory(0), func(cfg *vault.Config) { cfg.Purposes = purposes })
	purposes[0] = "marketing"
	a := charge(alice, tokenize(t, v, alice).Token)
	a.Purpose = "marketing"
	if _, err := v.Detokenize(t.Context(), a); !errors.Is(err, vault.ErrRefused) {
		t.Errorf("got %v, want ErrRefused: the caller's list changes the vault", err)
	}
}
