package vault_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/crypto/vault"
)

func FuzzParsePAN(f *testing.F) {
	for _, text := range []string{
		number, "4000 0573 8203 0668", "3782-822463-10005", "6200 0000 0000 0004", "676770000005", "0000000000000000",
		"4111\u00a01111\u00a01111\u00a01111", "4111--1111", "", "9912345678900668",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		pan, err := vault.ParsePAN(text)
		lax, laxErr := vault.ParseUnionPay(text)
		if err != nil {
			if !errors.Is(err, vault.ErrPAN) || !pan.IsZero() || err.Error() != vault.ErrPAN.Error() {
				t.Errorf("%q: a refusal says more than ErrPAN: %v, %v", text, pan, err)
			}
			if laxErr == nil && lax.Brand() != "unionpay" {
				t.Errorf("%q: a wrong check digit passes for another brand than UnionPay", text)
			}
			return
		}
		digits := pan.Reveal()
		if got := strings.NewReplacer(" ", "", "-", "").Replace(text); got != digits {
			t.Errorf("%q: the number is not the text without separators: %q", text, digits)
		}
		if len(digits) < 12 || len(digits) > 19 || strings.Trim(digits, "0123456789") != "" || strings.Trim(digits, "0") == "" {
			t.Errorf("%q: not 12 to 19 digits, of which one is not 0: %q", text, digits)
		}
		if check(digits[:len(digits)-1]) != digits[len(digits)-1:] {
			t.Errorf("%q: a wrong check digit passes", text)
		}
		if again, err := vault.ParsePAN(digits); err != nil || !again.Equal(pan) {
			t.Errorf("%q: what was read cannot be read again: %v", text, err)
		}
		if (laxErr == nil) != (pan.Brand() == "unionpay") {
			t.Errorf("%q: ParseUnionPay disagrees about the brand: %v", text, laxErr)
		}
		for _, mask := range []string{fmt.Sprint(pan), pan.String(), pan.Masked(), pan.MaskBIN(6), pan.MaskBIN(8)} {
			if len(mask) != len(digits) || !strings.HasSuffix(mask, digits[len(digits)-4:]) || strings.Count(mask, "*") < 4 {
				t.Errorf("%q: a mask hides fewer than four digits, or has another length: %q", text, mask)
			}
		}
	})
}

// Whatever is sent as a token or an owner, it opens no card but one's own.
func FuzzDetokenize(f *testing.F) {
	v := newVault(f, vault.NewMemory(0), shaped)
	c := tokenize(f, v, alice)
	f.Add(c.Token, "acme", "alice", "charge", "billing")
	f.Add(c.Token+" ", "acme", "alice", "charge", "billing")
	f.Add(c.Token, "", "acmealice", "charge", "billing")
	f.Add(number, "acme", "alice", "refund", "x\n")
	f.Fuzz(func(t *testing.T, token, tenant, id, purpose, actor string) {
		a := vault.Access{Owner: vault.Owner{Tenant: tenant, ID: id}, Token: token, Purpose: purpose, Actor: actor}
		pan, err := v.Detokenize(t.Context(), a)
		own := a.Owner == alice && token == c.Token && (purpose == "charge" || purpose == "refund") && err == nil
		if pan.IsZero() == own || (err == nil) != own {
			t.Errorf("%q: a number is given to others than its owner, or for another purpose: %v", a, err)
		}
		known := errors.Is(err, vault.ErrNotFound) || errors.Is(err, vault.ErrRefused) || errors.Is(err, vault.ErrOwner)
		if err != nil && !known {
			t.Errorf("%q: a refusal without a name: %v", a, err)
		}
	})
}
