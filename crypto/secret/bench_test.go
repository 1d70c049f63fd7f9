package secret_test

import (
	"testing"

	"github.com/gopalisade/palisade/crypto/secret"
)

func BenchmarkEqual(b *testing.B) {
	x, y := secret.New("correct horse battery staple"), secret.New("correct horse battery staple")
	b.ReportAllocs()
	for b.Loop() {
		if !x.Equal(y) {
			b.Fatal("differs")
		}
	}
}

func BenchmarkReveal(b *testing.B) {
	s := secret.New("correct horse battery staple")
	b.ReportAllocs()
	for b.Loop() {
		if s.Reveal() == "" {
			b.Fatal("empty")
		}
	}
}
