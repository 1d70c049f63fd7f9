package password_test

import (
	"testing"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/password"
)

func BenchmarkVerify(b *testing.B) {
	for _, bc := range []struct {
		name string
		cfg  password.Config
	}{
		{"Argon2id", password.Config{}},
		{"Argon2id, sealed", password.Config{Sealer: newPepper(b, newRing(b))}},
		{"PBKDF2", password.Config{Iterations: 600_000}},
	} {
		h := newHasher(b, bc.cfg)
		stored, err := h.For("7").Hash(b.Context(), "pw")
		if err != nil {
			b.Fatal(err)
		}
		b.Run(bc.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := h.For("7").Verify(b.Context(), "pw", stored); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkParallel is many logins at once: the line lets in as many as there is memory for.
func BenchmarkParallel(b *testing.B) {
	h := newHasher(b, password.Config{MaxQueue: 1 << 10})
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			_ = h.VerifyUnknown(b.Context(), "pw")
		}
	})
}

// BenchmarkReseal is the job that rotates the pepper, without what the database costs.
func BenchmarkReseal(b *testing.B) {
	h, ring := sealing(b, false)
	stored, err := h.For("7").Hash(b.Context(), "pw")
	if err != nil {
		b.Fatal(err)
	}
	if err := ring.Add(ringKey(2, field.Primary)); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, changed, err := h.For("7").Reseal(stored); err != nil || !changed {
			b.Fatal(changed, err)
		}
	}
}

// BenchmarkRead is what a stored hash costs before any work.
func BenchmarkRead(b *testing.B) {
	h := newHasher(b, password.Config{})
	for _, bc := range []struct{ name, stored string }{
		{"PHC", "$argon2id$v=19$m=64,t=1,p=1$" + salt + "$" + key},
		{"hostile", "$argon2id$v=19$m=4294967295,t=1,p=1$" + salt + "$" + key},
		{"Django", django},
	} {
		b.Run(bc.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = h.Reads(bc.stored)
			}
		})
	}
}
