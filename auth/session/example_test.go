package session_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/session"
	"github.com/gopalisade/palisade/auth/token"
)

// manager is what an application sets up once.
func manager(grace time.Duration) *session.Manager {
	key, err1 := token.GenerateKey("2026", token.EdDSA)
	ring, err2 := token.NewKeyring(key)
	issuer, err3 := token.NewIssuer(token.IssuerConfig{Keys: ring, Issuer: "https://id.example.com", Audience: "https://api.example.com"})
	m, err4 := session.New(session.Config{
		Store: session.NewMemory(0), Issuer: issuer, Grace: grace,
		Keys: [][]byte{[]byte("32 bytes of crypto/rand, kept safe")},
		Principal: func(_ context.Context, u session.User) (*auth.Principal, error) {
			return &auth.Principal{ID: u.ID, Roles: []string{"customer"}}, nil // from your database, every time
		},
	})
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		panic(err)
	}
	return m
}

func Example() {
	m, ctx := manager(0), context.Background()
	first, err := m.Start(ctx, &auth.Principal{ID: "alice"}, "") // after the password was checked
	if err != nil {
		panic(err)
	}
	second, err := m.Refresh(ctx, first.Refresh, "")
	fmt.Println("refreshed:", err == nil)
	again, err := m.Refresh(ctx, first.Refresh, "") // the answer got lost
	fmt.Println("the same successor:", err == nil && again.Refresh == second.Refresh)
	third, _ := m.Refresh(ctx, second.Refresh, "")
	_, err = m.Refresh(ctx, first.Refresh, "") // a thief, with a copy of the first
	fmt.Println(err)
	_, err = m.Refresh(ctx, third.Refresh, "") // whoever holds the latest has to log in again
	fmt.Println(err)
	// Output:
	// refreshed: true
	// the same successor: true
	// session: refresh token refused: reused
	// session: refresh token refused: revoked
}

// Without a grace period, every answer that gets lost on its way is taken for a theft.
func Example_noGrace() {
	m, ctx := manager(-1), context.Background()
	tokens, _ := m.Start(ctx, &auth.Principal{ID: "alice"}, "")
	_, _ = m.Refresh(ctx, tokens.Refresh, "") // the phone was in a tunnel and never saw the answer
	_, err := m.Refresh(ctx, tokens.Refresh, "")
	fmt.Println(err)
	// Output:
	// session: refresh token refused: reused
}

func ExampleNewHandlers() {
	h, err := session.NewHandlers(session.HandlersConfig{
		Manager: manager(0),
		Cookie:  "__Host-session", // for browsers; without it the refresh token stands in the answer
		Login: func(_ http.ResponseWriter, _ *http.Request) (*auth.Principal, error) {
			return &auth.Principal{ID: "alice"}, nil // see package login
		},
	})
	if err != nil {
		panic(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /login", h.Login)
	mux.HandleFunc("POST /refresh", h.Refresh)
	// Output:
}
