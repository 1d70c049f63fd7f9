package session_test

import (
	"testing"

	"github.com/gopalisade/palisade/auth"
)

func BenchmarkRefresh(b *testing.B) {
	w := newWorld(b)
	tok := w.start(b, b.Context(), "")
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if tok, err = w.Refresh(b.Context(), tok.Refresh, ""); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRefuse(b *testing.B) {
	w := newWorld(b)
	tok := w.start(b, b.Context(), "")
	forged := tok.Refresh[:len(tok.Refresh)-1] + "?"
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.Refresh(b.Context(), forged, ""); err == nil {
			b.Fatal("accepted")
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	w := newWorld(b)
	tok := w.start(b, b.Context(), "")
	p := &auth.Principal{ID: "u", Issuer: issuerName, SessionID: tok.SessionID, TokenID: "t"}
	b.Run("remembered", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := w.Check(b.Context(), p); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("parallel", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if err := w.Check(b.Context(), p); err != nil {
					b.Fatal(err)
				}
			}
		})
	})
}
