package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net/url"
	"os"
	"path/filepath"
	"time"
)

// pki is an authority for a day, with what it signed. It is here so that the example runs by itself.
type pki struct {
	pool      *x509.CertPool
	localhost tls.Certificate
	server    *tls.Config
	clients   map[string]tls.Certificate

	ca    *x509.Certificate
	caKey *ecdsa.PrivateKey
	dir   string
}

// newPKI writes the certificates as PEM files into dir.
func newPKI(dir string) (*pki, error) {
	p := &pki{pool: x509.NewCertPool(), clients: map[string]tls.Certificate{}, dir: dir}
	authority := template("example authority")
	authority.IsCA, authority.KeyUsage = true, x509.KeyUsageCertSign
	made, err := p.sign("ca", authority)
	if err != nil {
		return nil, err
	}
	p.pool.AddCert(made.Leaf)
	site := template("localhost")
	site.DNSNames, site.ExtKeyUsage = []string{"localhost"}, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	if p.localhost, err = p.sign("localhost", site); err != nil {
		return nil, err
	}
	for _, name := range []string{"billing", "reports"} {
		client := template(name)
		client.URIs = []*url.URL{{Scheme: "spiffe", Host: "example.test", Path: "/" + name}}
		client.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
		if p.clients[name], err = p.sign(name, client); err != nil {
			return nil, err
		}
	}
	p.server = serverTLS(p)
	return p, nil
}

func template(name string) *x509.Certificate {
	now := time.Now()
	return &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, NotBefore: now.Add(-time.Minute), NotAfter: now.Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, BasicConstraintsValid: true,
	}
}

// sign makes a key and its certificate; the first is the authority's own.
func (p *pki) sign(name string, t *x509.Certificate) (made tls.Certificate, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return made, err
	}
	if p.ca == nil {
		p.ca, p.caKey = t, key
	}
	if t.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127)); err != nil {
		return made, err
	}
	der, err := x509.CreateCertificate(rand.Reader, t, p.ca, key.Public(), p.caKey)
	if err != nil {
		return made, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return made, err
	}
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	secret := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})
	err = errors.Join(
		os.WriteFile(filepath.Join(p.dir, name+".pem"), cert, 0o600),
		os.WriteFile(filepath.Join(p.dir, name+"-key.pem"), secret, 0o600))
	if err != nil {
		return made, err
	}
	return tls.X509KeyPair(cert, secret)
}
