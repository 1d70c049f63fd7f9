package dpop_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/token"
	"github.com/gopalisade/palisade/auth/token/dpop"
)

// prove is what a client does for each request.
func prove(key ed25519.PrivateKey, method, url, tok string) string {
	enc := base64.RawURLEncoding.EncodeToString
	hash := sha256.Sum256([]byte(tok))
	head, _ := json.Marshal(map[string]any{
		"typ": "dpop+jwt", "alg": "EdDSA",
		"jwk": map[string]string{"kty": "OKP", "crv": "Ed25519", "x": enc(key.Public().(ed25519.PublicKey))},
	})
	claims, _ := json.Marshal(map[string]any{
		"jti": rand.Text(), "htm": method, "htu": url, "iat": time.Now().Unix(), "ath": enc(hash[:]),
	})
	input := enc(head) + "." + enc(claims)
	return input + "." + enc(ed25519.Sign(key, []byte(input)))
}

func Example() {
	signing, _ := token.GenerateKey("2026-01", token.EdDSA)
	ring, _ := token.NewKeyring(signing)
	issuer, _ := token.NewIssuer(token.IssuerConfig{Keys: ring, Issuer: "https://id.example.com", Audience: "https://api.example.com"})
	verifier, _ := token.NewVerifier(token.VerifierConfig{Keys: ring, Issuer: "https://id.example.com", Audience: "https://api.example.com"})
	bound, err := dpop.New(dpop.Config{
		Verifier: verifier, Replay: dpop.NewMemory(0), BaseURLs: []string{"https://api.example.com"},
	})
	if err != nil {
		panic(err)
	}
	gate, err := auth.New(auth.Config{By: []auth.Authenticator{bound}})
	if err != nil {
		panic(err)
	}
	api := gate.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, _ := auth.From(r.Context())
		_, _ = fmt.Fprint(w, "hello ", p.ID)
	}))

	// At login, the client shows its public key, and its token is bound to it.
	_, mine, _ := ed25519.GenerateKey(nil)
	public, _ := token.NewPublicKey("", token.EdDSA, mine.Public())
	tok, err := issuer.IssueBound(auth.Principal{ID: "alice"}, nil, token.Confirmation{JKT: public.Thumbprint()})
	if err != nil {
		panic(err)
	}
	ask := func(proof string) {
		r := httptest.NewRequest("GET", "https://api.example.com/orders", nil)
		r.Header.Set("Authorization", "DPoP "+tok.Value)
		r.Header.Set("DPoP", proof)
		w := httptest.NewRecorder()
		api.ServeHTTP(w, r)
		fmt.Printf("%d %q\n", w.Code, w.Header().Get("WWW-Authenticate"))
	}
	proof := prove(mine, "GET", "https://api.example.com/orders", tok.Value)
	ask(proof)
	ask(proof) // somebody saw both, and sends them again
	_, stranger, _ := ed25519.GenerateKey(nil)
	ask(prove(stranger, "GET", "https://api.example.com/orders", tok.Value))
	// Output:
	// 200 ""
	// 401 "DPoP realm=\"api\", error=\"invalid_dpop_proof\", algs=\"ES256 EdDSA\""
	// 401 "DPoP realm=\"api\", error=\"invalid_token\", algs=\"ES256 EdDSA\""
}

// BaseURLs are what clients write into their proofs, not what this process listens on: behind a proxy that takes a prefix away,
// every proof is for another URL.
func ExampleNew_wrong() {
	s := exampleService("http://127.0.0.1:8080")
	fmt.Println(s("https://api.example.com/v1/orders"))
	s = exampleService("https://api.example.com/v1")
	fmt.Println(s("https://api.example.com/v1/orders"))
	// Output:
	// proof_url
	// accepted
}

// exampleService returns what happens to a proof for htu when the proxy asks for /orders.
func exampleService(base string) func(htu string) string {
	signing, _ := token.GenerateKey("2026-01", token.EdDSA)
	ring, _ := token.NewKeyring(signing)
	issuer, _ := token.NewIssuer(token.IssuerConfig{Keys: ring, Issuer: "i", Audience: "a"})
	verifier, _ := token.NewVerifier(token.VerifierConfig{Keys: ring, Issuer: "i", Audience: "a"})
	bound, err := dpop.New(dpop.Config{Verifier: verifier, Replay: dpop.NewMemory(0), BaseURLs: []string{base}})
	if err != nil {
		panic(err)
	}
	return func(htu string) string {
		_, mine, _ := ed25519.GenerateKey(nil)
		public, _ := token.NewPublicKey("", token.EdDSA, mine.Public())
		tok, _ := issuer.IssueBound(auth.Principal{ID: "alice"}, nil, token.Confirmation{JKT: public.Thumbprint()})
		r := httptest.NewRequest("GET", "/orders", nil)
		r.Header.Set("Authorization", "DPoP "+tok.Value)
		r.Header.Set("DPoP", prove(mine, "GET", htu, tok.Value))
		if _, err := bound.Authenticate(r); err != nil {
			return token.Reason(err)
		}
		return "accepted"
	}
}
