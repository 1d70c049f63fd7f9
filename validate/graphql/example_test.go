package graphql_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/gopalisade/palisade/ratelimit"
	"github.com/gopalisade/palisade/validate/graphql"
)

const shop = `
type Query { products(first: Int): [Product!]! }
type Product { name: String  reviews(first: Int): [Review!]! }
type Review { text: String }
`

func Example() {
	guard, err := graphql.New(graphql.Config{SDL: shop})
	if err != nil {
		panic(err)
	}
	api := guard.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		req, _ := graphql.From(r.Context()) // the server would run req.Operations, or read r.Body
		_, _ = fmt.Fprintln(w, "cost", req.Cost)
	}))

	for _, query := range []string{
		"{ products(first: 5) { name reviews(first: 2) { text } } }",
		"{ products(first: 1000) { reviews(first: 1000) { text } } }",
		"{ __schema { types { name } } }",
	} {
		r := httptest.NewRequest("POST", "/graphql", strings.NewReader(`{"query":"`+query+`"}`))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		api.ServeHTTP(w, r)
		fmt.Print(w.Code, " ", w.Body)
	}
	// Output:
	// 200 cost 16
	// 400 {"errors":[{"message":"The operation asks for too much.","extensions":{"code":"cost_limit"}}]}
	// 400 {"errors":[{"message":"Introspection is not allowed.","extensions":{"code":"introspection_refused"}}]}
}

// Only the documents of one's own clients: everything else is refused before it is parsed.
func ExampleHashed() {
	home := "{ products(first: 5) { name } }"
	guard, err := graphql.New(graphql.Config{SDL: shop, Documents: graphql.Hashed(home), OnlyDocuments: true})
	if err != nil {
		panic(err)
	}
	for _, query := range []string{home, "{ products(first: 6) { name } }"} {
		r := httptest.NewRequest("POST", "/graphql", strings.NewReader(`{"query":"`+query+`"}`))
		r.Header.Set("Content-Type", "application/json")
		_, err := guard.Check(r)
		fmt.Println(err)
	}
	// Output:
	// <nil>
	// graphql: document not trusted: document_required
}

// A limiter that charges by cost stands inside the guard. Outside of it nobody knows the cost yet, and every request is one
// permit, however much it asks for.
func ExampleCost_wrong() {
	guard, err := graphql.New(graphql.Config{SDL: shop})
	if err != nil {
		panic(err)
	}
	everybody := func(_ *http.Request, dst []byte) []byte { return append(dst, "all"...) }
	for _, order := range []string{"inside", "outside"} {
		limiter, err := ratelimit.New(ratelimit.Config{
			Key:      everybody,
			Policies: []ratelimit.Policy{{Name: "points", Limit: 100, Window: time.Minute}},
			Cost:     graphql.Cost,
		})
		if err != nil {
			panic(err)
		}
		var api http.Handler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
		if order == "inside" {
			api = guard.Wrap(limiter.Wrap(api))
		} else {
			api = limiter.Wrap(guard.Wrap(api))
		}
		passed := 0
		for range 10 {
			r := httptest.NewRequest("POST", "/graphql", strings.NewReader(`{"query":"{ products(first: 49) { name } }"}`))
			r.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			api.ServeHTTP(w, r)
			if w.Code == http.StatusOK {
				passed++
			}
		}
		fmt.Println(order, passed)
	}
	// Output:
	// inside 2
	// outside 10
}
