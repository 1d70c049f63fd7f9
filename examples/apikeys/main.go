// Command apikeys is an API for machines: each key names its owner, and may do what its scopes say as long as he may.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/apikey"
	"github.com/gopalisade/palisade/problem"
	"github.com/gopalisade/palisade/rbac"
	"github.com/gopalisade/palisade/transport"
)

func main() {
	api, keys := build()
	key := must(keys.Create(context.Background(), apikey.Params{
		Name: "nightly report", Owner: "alice", Scopes: []string{"orders:read"},
	}))
	fmt.Println("This key is shown once. Put the pattern into the scanner that looks for leaked secrets:", keys.Pattern())
	for _, call := range []string{"GET", "POST"} { // the second is refused: not in the key's scopes
		fmt.Printf("curl -i -X %s http://127.0.0.1:8080/orders -H 'X-API-Key: %s'\n", call, key.Text)
	}
	server := must(transport.NewServer(transport.ServerConfig{Addr: "127.0.0.1:8080", Handler: api}))
	log.Fatal(server.ListenAndServe())
}

// users are who may own keys. A real service reads them from its database.
var users = map[string][]string{"alice": {"clerk"}, "bob": {"reader"}}

// build returns the API, and what makes its keys.
func build() (http.Handler, *apikey.Keys) {
	model := must(rbac.New(rbac.Config{
		Permissions: []string{"orders:read", "orders:write"},
		Roles: map[string]rbac.Role{
			"reader": {Allow: []string{"orders:read"}},
			"clerk":  {Inherits: []string{"reader"}, Allow: []string{"orders:write"}},
		},
	}))
	keys := must(apikey.New(apikey.Config{
		Store:  apikey.NewMemory(0), // sqlstore's, where keys shall outlive the process
		Prefix: "acme",
		Principal: func(_ context.Context, k apikey.Key) (*auth.Principal, error) {
			roles, ok := users[k.Owner]
			if !ok {
				return nil, apikey.ErrNoOwner
			}
			owner := &auth.Principal{ID: k.Owner, Roles: roles}
			owner.Permissions = model.Permissions(owner) // a key may never do more
			return owner, nil
		},
	}))
	gate := must(auth.New(auth.Config{By: []auth.Authenticator{keys}}))
	mux := http.NewServeMux()
	handle := func(pattern, permission string) {
		mux.Handle(pattern, gate.Wrap(model.Require(permission)(http.HandlerFunc(answer))))
	}
	handle("GET /orders", "orders:read")
	handle("POST /orders", "orders:write")
	return problem.Mux(mux), keys
}

func answer(w http.ResponseWriter, r *http.Request) {
	p, _ := auth.From(r.Context())
	_, _ = fmt.Fprintf(w, "%s, with key %s\n", p.ID, p.TokenID)
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
