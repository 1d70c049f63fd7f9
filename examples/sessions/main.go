// Command sessions signs a browser in and out: the refresh token lives in a cookie that no script reads, the access token
// in the page's memory, and a session that was ended stops at once.
package main

import (
	"context"
	"crypto/rand"
	_ "embed"
	"fmt"
	"log"
	"net/http"
	"time"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/session"
	"github.com/gopalisade/palisade/auth/token"
	"github.com/gopalisade/palisade/headers"
	"github.com/gopalisade/palisade/problem"
	"github.com/gopalisade/palisade/transport"
)

func main() {
	fmt.Println("open http://localhost:8080/")
	server := must(transport.NewServer(transport.ServerConfig{Addr: "127.0.0.1:8080", Handler: build()}))
	log.Fatal(server.ListenAndServe())
}

// build returns the page and its API.
func build() http.Handler {
	ring := must(token.NewKeyring(must(token.GenerateKey("", token.EdDSA))))
	issuer := must(token.NewIssuer(token.IssuerConfig{Keys: ring, Issuer: "sessions", Audience: "page", TTL: time.Minute}))
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails; keep yours, or every restart signs everybody out
	manager := must(session.New(session.Config{
		Store: session.NewMemory(0), Issuer: issuer, Keys: [][]byte{key},
		Principal: func(_ context.Context, u session.User) (*auth.Principal, error) {
			return &auth.Principal{ID: u.ID}, nil // ask your database: ErrNoUser ends the session
		},
	}))
	verifier := must(token.NewVerifier(token.VerifierConfig{Keys: ring, Issuer: "sessions", Audience: "page", Check: manager.Check}))
	gate := must(auth.New(auth.Config{By: []auth.Authenticator{verifier}}))
	h := must(session.NewHandlers(session.HandlersConfig{
		Manager: manager, Cookie: "__Host-session",
		Login: func(_ http.ResponseWriter, r *http.Request) (*auth.Principal, error) {
			if r.Header.Get("X-Guest") == "" { // package login checks passwords; see examples/server
				return nil, &problem.Problem{Status: http.StatusUnauthorized, Code: "invalid_credentials"}
			}
			return &auth.Principal{ID: "guest"}, nil
		},
	}))
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", page)
	mux.HandleFunc("POST /login", h.Login)
	mux.HandleFunc("POST /refresh", h.Refresh)
	mux.Handle("POST /logout", gate.Optional(http.HandlerFunc(h.Logout)))
	mux.Handle("GET /sessions", gate.Wrap(http.HandlerFunc(h.Sessions)))
	mux.Handle("DELETE /sessions/{id}", gate.Wrap(http.HandlerFunc(h.End)))
	return must(headers.New(headers.Page())).Wrap(problem.Mux(mux))
}

//go:embed page.html
var html string

// page puts the nonce into the one script, so that no other runs.
func page(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = fmt.Fprintf(w, html, headers.Nonce(r))
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
