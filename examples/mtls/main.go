// Command mtls knows machines by their certificates: a service gets a token that works over its own TLS connection only,
// so that whoever copies the token has nothing (RFC 8705).
package main

import (
	"crypto/tls"
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/token"
	"github.com/gopalisade/palisade/headers"
	"github.com/gopalisade/palisade/problem"
	"github.com/gopalisade/palisade/transport"
)

func main() {
	dir := must(os.MkdirTemp("", "palisade-mtls")) // a real service has certificates from its own authority
	pki := must(newPKI(dir))
	fmt.Printf(`TLS="--cacert %[1]s/ca.pem --cert %[1]s/billing.pem --key %[1]s/billing-key.pem"
TOKEN=$(curl -s $TLS -X POST https://localhost:8443/token)
curl -i $TLS https://localhost:8443/hello -H "Authorization: Bearer $TOKEN"
curl -i ${TLS//billing/reports} https://localhost:8443/hello -H "Authorization: Bearer $TOKEN"
`, dir)
	server := must(transport.NewServer(transport.ServerConfig{Addr: "127.0.0.1:8443", Handler: build()}))
	server.TLSConfig = pki.server
	log.Fatal(server.ListenAndServeTLS("", ""))
}

// build returns an API with a door for certificates, and one for tokens that are bound to them.
func build() http.Handler {
	ring := must(token.NewKeyring(must(token.GenerateKey("", token.EdDSA))))
	issuer := must(token.NewIssuer(token.IssuerConfig{Keys: ring, Issuer: "mtls", Audience: "api"}))
	verifier := must(token.NewVerifier(token.VerifierConfig{
		Keys: ring, Issuer: "mtls", Audience: "api", Certificate: token.PeerCertificate, BoundOnly: true,
	}))
	byCertificate := must(auth.New(auth.Config{By: []auth.Authenticator{auth.AuthenticatorFunc(fromCertificate)}}))
	byToken := must(auth.New(auth.Config{By: []auth.Authenticator{verifier}}))
	mux := http.NewServeMux()
	mux.Handle("POST /token", byCertificate.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, _ := auth.From(r.Context())
		t, err := issuer.IssueBound(*p, nil, token.Confirmation{X5T: token.CertificateThumbprint(token.PeerCertificate(r))})
		if err != nil {
			problem.Write(w, r, err)
			return
		}
		_, _ = fmt.Fprint(w, t.Value)
	})))
	mux.Handle("GET /hello", byToken.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, _ := auth.From(r.Context())
		_, _ = fmt.Fprintln(w, "hello,", p.ID)
	})))
	return must(headers.New(headers.API())).Wrap(problem.Mux(mux))
}

// fromCertificate names a service by the first URI of its certificate, as SPIFFE does. The handshake has checked who signed
// it: without RequireAndVerifyClientCert, anybody could make one.
func fromCertificate(r *http.Request) (*auth.Principal, error) {
	if r.TLS == nil || len(r.TLS.VerifiedChains) == 0 {
		return nil, &auth.Error{Kind: auth.ErrNoCredentials, Reason: "no_certificate"}
	}
	cert := r.TLS.PeerCertificates[0]
	if len(cert.URIs) != 1 || cert.URIs[0].Scheme != "spiffe" {
		return nil, &auth.Error{Kind: auth.ErrInvalid, Reason: "no_service"}
	}
	return &auth.Principal{ID: cert.URIs[0].String(), Method: auth.MethodMTLS, Expiry: cert.NotAfter}, nil
}

// serverTLS accepts clients of one authority only.
func serverTLS(p *pki) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{p.localhost},
		ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: p.pool,
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
