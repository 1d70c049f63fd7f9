package token_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/token"
)

// certificate returns a self-signed client certificate.
func certificate(t testing.TB) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

func TestBinding(t *testing.T) {
	own, other := certificate(t).Leaf, certificate(t).Leaf
	jkt := newKey(t, token.ES256).Thumbprint()
	x5t := token.CertificateThumbprint(own)
	over := func(done bool, certs ...*x509.Certificate) *tls.ConnectionState {
		return &tls.ConnectionState{HandshakeComplete: done, PeerCertificates: certs}
	}
	jktClaim, x5tClaim := `{"jkt":"`+jkt+`"}`, `{"x5t#S256":"`+x5t+`"}`
	for _, tc := range []struct {
		name, cnf  string
		state      *tls.ConnectionState
		with       bool // PeerCertificate configured
		only, want bool
	}{
		{"unbound", "", nil, false, false, true},
		{"unbound where bound is wanted", "", over(true, own), true, true, false},
		{"unbound over mutual TLS", "", over(true, own), true, false, true},
		{"H15 a string", `"x"`, over(true, own), true, false, false},
		{"H15 a number", `{"jkt":5}`, over(true, own), true, false, false},
		{"H15 null", `null`, over(true, own), true, false, false},
		{"H15 empty", `{}`, over(true, own), true, false, false},
		{"H15 unknown method", `{"jwk":{}}`, over(true, own), true, false, false},
		{"H15 unknown method beside ours", `{"x5t#S256":"` + x5t + `","kid":"x"}`, over(true, own), true, false, false},
		{"H15 empty thumbprint", `{"x5t#S256":""}`, over(true, own), true, false, false},
		{"H15 short thumbprint", `{"x5t#S256":"AAAA"}`, over(true, own), true, false, false},
		{"H15 padded thumbprint", `{"x5t#S256":"` + x5t + `="}`, over(true, own), true, false, false},
		{"H15 in another case", `{"X5T#s256":"` + x5t + `"}`, over(true, own), true, false, false},
		{"H16 jkt under Bearer", jktClaim, nil, false, false, false},
		{"H16 jkt over mutual TLS", jktClaim, over(true, own), true, false, false},
		{"H17 no TLS", x5tClaim, nil, true, false, false},
		{"H17 no client certificate", x5tClaim, over(true), true, false, false},
		{"H17 not configured", x5tClaim, over(true, own), false, false, false},
		{"X3 own certificate", x5tClaim, over(true, own), true, false, true},
		{"X3 own certificate, bound only", x5tClaim, over(true, own), true, true, true},
		{"X3 another certificate", x5tClaim, over(true, other), true, false, false},
		{"X3 own certificate in the chain only", x5tClaim, over(true, other, own), true, false, false},
		{"X3 handshake not complete", x5tClaim, over(false, own), true, false, false},
		{"bound to both", `{"jkt":"` + jkt + `","x5t#S256":"` + x5t + `"}`, over(true, own), true, false, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			key, v := verifierOf(t, func(cfg *token.VerifierConfig) {
				cfg.BoundOnly, cfg.Cache = tc.only, 4
				if tc.with {
					cfg.Certificate = token.PeerCertificate
				}
			})
			claims := good()
			if tc.cnf != "" {
				claims = good(`"jti"`, `"cnf":`+tc.cnf+`,"jti"`)
			}
			r := httptest.NewRequest("GET", "/", nil)
			r.TLS = tc.state
			r.Header.Set("Authorization", "Bearer "+forge(key, goodHead, claims))
			for range 2 { // the second time from the cache
				p, err := v.Authenticate(r)
				if (err == nil) != tc.want || (p != nil) != tc.want || err != nil && !errors.Is(err, token.ErrBinding) {
					t.Errorf("got %v, %v; want accepted = %t", p, err, tc.want)
				}
			}
			// Without a request, nothing was shown.
			if _, err := v.Verify(t.Context(), forge(key, goodHead, claims)); (err == nil) != (tc.cnf == "" && !tc.only) {
				t.Errorf("Verify: got %v", err)
			}
		})
	}
}

