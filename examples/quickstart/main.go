// Command quickstart is an API with a public and a private route: net/http, five rooms, one file.
package main

import (
	"fmt"
	"log"
	"net/http"
	"time"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/token"
	"github.com/gopalisade/palisade/headers"
	"github.com/gopalisade/palisade/problem"
	"github.com/gopalisade/palisade/ratelimit"
	"github.com/gopalisade/palisade/rbac"
	"github.com/gopalisade/palisade/transport"
)

func main() {
	h, curl := build()
	fmt.Print(curl)
	server := must(transport.NewServer(transport.ServerConfig{Addr: "127.0.0.1:8080", Handler: h}))
	log.Fatal(server.ListenAndServe())
}

// build returns the API, and three requests to try on it.
func build() (http.Handler, string) {
	ring := must(token.NewKeyring(must(token.GenerateKey("", token.EdDSA))))
	issuer := must(token.NewIssuer(token.IssuerConfig{Keys: ring, Issuer: "quickstart", Audience: "api"}))
	verifier := must(token.NewVerifier(token.VerifierConfig{Keys: ring, Issuer: "quickstart", Audience: "api"}))
	gate := must(auth.New(auth.Config{By: []auth.Authenticator{verifier}}))
	model := must(rbac.New(rbac.Config{
		Permissions: []string{"notes:read"},
		Roles:       map[string]rbac.Role{"reader": {Allow: []string{"notes:read"}}},
	}))
	limit := must(ratelimit.New(ratelimit.Config{
		Key: ratelimit.ByAddr, Policies: []ratelimit.Policy{{Name: "api", Limit: 100, Window: time.Minute}},
	}))
	mux := http.NewServeMux()
	mux.HandleFunc("GET /", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprintln(w, "hello, everybody") })
	mux.Handle("GET /notes", gate.Wrap(model.Require("notes:read")(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, _ := auth.From(r.Context())
		_, _ = fmt.Fprintln(w, "hello,", p.ID)
	}))))
	t := must(issuer.Issue(auth.Principal{ID: "alice", Roles: []string{"reader"}}, nil))
	curl := "curl -i http://127.0.0.1:8080/\ncurl -i http://127.0.0.1:8080/notes\n" +
		"curl -i http://127.0.0.1:8080/notes -H 'Authorization: Bearer " + t.Value + "'\n"
	return must(headers.New(headers.API())).Wrap(limit.Wrap(problem.Mux(mux))), curl
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
