// Package authtest brings identities, and attacks on them, into your own tests.
//
// An [Issuer] mints tokens that your handler can be told to trust, with keys that are the same in every run. [WithPrincipal]
// skips authentication where a test is about something else. [Attack] throws what is known to have broken other services
// at your handler, and fails your test for whatever gets in.
//
// The keys are public: anybody who reads this package can sign with them. Use it in tests only. A handler that passes
// Attack is not proven safe; it avoids the mistakes that are tried.
package authtest

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/token"
)

// WithPrincipal returns r as if p had been authenticated.
func WithPrincipal(r *http.Request, p *auth.Principal) *http.Request {
	return r.WithContext(auth.WithPrincipal(r.Context(), p))
}

// Issuer is a token issuer for tests.
type Issuer struct {
	Name     string         // iss of its tokens
	Audience string         // their aud
	Keys     *token.Keyring // Ed25519 and P-256; the first signs

	t       testing.TB
	issuer  *token.Issuer
	private ed25519.PrivateKey
}

const keyID = "authtest"

// NewIssuer returns an Issuer whose name is https://issuer.test and whose audience is https://api.test.
func NewIssuer(t testing.TB) *Issuer {
	t.Helper()
	is := &Issuer{Name: "https://issuer.test", Audience: "https://api.test", t: t}
	seed := sha256.Sum256([]byte("palisade authtest: everybody knows this key"))
	is.private = ed25519.NewKeyFromSeed(seed[:])
	second, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), seed[:])
	is.must(err)
	active, err := token.NewPrivateKey(keyID, token.EdDSA, is.private)
	is.must(err)
	other, err := token.NewPrivateKey(keyID+"-2", token.ES256, second)
	is.must(err)
	is.Keys, err = token.NewKeyring(active, other)
	is.must(err)
	is.issuer, err = token.NewIssuer(token.IssuerConfig{Keys: is.Keys, Issuer: is.Name, Audience: is.Audience})
	is.must(err)
	return is
}

func (is *Issuer) must(err error) {
	is.t.Helper()
	if err != nil {
		is.t.Fatal(err)
	}
}

// Token returns a good access token for p, for ten minutes.
func (is *Issuer) Token(p auth.Principal) string {
	is.t.Helper()
	t, err := is.issuer.Issue(p, nil)
	is.must(err)
	return t.Value
}

// Sign returns a compact JWS of any header and claims, as they are: whatever is wrong with them, the signature holds. The
// key's id is "authtest", its algorithm EdDSA.
func (is *Issuer) Sign(header, claims string) string {
	input := encode(header) + "." + encode(claims)
	return input + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(is.private, []byte(input)))
}

// Gate returns a gate that trusts the Issuer, and nobody else.
func (is *Issuer) Gate() *auth.Gate {
	is.t.Helper()
	v, err := token.NewVerifier(token.VerifierConfig{Keys: is.Keys, Issuer: is.Name, Audience: is.Audience})
	is.must(err)
	gate, err := auth.New(auth.Config{By: []auth.Authenticator{v}})
	is.must(err)
	return gate
}

// Serve publishes the Issuer's keys on a loopback HTTPS server until the test ends. client trusts the server.
func (is *Issuer) Serve() (url string, client *http.Client) {
	is.t.Helper()
	h, err := token.JWKS(is.Keys)
	is.must(err)
	srv := httptest.NewTLSServer(h)
	is.t.Cleanup(srv.Close)
	return srv.URL, srv.Client()
}

func encode(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
