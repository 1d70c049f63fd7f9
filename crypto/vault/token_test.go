package vault_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/crypto/secret"
	"github.com/gopalisade/palisade/crypto/vault"
)

func shaped(cfg *vault.Config) { cfg.PANShaped = true }

func TestShapedTokens(t *testing.T) {
	v := newVault(t, vault.NewMemory(0), shaped)
	for _, n := range []string{"676770000005", "378282246310005", number, "6304012345678901237"} {
		pan, seen := parse(t, n), map[string]bool{}
		for range 500 {
			c, err := v.Tokenize(t.Context(), alice, pan)
			if err != nil {
				t.Fatal(err)
			}
			token := c.Token
			if len(token) != len(n) || token[len(n)-4:] != n[len(n)-4:] || seen[token] {
				t.Fatalf("%s: got %s, want as many digits, the same four at the end, and each once", n, token)
			}
			seen[token] = true
			// No issuer has numbers of a country from 900.
			if !strings.HasPrefix(token, "99") || check(token[:len(token)-1]) == token[len(token)-1:] {
				t.Fatalf("%s may be somebody's number", token)
			}
			if _, err := vault.ParsePAN(token); err == nil {
				t.Fatalf("%s is taken for a number", token)
			}
			if _, err := vault.ParseUnionPay(token); err == nil {
				t.Fatalf("%s is taken for a number of UnionPay", token)
			}
			if pan, err := v.Detokenize(t.Context(), charge(alice, token)); err != nil || pan.Reveal() != n {
				t.Fatalf("got %v, %v, want %s", pan, err, n)
			}
		}
	}
}

// A byte is no multiple of ten: whoever takes its remainder prefers six digits, by four in a hundred.
func TestRandomDigits(t *testing.T) {
	const draws, each = 60_000, 17
	var digits [10]int
	for range draws {
		for _, d := range vault.RandomDigits(each) {
			digits[d-'0']++ // and panics for what is no digit
		}
	}
	for d, n := range digits {
		if want := draws * each / 10; n < want-1600 || n > want+1600 { // five standard deviations; the bias would be 2400
			t.Errorf("%d came %d times, want %d", d, n, want)
		}
	}
}

// A token says nothing about the number that the last digits do not: equal numbers have different ones, and no digit stays.
func TestTokensAreNotDerived(t *testing.T) {
	for _, change := range []func(*vault.Config){func(*vault.Config) {}, shaped} {
		ring := newRing(t)
		with := func(cfg *vault.Config) { cfg.Ring = ring; change(cfg) }
		one, other := newVault(t, vault.NewMemory(0), with), newVault(t, vault.NewMemory(0), with)
		a, b := tokenize(t, one, alice).Token, tokenize(t, other, alice).Token
		if a == b {
			t.Errorf("the same number and key made %s twice", a)
		}
		for i := range len(number) - 7 {
			if strings.Contains(a, number[i:i+8]) {
				t.Errorf("%s holds %s", a, number[i:i+8])
			}
		}
	}
}

// Tokens of both kinds are known, whichever kind is made.
func TestTokensOfBothKinds(t *testing.T) {
	store, ring := vault.NewMemory(0), newRing(t)
	with := func(cfg *vault.Config) { cfg.Ring = ring }
	plain := newVault(t, store, with)
	other := newVault(t, store, func(cfg *vault.Config) { with(cfg); shaped(cfg) })
	a, b := tokenize(t, plain, alice).Token, tokenize(t, other, alice).Token
	if err := secret.CheckID("tok", a); err != nil {
		t.Errorf("%s: %v", a, err)
	}
	for _, v := range []*vault.Vault{plain, other} {
		wantNumber(t, v, alice, a)
		wantNumber(t, v, alice, b)
	}
	for _, text := range []string{
		b[:len(b)-1] + check(b[:len(b)-1]), "98" + b[2:], b[:11], b + "0000", b[:10] + "x" + b[11:], "99", "9", "99" + number[2:],
	} {
		store := newShaky()
		store.down = true
		v := newVault(t, store, shaped)
		if _, err := v.Card(t.Context(), alice, text); !errors.Is(err, vault.ErrNotFound) {
			t.Errorf("%s: got %v, want it refused before the store is asked", text, err)
		}
	}
}

func TestTakenTokens(t *testing.T) {
	store := newShaky()
	v := newVault(t, store, func(cfg *vault.Config) { shaped(cfg); cfg.Dedupe = true })
	store.taken = 15
	wantNumber(t, v, alice, tokenize(t, v, alice).Token)
	if store.taken != 0 {
		t.Errorf("%d of 15 tokens were not tried", store.taken)
	}
	store.taken = 16
	_, err := v.Tokenize(t.Context(), alice, parse(t, "4111111111111111"))
	if !errors.Is(err, vault.ErrUnavailable) || !errors.Is(err, vault.ErrExists) {
		t.Errorf("got %v, want an end of trying", err)
	}
}
