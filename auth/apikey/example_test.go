package apikey_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/apikey"
)

func Example() {
	keys, err := apikey.New(apikey.Config{Store: apikey.NewMemory(0), Prefix: "acme"})
	if err != nil {
		panic(err)
	}
	gate, err := auth.New(auth.Config{By: []auth.Authenticator{keys}})
	if err != nil {
		panic(err)
	}
	api := gate.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		p, _ := auth.From(r.Context())
		fmt.Println(p.ID, "may", p.Permissions)
	}))

	created, err := keys.Create(context.Background(), apikey.Params{Name: "ci", Owner: "alice", Scopes: []string{"orders:read"}})
	if err != nil {
		panic(err)
	}
	r := httptest.NewRequest("GET", "/orders", nil)
	r.Header.Set("X-API-Key", created.Text) // shown to Alice once
	api.ServeHTTP(httptest.NewRecorder(), r)
	// Output: alice may [orders:read]
}

// With Bearer, keys and tokens arrive in one header. A verifier in the gate beside the keys takes each key for a bad token, so
// that the request seems to carry two credentials; one in Config.Else gets what is no key.
func Example_wrongPlace() {
	verifier := auth.AuthenticatorFunc(func(r *http.Request) (*auth.Principal, error) { // a token.Verifier
		if _, err := auth.BearerToken(r); err != nil {
			return nil, err
		}
		return nil, auth.ErrInvalid
	})
	store := apikey.NewMemory(0)
	try := func(instead auth.Authenticator, beside ...auth.Authenticator) {
		keys, err := apikey.New(apikey.Config{Store: store, Prefix: "acme", Bearer: true, Else: instead})
		if err != nil {
			panic(err)
		}
		gate, err := auth.New(auth.Config{By: append(beside, keys)})
		if err != nil {
			panic(err)
		}
		created, err := keys.Create(context.Background(), apikey.Params{Name: "ci", Owner: "alice"})
		if err != nil {
			panic(err)
		}
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Authorization", "Bearer "+created.Text)
		_, err = gate.Authenticate(r)
		fmt.Println(err)
	}
	try(nil, verifier)
	try(verifier)
	// Output:
	// auth: more than one credential (several_credentials)
	// <nil>
}

// A key that is logged by mistake shows which one it is, and no more.
func ExampleCreated_String() {
	c := apikey.Created{Text: "acme_live_4fTq0aXv81Zw_0123456789012345678901234567890123456789012abcdef"}
	fmt.Println(c)
	// Output: acme_live_4fTq0aXv81Zw_[redacted]
}
