// Command card-vault is a shop that charges cards without keeping their numbers: customers trade a number for a token, and only
// the billing service gets it back, to charge it, under its own name and with an event.
//
//	go run ./examples/card-vault        # prints the keys of a customer and of the billing service, and what to do with them
package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"os"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/apikey"
	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/secret"
	"github.com/gopalisade/palisade/crypto/vault"
	"github.com/gopalisade/palisade/monitor/event"
	"github.com/gopalisade/palisade/problem"
	"github.com/gopalisade/palisade/rbac"
	"github.com/gopalisade/palisade/transport"
	"github.com/gopalisade/palisade/validate"
)

func main() {
	logs := slog.New(must(secret.NewHandler(secret.HandlerConfig{Next: slog.NewTextHandler(os.Stderr, nil)})))
	s := build(logs)
	customer, billing := s.key("ann"), s.key("billing")
	fmt.Printf(`U=http://127.0.0.1:8080 ANN='X-API-Key: %s' BILLING='X-API-Key: %s' J='Content-Type: application/json'
curl -i $U/cards -H "$ANN" -H "$J" -d '{"number":"4111 1111 1111 1111"}'
curl -i $U/cards -H "$ANN"
curl -i $U/charges -H "$BILLING" -H "$J" -d '{"customer":"ann","token":"tok_…","cents":1250}'
curl -i $U/charges -H "$ANN" -H "$J" -d '{"customer":"ann","token":"tok_…","cents":1250}'    # not hers to ask
`, customer, billing)
	server := must(transport.NewServer(transport.ServerConfig{Addr: "127.0.0.1:8080", Handler: s.handler}))
	log.Fatal(server.ListenAndServe())
}

// users are who may have keys. A real service reads them from its database.
var users = map[string][]string{"ann": {"customer"}, "eve": {"customer"}, "billing": {"billing"}}

// shop is the service.
type shop struct {
	handler http.Handler
	cards   *vault.Vault
	keys    *apikey.Keys
	charge  func(number string, cents int) // the payment provider
}

func build(logs *slog.Logger) *shop {
	s := &shop{charge: func(string, int) {}}
	model := must(rbac.New(rbac.Config{
		Permissions: []string{"cards:keep", "cards:charge"},
		Roles:       map[string]rbac.Role{"customer": {Allow: []string{"cards:keep"}}, "billing": {Allow: []string{"cards:charge"}}},
	}))
	s.keys = must(apikey.New(apikey.Config{
		Store: apikey.NewMemory(0), Prefix: "shop",
		Principal: func(_ context.Context, k apikey.Key) (*auth.Principal, error) {
			p := &auth.Principal{ID: k.Owner, Roles: users[k.Owner]}
			p.Permissions = model.Permissions(p)
			return p, nil
		},
	}))
	s.cards = must(vault.New(vault.Config{
		Ring: newRing(), Store: vault.NewMemory(0), Dedupe: true, // sqlstore's Cards, where cards shall outlive the process
		Purposes: []string{"charge"},
		// Asked for every number: the last place to say no, whoever forgot it before.
		Authorize: func(ctx context.Context, _ vault.Access) error {
			if p, _ := auth.From(ctx); !model.Can(p, "cards:charge") {
				return vault.ErrRefused
			}
			return nil
		},
	}))
	gate := must(auth.New(auth.Config{By: []auth.Authenticator{s.keys}}))
	mux := http.NewServeMux()
	handle := func(pattern, permission string, h http.Handler) {
		mux.Handle(pattern, gate.Wrap(model.Require(permission)(h)))
	}
	handle("POST /cards", "cards:keep", validate.MustHandle(must(validate.New[newCard](validate.Config{})), s.keep))
	handle("GET /cards", "cards:keep", validate.MustHandle(must(validate.New[struct{}](validate.Config{})), s.list))
	handle("POST /charges", "cards:charge", validate.MustHandle(must(validate.New[newCharge](validate.Config{})), s.pay))
	record := event.RecorderFunc(func(ctx context.Context, e event.Event) { logs.Log(ctx, e.Level, "security event", "event", e) })
	s.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		problem.Mux(mux).ServeHTTP(w, r.WithContext(event.WithRecorder(r.Context(), record)))
	})
	return s
}

// newRing draws a key. Yours comes from where you keep secrets.
func newRing() *field.Ring {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails
	return must(field.New(field.Config{Keys: []field.Key{{ID: 1, Secret: secret.New(raw), State: field.Primary}}}))
}

func (s *shop) key(owner string) string {
	scopes := []string{"cards:keep", "cards:charge"} // of which the owner's role leaves one
	return must(s.keys.Create(context.Background(), apikey.Params{Name: "example", Owner: owner, Scopes: scopes})).Text
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
