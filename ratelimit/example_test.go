package ratelimit_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/gopalisade/palisade/ratelimit"
)

func ExampleMemory() {
	m := ratelimit.NewMemory(1000)
	states := make([]ratelimit.State, 1)
	policies := []ratelimit.Policy{{Name: "mail", Limit: 2, Window: time.Hour}}
	for range 3 {
		ok, err := m.Take(context.Background(), ratelimit.Key{Hi: 7}, 1, policies, states)
		fmt.Println(ok, states[0].Remaining, err)
	}
	// Output:
	// true 1 <nil>
	// true 0 <nil>
	// false 0 <nil>
}

func Example() {
	limiter, err := ratelimit.New(ratelimit.Config{
		Key:      ratelimit.ByAddr,
		Policies: []ratelimit.Policy{{Name: "login", Limit: 2, Window: 15 * time.Minute}},
	})
	if err != nil {
		panic(err)
	}
	login := limiter.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for range 3 {
		w := httptest.NewRecorder()
		login.ServeHTTP(w, httptest.NewRequest("POST", "/login", nil))
		fmt.Printf("%d %q\n", w.Code, w.Header().Get("Retry-After"))
	}
	// Output:
	// 200 ""
	// 200 ""
	// 429 "450"
}

// Behind a proxy, and without package transport around it, a limiter by address sees one client: the proxy.
func Example_wrongOrder() {
	limiter, err := ratelimit.New(ratelimit.Config{
		Key: ratelimit.ByAddr, Policies: []ratelimit.Policy{{Name: "api", Limit: 1, Window: time.Minute}},
	})
	if err != nil {
		panic(err)
	}
	for _, client := range []string{"198.51.100.1", "198.51.100.2"} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = "10.0.0.1:443" // the proxy
		r.Header.Set("X-Forwarded-For", client)
		fmt.Println(client, limiter.Check(r))
	}
	// Output:
	// 198.51.100.1 <nil>
	// 198.51.100.2 ratelimit: too many requests: policy api
}
