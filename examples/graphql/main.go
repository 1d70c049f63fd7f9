// Command graphql is a GraphQL server that hostile documents do not reach: a guard, a limiter that charges what the guard
// found, and gqlgen, which executes what the guard has parsed.
//
// It prints a TOKEN for the shell. Each line ends with the answer's status:
//
//	ask() { curl -i 127.0.0.1:8080/graphql -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d "$1"; }
//	ask '{"query":"{ me { email orders(first: 5) { item } } }"}'                               # 200
//	ask '{"query":"mutation { createOrder(item: \"a book\", quantity: 2) { id status } }"}'    # 200
//	ask '{"query":"{ orders { total items { item user { email } } } }"}'                       # 200
//	ask '{"query":"query($n: Int!) { orders(first: $n) { total } }","variables":{"n":5}}'      # 200
//	ask '{"query":"{ me { orders(first: 2000) { id } } }"}'                                    # 400 cost_limit
//	ask '{"query":"{ __schema { types { name } } }"}'                                          # 400 introspection_refused
//	ask '{"query":"{ me { emial } }"}'                                                         # 400 validation_failed
//	ask '[{"query":"{ me { id } }"}]'                                                          # 400 batch_refused
//
// The schema and its resolvers are in ../internal/shop, what joins gqlgen to the guard in ../internal/guarded: copy it.
package main

import (
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"time"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/token"
	"github.com/gopalisade/palisade/examples/internal/guarded"
	"github.com/gopalisade/palisade/examples/internal/shop"
	"github.com/gopalisade/palisade/problem"
	"github.com/gopalisade/palisade/ratelimit"
	"github.com/gopalisade/palisade/rbac"
	"github.com/gopalisade/palisade/transport"
	"github.com/gopalisade/palisade/validate"
	"github.com/gopalisade/palisade/validate/graphql"
)

func main() {
	h, bearer := build()
	fmt.Println("TOKEN=" + bearer)
	server := must(transport.NewServer(transport.ServerConfig{Addr: "127.0.0.1:8080", Handler: h}))
	log.Fatal(server.ListenAndServe())
}

// build returns the server, and a token for it.
func build() (http.Handler, string) {
	gate, bearer := signedIn()
	schema := must(shop.Shop{
		Store: shop.NewMemory(shop.User{ID: "ann", Email: "ann@example.com", Role: "customer", Tier: "free"}),
		Model: must(rbac.New(rbac.Config{
			Permissions: []string{"read:orders", "write:orders"},
			Roles:       map[string]rbac.Role{"customer": {Allow: []string{"read:orders", "write:orders"}}},
		})),
		NewOrder: must(validate.New[shop.NewOrder](validate.Config{})),
	}.Schema())
	guard := must(graphql.New(graphql.Config{Schema: schema.Schema()}))
	costs := must(ratelimit.New(ratelimit.Config{
		Key:      ratelimit.ByPrincipal(caller, ratelimit.ByAddr),
		Policies: []ratelimit.Policy{{Name: "cost", Limit: 5000, Window: time.Minute}},
		Cost:     graphql.Cost, // known inside the guard only
		Deny:     graphql.Write,
	}))
	mux := http.NewServeMux()
	mux.Handle("/graphql", gate.Wrap(guard.Wrap(costs.Wrap(guarded.New(schema, slog.Default())))))
	return problem.Mux(mux), bearer
}

func caller(r *http.Request) string {
	p, _ := auth.From(r.Context()) // the gate has let somebody pass
	return p.ID
}

// signedIn stands for however your people sign in.
func signedIn() (*auth.Gate, string) {
	ring := must(token.NewKeyring(must(token.GenerateKey("", token.EdDSA))))
	issuer := must(token.NewIssuer(token.IssuerConfig{Keys: ring, Issuer: "graphql", Audience: "api"}))
	verifier := must(token.NewVerifier(token.VerifierConfig{Keys: ring, Issuer: "graphql", Audience: "api"}))
	gate := must(auth.New(auth.Config{By: []auth.Authenticator{verifier}, Deny: graphql.Write}))
	return gate, must(issuer.Issue(auth.Principal{ID: "ann", Roles: []string{"customer"}}, nil)).Value
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
