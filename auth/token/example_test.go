package token_test

import (
	"context"
	"errors"
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

// Keys change while everything runs: the next one is published, then signs, and the old one leaves when its last token has
// expired.
func ExampleKeyring_Replace() {
	old, _ := token.GenerateKey("2026-01", token.EdDSA)
	next, _ := token.GenerateKey("2026-02", token.EdDSA)
	ring, _ := token.NewKeyring(old)
	issuer, _ := token.NewIssuer(token.IssuerConfig{Keys: ring, Issuer: "https://id.example.com", Audience: "a"})
	verifier, _ := token.NewVerifier(token.VerifierConfig{Keys: ring, Issuer: "https://id.example.com", Audience: "a"})
	tok, _ := issuer.Issue(auth.Principal{ID: "alice"}, nil)

	for _, step := range []func() error{
		func() error { return ring.Replace(old, next) },
		func() error { return ring.Rotate(next) },
		func() error { return ring.Replace(next) },
	} {
		if err := step(); err != nil {
			panic(err)
		}
		_, err := verifier.Verify(context.Background(), tok.Value)
		fmt.Printf("%s signs, the first token: %q\n", ring.Active().ID(), token.Reason(err))
	}
	// Output:
	// 2026-01 signs, the first token: ""
	// 2026-02 signs, the first token: ""
	// 2026-02 signs, the first token: "unknown_key"
}

// The keys of another issuer are fetched when they are needed, from the one place that was configured.
func ExampleNewRemote() {
	key, _ := token.GenerateKey("2026-01", token.ES256)
	ring, _ := token.NewKeyring(key)
	published, _ := token.JWKS(ring)
	id := httptest.NewTLSServer(published) // the other issuer
	defer id.Close()

	keys, err := token.NewRemote(token.RemoteConfig{URL: id.URL, Client: id.Client()})
	if err != nil {
		panic(err)
	}
	verifier, err := token.NewVerifier(token.VerifierConfig{
		Keys: keys, Issuer: "https://id.example.com", Audience: "https://api.example.com", Cache: 10_000,
	})
	if err != nil {
		panic(err)
	}
	issuer, _ := token.NewIssuer(token.IssuerConfig{Keys: ring, Issuer: "https://id.example.com", Audience: "https://api.example.com"})
	tok, _ := issuer.Issue(auth.Principal{ID: "alice"}, nil)
	p, err := verifier.Verify(context.Background(), tok.Value)
	fmt.Println(p.ID, err)
	// Output: alice <nil>
}

// Keys over plain HTTP are keys of whoever stands in between, and an issuer that cannot be reached is no reason to sign
// anybody out: the answer is 503, not 401.
func ExampleNewRemote_wrong() {
	_, err := token.NewRemote(token.RemoteConfig{URL: "http://id.example.com/keys"})
	fmt.Println(err)

	keys, _ := token.NewRemote(token.RemoteConfig{URL: "https://127.0.0.1:1/keys"})
	verifier, _ := token.NewVerifier(token.VerifierConfig{Keys: keys, Issuer: "https://id.example.com", Audience: "a"})
	key, _ := token.GenerateKey("k", token.EdDSA)
	ring, _ := token.NewKeyring(key)
	issuer, _ := token.NewIssuer(token.IssuerConfig{Keys: ring, Issuer: "https://id.example.com", Audience: "a"})
	tok, _ := issuer.Issue(auth.Principal{ID: "alice"}, nil)
	_, err = verifier.Verify(context.Background(), tok.Value)
	fmt.Println(errors.Is(err, auth.ErrUnavailable), errors.Is(err, auth.ErrInvalid))
	// Output:
	// token: URL "http://id.example.com/keys" must be an absolute https URL without user and fragment
	// true false
}

// A token that is bound to a key is worth nothing to whoever only has the token, and so it is to a verifier that was not told
// how the key is shown.
func ExampleIssuer_IssueBound() {
	key, _ := token.GenerateKey("k", token.EdDSA)
	ring, _ := token.NewKeyring(key)
	issuer, _ := token.NewIssuer(token.IssuerConfig{Keys: ring, Issuer: "https://id.example.com", Audience: "a"})
	verifier, _ := token.NewVerifier(token.VerifierConfig{Keys: ring, Issuer: "https://id.example.com", Audience: "a"})
	clients, _ := token.GenerateKey("", token.ES256) // its public half was shown at login
	to := token.Confirmation{JKT: clients.Thumbprint()}
	tok, err := issuer.IssueBound(auth.Principal{ID: "alice"}, nil, to)
	if err != nil {
		panic(err)
	}
	_, err = verifier.Verify(context.Background(), tok.Value)
	fmt.Println(token.Reason(err))
	p, _ := verifier.VerifyBound(context.Background(), tok.Value, to)
	fmt.Println(p.ID)
	// Output:
	// binding
	// alice
}
