package password_test

import (
	"testing"

	"github.com/gopalisade/palisade/crypto/password"
)

func BenchmarkVerify(b *testing.B) {
	h := newHasher(b, password.Config{})
	stored, err := h.Hash(b.Context(), "pw")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := h.Verify(b.Context(), "pw", stored); err != nil {
			b.Fatal(err)
		}
	}
}
