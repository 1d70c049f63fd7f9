package field_test

import (
	"crypto/aes"
	"crypto/cipher"
	"testing"

	"github.com/gopalisade/palisade/crypto/field"
)

var text32 = []byte("ada.lovelace@analytic.example.or")

// raw is the floor: what crypto/cipher takes for the same bytes, with a binding that somebody else has made.
func raw(b *testing.B) (cipher.AEAD, []byte) {
	b.Helper()
	block, err := aes.NewCipher(fixed(1))
	if err != nil {
		b.Fatal(err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		b.Fatal(err)
	}
	return aead, make([]byte, 48)
}

func BenchmarkSeal(b *testing.B) {
	buffer := make([]byte, 0, 256)
	b.Run("floor", func(b *testing.B) {
		aead, aad := raw(b)
		b.ReportAllocs()
		for b.Loop() {
			buffer = aead.Seal(buffer[:0], nil, text32, aad)
		}
	})
	for _, suite := range suites {
		ring := newRing(b, suite)
		b.Run(suite.String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var err error
				if buffer, err = ring.AppendSeal(buffer[:0], field.Bind("customers", "email", field.Int(7)), text32); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("parallel", func(b *testing.B) {
		ring := newRing(b, 0)
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			var own []byte
			for pb.Next() {
				own, _ = ring.AppendSeal(own[:0], field.Bind("customers", "email", field.Int(7)), text32)
			}
		})
	})
}

func BenchmarkOpen(b *testing.B) {
	buffer := make([]byte, 0, 256)
	b.Run("floor", func(b *testing.B) {
		aead, aad := raw(b)
		sealed := aead.Seal(nil, nil, text32, aad)
		b.ReportAllocs()
		for b.Loop() {
			buffer, _ = aead.Open(buffer[:0], nil, sealed, aad)
		}
	})
	for _, suite := range suites {
		ring := newRing(b, suite)
		sealed := seal(b, ring, cell(), string(text32))
		b.Run(suite.String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var err error
				if buffer, err = ring.AppendOpen(buffer[:0], field.Bind("customers", "email", field.Int(7)), sealed); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("deny", func(b *testing.B) {
		ring := newRing(b, 0)
		sealed := seal(b, ring, cell(), string(text32))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := ring.AppendOpen(buffer[:0], field.Bind("customers", "email", field.Int(8)), sealed); err == nil {
				b.Fatal("opened")
			}
		}
	})
}

func BenchmarkRow(b *testing.B) {
	table := tableOf[cells4](b, newRing(b, 0))
	in, key := cells4{"ada@example.com", "+49301234", "Ada Lovelace", 1815}, field.NewRowKey()
	cells, err := table.SealRow(&in, key.Part())
	if err != nil {
		b.Fatal(err)
	}
	b.Run("seal", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := table.SealRow(&in, key.Part()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("open", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := table.OpenRow(cells, &in, key.Part()); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkColumn(b *testing.B) {
	c := column[string](b, newRing(b, 0))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Seal("ada@example.com", field.Int(7)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkIndex(b *testing.B) {
	cfg := emailIndex(newRing(b, 0))
	cfg.Transforms = []field.Transform{field.Email()}
	ix := indexOf[string](b, cfg)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ix.Value("ada@example.com"); err != nil {
			b.Fatal(err)
		}
	}
}
