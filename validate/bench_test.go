package validate_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gopalisade/palisade/validate"
)

type purchase struct {
	ID       string    `json:"id"       validate:"required,uuid"`
	Email    string    `json:"email"    validate:"required,max=254,email"`
	Currency string    `json:"currency" validate:"oneof=EUR USD GBP"`
	Note     string    `json:"note"     validate:"max=200"`
	Units    int       `json:"units"    validate:"min=1,max=1000"`
	Total    float64   `json:"total"    validate:"gt=0,max=100000"`
	Gift     bool      `json:"gift"`
	Lines    []article `json:"lines"    validate:"min=1,max=50"`
	Tags     []string  `json:"tags"     validate:"max=10,dive,min=1,max=20"`
}

type article struct {
	SKU   string  `json:"sku"   validate:"required,max=20"`
	Qty   int     `json:"qty"   validate:"min=1,max=100"`
	Price float64 `json:"price" validate:"gt=0"`
}

const goodPurchase = `{"id":"0b6f3a52-8d41-4c1e-9f27-5a3e7c9d1b40","email":"a@example.com","currency":"EUR","note":"ok","units":6,` +
	`"total":37.5,"gift":true,"lines":[{"sku":"A","qty":1,"price":5},{"sku":"B","qty":2,"price":2.5}],"tags":["a","b","c"]}`

// replay serves one request again and again.
func replay(b *testing.B, h http.Handler, body string) func() {
	b.Helper()
	text := bytes.NewReader(nil)
	r := httptest.NewRequest(http.MethodPost, "/", io.NopCloser(text))
	r.Header.Set("Content-Type", "application/json")
	r.ContentLength = int64(len(body))
	w := &discard{header: http.Header{}}
	return func() {
		text.Reset([]byte(body))
		clear(w.header)
		h.ServeHTTP(w, r)
	}
}

type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
func (d *discard) WriteHeader(int)             {}

func purchases(b *testing.B) http.Handler {
	b.Helper()
	s, err := validate.New[purchase](validate.Config{})
	if err != nil {
		b.Fatal(err)
	}
	return validate.MustHandle(s, func(context.Context, purchase) (struct{}, error) { return struct{}{}, nil })
}

func BenchmarkHandle(b *testing.B) {
	for _, bc := range []struct{ name, body string }{
		{"accept", goodPurchase},
		{"cut short", goodPurchase[:len(goodPurchase)-1]},
		{"no JSON", "<purchase>"},
		{"rules", `{"id":"x","email":"x","currency":"x","units":0,"total":0,"lines":[],"tags":[""]}`},
	} {
		b.Run(bc.name, func(b *testing.B) {
			serve := replay(b, purchases(b), bc.body)
			b.ReportAllocs()
			for b.Loop() {
				serve()
			}
		})
	}
}

func BenchmarkHandleParallel(b *testing.B) {
	h := purchases(b)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		serve := replay(b, h, goodPurchase)
		for pb.Next() {
			serve()
		}
	})
}

func BenchmarkQuery(b *testing.B) {
	type page struct {
		Limit  int                  `query:"limit"  default:"20" validate:"min=1,max=100"`
		Offset int                  `query:"offset" default:"0"  validate:"min=0"`
		Status validate.Opt[string] `query:"status" validate:"oneof=pending shipped"`
	}
	s, err := validate.New[page](validate.Config{})
	if err != nil {
		b.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodGet, "/?limit=50&offset=100&status=shipped", nil)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Bind(r); err != nil {
			b.Fatal(err)
		}
	}
}
