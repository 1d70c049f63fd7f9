package secret_test

import (
	"context"
	"log/slog"
	"net/http"
	"testing"
	"time"

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

// nothing takes records and writes none, so that only the handler before it is measured.
type nothing struct{ slog.Handler }

func (nothing) Handle(context.Context, slog.Record) error { return nil }

func BenchmarkHandler(b *testing.B) {
	h, err := secret.NewHandler(secret.HandlerConfig{Next: nothing{}})
	if err != nil {
		b.Fatal(err)
	}
	header := http.Header{"Accept": {"text/html"}, "Authorization": {"Bearer x"}, "User-Agent": {"x"}}
	for _, bc := range []struct {
		name  string
		attrs []slog.Attr
	}{
		{"nothing to hide", []slog.Attr{
			slog.String("method", "GET"), slog.String("path", "/api/orders/17"), slog.Int("status", 200),
			slog.Duration("duration", time.Millisecond), slog.String("request_id", "0195f1e2"),
		}},
		{"password", []slog.Attr{slog.String("user", "ada"), slog.String("password", "x")}},
		{"header", []slog.Attr{slog.Any("header", header)}},
		{"struct", []slog.Attr{slog.Any("account", account{Name: "ada", Password: "x"})}},
	} {
		b.Run(bc.name, func(b *testing.B) {
			r := slog.NewRecord(time.Time{}, slog.LevelInfo, "request served", 0)
			r.AddAttrs(bc.attrs...)
			b.ReportAllocs()
			for b.Loop() {
				if err := h.Handle(b.Context(), r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkNewID(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if secret.NewID("tok") == "" {
			b.Fatal("empty")
		}
	}
}

func BenchmarkCheckID(b *testing.B) {
	id := secret.NewID("tok")
	b.ReportAllocs()
	for b.Loop() {
		if err := secret.CheckID("tok", id); err != nil {
			b.Fatal(err)
		}
	}
}
