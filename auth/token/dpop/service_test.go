package dpop_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/token"
	"github.com/gopalisade/palisade/auth/token/dpop"
)

const (
	issuerName = "https://id.example.com"
	audience   = "https://api.example.com"
	base       = "https://api.example.com"
	target     = base + "/orders"
)

// client is somebody with a key.
type client struct {
	alg  token.Alg
	key  crypto.Signer
	jwk  map[string]any
	bind token.Confirmation
}

func newClient(t testing.TB, alg token.Alg) *client {
	t.Helper()
	enc := base64.RawURLEncoding.EncodeToString
	c := &client{alg: alg}
	switch alg {
	case token.ES256:
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		must(t, err)
		point, err := key.PublicKey.Bytes()
		must(t, err)
		c.key, c.jwk = key, map[string]any{"kty": "EC", "crv": "P-256", "x": enc(point[1:33]), "y": enc(point[33:])}
	case token.EdDSA:
		public, key, err := ed25519.GenerateKey(nil)
		must(t, err)
		c.key, c.jwk = key, map[string]any{"kty": "OKP", "crv": "Ed25519", "x": enc(public)}
	default:
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		must(t, err)
		c.key, c.jwk = key, map[string]any{"kty": "RSA", "n": enc(key.N.Bytes()), "e": enc(big.NewInt(int64(key.E)).Bytes())}
	}
	public, err := token.NewPublicKey("", alg, c.key.Public())
	must(t, err)
	c.bind = token.Confirmation{JKT: public.Thumbprint()}
	return c
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// proof returns a proof that is good for GET target, but for what change does to its header and claims.
func (c *client) proof(t testing.TB, tok string, change func(head, claims map[string]any)) string {
	t.Helper()
	head := map[string]any{"typ": "dpop+jwt", "alg": string(c.alg), "jwk": maps.Clone(c.jwk)}
	claims := map[string]any{
		"jti": rand.Text(), "htm": "GET", "htu": target, "iat": time.Now().Unix(), "ath": athOf(tok),
	}
	if change != nil {
		change(head, claims)
	}
	h, err := json.Marshal(head)
	must(t, err)
	p, err := json.Marshal(claims)
	must(t, err)
	return c.sign(t, string(h), string(p))
}

func athOf(tok string) string {
	hash := sha256.Sum256([]byte(tok))
	return base64.RawURLEncoding.EncodeToString(hash[:])
}

func (c *client) sign(t testing.TB, head, claims string) string {
	t.Helper()
	input := base64.RawURLEncoding.EncodeToString([]byte(head)) + "." + base64.RawURLEncoding.EncodeToString([]byte(claims))
	sig, err := jwt.GetSigningMethod(string(c.alg)).Sign(input, c.key)
	must(t, err)
	return input + "." + base64.RawURLEncoding.EncodeToString(sig)
}

// service is an API that takes Bearer and DPoP.
type service struct {
	ring     *token.Keyring
	issuer   *token.Issuer
	verifier *token.Verifier
	dpop     *dpop.Authenticator
	handler  http.Handler
}

func newService(t testing.TB, change func(*dpop.Config)) *service {
	t.Helper()
	key, err := token.GenerateKey("", token.EdDSA)
	must(t, err)
	ring, err := token.NewKeyring(key)
	must(t, err)
	s := &service{ring: ring}
	s.issuer, err = token.NewIssuer(token.IssuerConfig{Keys: ring, Issuer: issuerName, Audience: audience})
	must(t, err)
	s.verifier, err = token.NewVerifier(token.VerifierConfig{Keys: ring, Issuer: issuerName, Audience: audience, Cache: 64})
	must(t, err)
	cfg := dpop.Config{Verifier: s.verifier, Replay: dpop.NewMemory(1000), BaseURLs: []string{base}}
	if change != nil {
		change(&cfg)
	}
	s.dpop, err = dpop.New(cfg)
	must(t, err)
	gate, err := auth.New(auth.Config{By: []auth.Authenticator{s.verifier, s.dpop}})
	must(t, err)
	s.handler = gate.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, _ := auth.From(r.Context())
		_, _ = fmt.Fprint(w, p.ID)
	}))
	return s
}

// checked returns an Authenticator whose verifier asks check.
func (s *service) checked(t testing.TB, check func(context.Context, *auth.Principal) error) *dpop.Authenticator {
	t.Helper()
	v, err := token.NewVerifier(token.VerifierConfig{Keys: s.ring, Issuer: issuerName, Audience: audience, Check: check})
	must(t, err)
	a, err := dpop.New(dpop.Config{Verifier: v, Replay: dpop.NewMemory(10), BaseURLs: []string{base}})
	must(t, err)
	return a
}

func (s *service) issue(t testing.TB, to token.Confirmation) string {
	t.Helper()
	issue := func() (token.Token, error) { return s.issuer.IssueBound(auth.Principal{ID: "u1"}, nil, to) }
	if to == (token.Confirmation{}) {
		issue = func() (token.Token, error) { return s.issuer.Issue(auth.Principal{ID: "u1"}, nil) }
	}
	tok, err := issue()
	must(t, err)
	return tok.Value
}

func request(method, url, tok string, proofs ...string) *http.Request {
	r := httptest.NewRequest(method, url, nil)
	r.Header.Set("Authorization", "DPoP "+tok)
	for _, p := range proofs {
		r.Header.Add("DPoP", p)
	}
	return r
}

func (s *service) serve(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w
}
