//go:build unix

package clamav_test

import (
	"bytes"
	"testing"

	"github.com/gopalisade/palisade/internal/servertest"
	"github.com/gopalisade/palisade/upload"
	"github.com/gopalisade/palisade/upload/clamav"
)

// BenchmarkScan asks a real clamd that knows one signature: what is measured is the way there and back.
func BenchmarkScan(b *testing.B) {
	c, _ := realClient(b)
	for _, bc := range []struct {
		name string
		data []byte
		want upload.Status
	}{
		{"clean/100B", random(100), upload.Clean},
		{"clean/1MiB", random(realMax), upload.Clean},
		{"infected", []byte(servertest.EICAR()), upload.Infected},
	} {
		b.Run(bc.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(bc.data)))
			for b.Loop() {
				if v, err := c.Scan(b.Context(), bytes.NewReader(bc.data)); err != nil || v.Status != bc.want {
					b.Fatalf("got %v, %v", v, err)
				}
			}
		})
	}
	b.Run("parallel/100B", func(b *testing.B) {
		b.ReportAllocs()
		data := random(100)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if v, err := c.Scan(b.Context(), bytes.NewReader(data)); err != nil || v.Status != upload.Clean {
					b.Errorf("got %v, %v", v, err)
				}
			}
		})
	})
}

// BenchmarkClient is the Client's own part.
func BenchmarkClient(b *testing.B) {
	c := connect(b, newFake(), clamav.Config{})
	data := random(100)
	b.ReportAllocs()
	for b.Loop() {
		if v, err := c.Scan(b.Context(), bytes.NewReader(data)); err != nil || v.Status != upload.Clean {
			b.Fatalf("got %v, %v", v, err)
		}
	}
}

// BenchmarkNew makes the files of the self-test for 25 MiB, and fails to send them.
func BenchmarkNew(b *testing.B) {
	f := newFake()
	f.down = bytes.ErrTooLarge
	b.ReportAllocs()
	for b.Loop() {
		if _, err := clamav.New(b.Context(), clamav.Config{Addr: "clamd:3310", Dial: f.dial}); err == nil {
			b.Fatal("got no error")
		}
	}
}
