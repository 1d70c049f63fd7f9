package graphql_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/validate/graphql"
)

const ordinary = `query Home($n: Int = 10) {
	me { id name ...Card friends(first: $n) { id name image(size: 64) }
	posts(first: 5) { edges { node { id title comments(first: 3) { id text } } } total } }
}
fragment Card on User { image(size: 128) tags friend { id name } }`

// again serves one request many times.
func again(body string) func() *http.Request {
	r := raw("")
	data := strings.NewReader(body)
	return func() *http.Request {
		data.Reset(body)
		r.Body, r.ContentLength = io.NopCloser(data), int64(len(body))
		return r
	}
}

func BenchmarkCheck(b *testing.B) {
	g := newGuard(b, graphql.Config{})
	b.Run("ordinary", func(b *testing.B) {
		next := again(`{"query":` + quote(ordinary) + `,"operationName":"Home","variables":{"n":3}}`)
		if got, _ := check(g, next()); got != "" {
			b.Fatal(got)
		}
		b.ReportAllocs()
		for b.Loop() {
			_, _ = g.Check(next())
		}
	})
	for _, tc := range hostile {
		b.Run("hostile/"+strings.ReplaceAll(tc.name, " ", "_"), func(b *testing.B) {
			g, next := newGuard(b, tc.cfg), again(tc.body())
			b.ReportAllocs()
			for b.Loop() {
				_, _ = g.Check(next())
			}
		})
	}
	// As much work as the rules can be made to do within the limits: fragments that are compared with each other.
	b.Run("worst_within_limits", func(b *testing.B) {
		var doc strings.Builder
		doc.WriteString("{me{...F0}}")
		const n = 44
		for i := range n {
			doc.WriteString("fragment F" + itoa(i) + " on User{id ")
			for j := i + 1; j < min(n, i+4); j++ {
				doc.WriteString("...F" + itoa(j) + " ")
			}
			doc.WriteString("}")
		}
		next := again(`{"query":` + quote(doc.String()) + `}`)
		if got, _ := check(g, next()); got != "" {
			b.Fatal(got)
		}
		b.ReportAllocs()
		for b.Loop() {
			_, _ = g.Check(next())
		}
	})
}

func BenchmarkWrap(b *testing.B) {
	h := newGuard(b, graphql.Config{}).Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	body := `{"query":` + quote(ordinary) + `,"operationName":"Home","variables":{"n":3}}`
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		next, w := again(body), httptest.NewRecorder()
		for pb.Next() {
			h.ServeHTTP(w, next())
		}
	})
}
