package vault_test

import (
	"testing"

	"github.com/gopalisade/palisade/crypto/vault"
)

func BenchmarkParsePAN(b *testing.B) {
	for _, bc := range []struct{ name, text string }{
		{"accept", "4000 0573 8203 0668"}, {"refuse", "4000 0573 8203 0669"}, {"refuse text", "not a number"},
	} {
		b.Run(bc.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = vault.ParsePAN(bc.text)
			}
		})
	}
}

func BenchmarkVault(b *testing.B) {
	pan := parse(b, number)
	once := newVault(b, vault.NewMemory(0), dedupe)
	c := tokenize(b, once, alice)
	b.Run("tokenize", func(b *testing.B) {
		v := newVault(b, vault.NewMemory(1<<30), nil)
		b.ReportAllocs()
		for b.Loop() {
			card, err := v.Tokenize(b.Context(), alice, pan)
			if err == nil {
				err = v.Delete(b.Context(), alice, card.Token)
			}
			if err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("tokenize known", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := once.Tokenize(b.Context(), alice, pan); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("card", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := once.Card(b.Context(), alice, c.Token); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("detokenize", func(b *testing.B) {
		a := charge(alice, c.Token)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := once.Detokenize(b.Context(), a); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("detokenize of another", func(b *testing.B) {
		a := charge(mallory, c.Token)
		b.ReportAllocs()
		for b.Loop() {
			_, _ = once.Detokenize(b.Context(), a)
		}
	})
	b.Run("detokenize parallel", func(b *testing.B) {
		a := charge(alice, c.Token)
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, err := once.Detokenize(b.Context(), a); err != nil {
					b.Error(err)
				}
			}
		})
	})
}
