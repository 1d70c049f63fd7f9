package token

import (
	"crypto/sha256"
	"crypto/x509"
	"net/http"

	"github.com/gopalisade/palisade/internal/jose"
)

// Confirmation names the key that a token is bound to (RFC 7800), so that a copy of the token alone is worth nothing. The zero
// value binds to nothing. Both members are SHA-256 in base64url, 43 characters.
type Confirmation struct {
	JKT string `json:"jkt,omitempty"`      // a key that signs a proof for each request (RFC 9449): Key.Thumbprint
	X5T string `json:"x5t#S256,omitempty"` // a client's TLS certificate (RFC 8705): CertificateThumbprint
}

// valid reports that c binds to something, and to nothing else than it can say.
func (c *Confirmation) valid() bool {
	return *c != Confirmation{} && (c.JKT == "" || jose.IsHash(c.JKT)) && (c.X5T == "" || jose.IsHash(c.X5T))
}

// read takes a cnf claim that holds what we know, and nothing besides: a member that nobody looks at is a condition that
// nobody checks.
func (c *Confirmation) read(s *jose.Scanner) bool {
	ok := s.Members(func(name string) (ok bool) {
		switch name {
		case "jkt":
			c.JKT, ok = s.Text()
			return ok && jose.IsHash(c.JKT)
		case "x5t#S256":
			c.X5T, ok = s.Text()
			return ok && jose.IsHash(c.X5T)
		}
		return false
	})
	return ok && *c != Confirmation{}
}

// CertificateThumbprint returns the x5t#S256 of a certificate (RFC 8705 section 3.1).
func CertificateThumbprint(cert *x509.Certificate) string {
	sum := sha256.Sum256(cert.Raw)
	return jose.Encode(sum[:])
}

// PeerCertificate returns the certificate with which r's client began its TLS connection to this server, or nil. The handshake
// has proved that the client has its key, and a binding needs no more: who signed the certificate does not matter.
func PeerCertificate(r *http.Request) *x509.Certificate {
	if r.TLS == nil || !r.TLS.HandshakeComplete || len(r.TLS.PeerCertificates) == 0 {
		return nil
	}
	return r.TLS.PeerCertificates[0]
}
