package token_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/token"
)

func Example() {
	key, err := token.GenerateKey("2026-01", token.EdDSA)
	if err != nil {
		panic(err)
	}
	ring, err := token.NewKeyring(key)
	if err != nil {
		panic(err)
	}
	issuer, err := token.NewIssuer(token.IssuerConfig{Keys: ring, Issuer: "https://id.example.com", Audience: "https://api.example.com"})
	if err != nil {
		panic(err)
	}
	verifier, err := token.NewVerifier(token.VerifierConfig{Keys: ring, Issuer: "https://id.example.com", Audience: "https://api.example.com"})
	if err != nil {
		panic(err)
	}
	gate, err := auth.New(auth.Config{By: []auth.Authenticator{verifier}})
	if err != nil {
		panic(err)
	}
	api := gate.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		p, _ := auth.From(r.Context())
		fmt.Println("hello", p.ID)
	}))

	tok, err := issuer.Issue(auth.Principal{ID: "alice"}, nil)
	if err != nil {
		panic(err)
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Authorization", "Bearer "+tok.Value)
	api.ServeHTTP(httptest.NewRecorder(), r)
	// Output: hello alice
}

// A secret that people can remember is one that others can guess, and a ring of secrets and key pairs invites tokens
// whose "secret" is a public key.
func ExampleNewKeyring_wrong() {
	_, err := token.NewHMACKey("k", token.HS256, []byte("my-secret"))
	fmt.Println(err)

	hs, _ := token.GenerateKey("a", token.HS256)
	ed, _ := token.GenerateKey("b", token.EdDSA)
	_, err = token.NewKeyring(ed, hs)
	fmt.Println(err)
	// Output:
	// token: unusable key: HS256 needs a secret of at least 32 bytes
	// token: Keyring[1] "HS256" must not stand beside keys of the other kind, shared secrets or key pairs
}