func TestVerifyBound(t *testing.T) {
	is, v := pair(t, newKey(t, token.EdDSA))
	to := token.Confirmation{JKT: newKey(t, token.ES256).Thumbprint()}
	bound, err := is.IssueBound(auth.Principal{ID: "u"}, nil, to)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := is.Issue(auth.Principal{ID: "u"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	key, hv := hmacVerifier(t)
	half := forge(key, goodHead, good(`"jti"`, `"cnf":{"jkt":"`+to.JKT+`","x5t#S256":""},"jti"`))
	if _, err := hv.VerifyBound(t.Context(), half, to); !errors.Is(err, token.ErrBinding) {
		t.Errorf("an empty thumbprint: got %v, want ErrBinding", err)
	}
	for _, tc := range []struct {
		name, token string
		shown       token.Confirmation
		want        error
	}{
		{"what it is bound to", bound.Value, to, nil},
		{"nothing", bound.Value, token.Confirmation{}, token.ErrBinding},
		{"another key", bound.Value, token.Confirmation{JKT: newKey(t, token.ES256).Thumbprint()}, token.ErrBinding},
		{"the same under another method", bound.Value, token.Confirmation{X5T: to.JKT}, token.ErrBinding},
		{"X1 unbound", plain.Value, to, token.ErrBinding},
		{"X1 unbound and nothing", plain.Value, token.Confirmation{}, token.ErrBinding},
	} {
		if p, err := v.VerifyBound(t.Context(), tc.token, tc.shown); !errors.Is(err, tc.want) || (p == nil) != (tc.want != nil) {
			t.Errorf("%s: got %v, %v; want %v", tc.name, p, err, tc.want)
		}
	}
	for _, c := range []token.Confirmation{{}, {JKT: "x"}, {X5T: "x"}, {JKT: to.JKT, X5T: "x"}, {JKT: to.JKT + "\n"}} {
		if _, err := is.IssueBound(auth.Principal{ID: "u"}, nil, c); !errors.Is(err, token.ErrIssue) {
			t.Errorf("%+v: got %v, want ErrIssue", c, err)
		}
	}
	if got := newKey(t, token.HS256).Thumbprint(); got != "" {
		t.Errorf("the thumbprint of a secret is %q", got)
	}
}

// Over real TLS: the binding holds against the certificate that the handshake proved.
func TestMutualTLS(t *testing.T) {
	own, other := certificate(t), certificate(t)
	key := newKey(t, token.ES256)
	is, _ := pair(t, key)
	v, err := token.NewVerifier(token.VerifierConfig{
		Keys: ringOfKeys(t, key), Issuer: issuerName, Audience: audience, Certificate: token.PeerCertificate,
	})
	if err != nil {
		t.Fatal(err)
	}
	gate, err := auth.New(auth.Config{By: []auth.Authenticator{v}})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewUnstartedServer(gate.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})))
	srv.TLS = &tls.Config{ClientAuth: tls.RequestClientCert}
	srv.StartTLS()
	defer srv.Close()
	tok, err := is.IssueBound(auth.Principal{ID: "u"}, nil, token.Confirmation{X5T: token.CertificateThumbprint(own.Leaf)})
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name   string
		certs  []tls.Certificate
		status int
	}{
		{"own", []tls.Certificate{own}, 200},
		{"other", []tls.Certificate{other}, 401},
		{"none", nil, 401},
	} {
		client := srv.Client()
		transport := client.Transport.(*http.Transport).Clone()
		transport.TLSClientConfig.Certificates = tc.certs
		defer transport.CloseIdleConnections()
		req, err := http.NewRequestWithContext(t.Context(), "GET", srv.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+tok.Value)
		resp, err := transport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != tc.status || tc.status == 401 && !strings.Contains(resp.Header.Get("WWW-Authenticate"), "invalid_token") {
			t.Errorf("%s: got %d, want %d", tc.name, resp.StatusCode, tc.status)
		}
	}
}
