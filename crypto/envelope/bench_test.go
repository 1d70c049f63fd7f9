package envelope_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/gopalisade/palisade/crypto/envelope"
	"github.com/gopalisade/palisade/crypto/field"
)

var text32 = []byte("ada.lovelace@analytic.example.or")

func BenchmarkRing(b *testing.B) {
	k := newKeys(b, newLocal(b), envelope.NewMemory(0), nil)
	subjects := make([]string, 64)
	for i := range subjects {
		subjects[i] = fmt.Sprintf("customer-%d", i)
		ringOf(b, k, subjects[i])
	}
	b.Run("hit", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := k.Ring(b.Context(), subjects[7]); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("hit, parallel, one subject", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, err := k.Ring(b.Context(), subjects[7]); err != nil {
					b.Error(err)
				}
			}
		})
	})
	b.Run("hit, parallel, 64 subjects", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for i := 0; pb.Next(); i++ {
				if _, err := k.Ring(b.Context(), subjects[i%64]); err != nil {
					b.Error(err)
				}
			}
		})
	})
	b.Run("miss, local", func(b *testing.B) {
		few := newKeys(b, newLocal(b), envelope.NewMemory(0), func(c *envelope.Config) { c.MaxSubjects = 1 })
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			if _, err := few.Ring(b.Context(), subjects[i%2]); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkOutage asks for a ring that cannot be confirmed: every call looks whether it is time to try again.
func BenchmarkOutage(b *testing.B) {
	kms := newService(b)
	k := newKeys(b, kms, envelope.NewMemory(0), func(c *envelope.Config) { c.TTL = time.Second })
	ringOf(b, k, alice)
	kms.fail(errDown)
	for kms.calls() == 1 { // until it is asked to confirm
		ringOf(b, k, alice)
	}
	b.Run("parallel", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, err := k.Ring(b.Context(), alice); err != nil {
					b.Error(err)
				}
			}
		})
	})
}

// BenchmarkSeal seals 32 bytes with a ring that is asked for every time, beside one that is held.
func BenchmarkSeal(b *testing.B) {
	k := newKeys(b, newLocal(b), envelope.NewMemory(0), nil)
	held := ringOf(b, k, alice)
	buffer := make([]byte, 0, 256)
	b.Run("held", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var err error
			if buffer, err = held.AppendSeal(buffer[:0], field.Bind("notes", "text", field.Int(7)), text32); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("asked for", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			ring, err := k.Ring(b.Context(), alice)
			if err != nil {
				b.Fatal(err)
			}
			if buffer, err = ring.AppendSeal(buffer[:0], field.Bind("notes", "text", field.Int(7)), text32); err != nil {
				b.Fatal(err)
			}
		}
	})
}
