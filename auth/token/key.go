package token

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"strings"
	"sync"
	"unicode/utf8"
)

// Alg is a signature algorithm (RFC 7518 section 3.1, RFC 8037).
type Alg string

// The algorithms. There is no "none".
const (
	HS256 Alg = "HS256"
	HS384 Alg = "HS384"
	HS512 Alg = "HS512"
	RS256 Alg = "RS256"
	RS384 Alg = "RS384"
	RS512 Alg = "RS512"
	PS256 Alg = "PS256"
	PS384 Alg = "PS384"
	PS512 Alg = "PS512"
	ES256 Alg = "ES256"
	ES384 Alg = "ES384"
	ES512 Alg = "ES512"
	EdDSA Alg = "EdDSA"
)

var hashes = map[Alg]crypto.Hash{
	HS256: crypto.SHA256, HS384: crypto.SHA384, HS512: crypto.SHA512,
	RS256: crypto.SHA256, RS384: crypto.SHA384, RS512: crypto.SHA512,
	PS256: crypto.SHA256, PS384: crypto.SHA384, PS512: crypto.SHA512,
	ES256: crypto.SHA256, ES384: crypto.SHA384, ES512: crypto.SHA512,
	EdDSA: crypto.Hash(0),
}

var curves = map[Alg]elliptic.Curve{ES256: elliptic.P256(), ES384: elliptic.P384(), ES512: elliptic.P521()}

func (a Alg) symmetric() bool { return strings.HasPrefix(string(a), "HS") }

// Asymmetric reports whether a is a known algorithm of key pairs.
func (a Alg) Asymmetric() bool {
	_, known := hashes[a]
	return known && !a.symmetric()
}

// Key is key material bound to one algorithm: what a token says about its algorithm may agree, and decides nothing. It
// prints as its id and algorithm only. It is safe for concurrent use.
type Key struct {
	id     string
	alg    Alg
	secret []byte           // HS
	signer crypto.Signer    // private half, where we have it
	public crypto.PublicKey // RS, PS, ES, EdDSA

	digesters *sync.Pool // of *digester
}

const maxKeyID = 256

// ErrKey matches every refusal of key material.
var ErrKey = errors.New("token: unusable key")

func unusable(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrKey, fmt.Sprintf(format, args...))
}

// NewHMACKey binds a shared secret to HS256, HS384 or HS512. It must be as long as the hash (RFC 7518 section 3.2) and look
// random: repeated bytes and words that everybody tries first are refused.
func NewHMACKey(id string, alg Alg, secret []byte) (*Key, error) {
	hash, known := hashes[alg]
	switch {
	case !known || !alg.symmetric():
		return nil, unusable("%q is no HMAC algorithm", alg)
	case len(secret) < hash.Size():
		return nil, unusable("%s needs a secret of at least %d bytes", alg, hash.Size())
	case isGuessable(secret):
		return nil, unusable("the secret can be guessed; draw it with crypto/rand")
	}
	return newKey(&Key{id: id, alg: alg, secret: append([]byte(nil), secret...)})
}

// isGuessable reports repeated bytes and padded everyday words. It cannot prove that a secret is random.
func isGuessable(secret []byte) bool {
	distinct := map[byte]bool{}
	for _, b := range secret {
		distinct[b] = true
	}
	if len(distinct) < 8 {
		return true
	}
	lower := strings.ToLower(string(secret))
	for _, word := range []string{"secret", "password", "changeme", "change-me", "your-256-bit", "jwt-key", "qwerty", "example"} {
		if strings.Contains(lower, word) {
			return true
		}
	}
	return false
}

// NewPrivateKey binds a signing key, which may be one that never leaves its hardware. An empty id becomes the key's
// thumbprint (RFC 7638).
func NewPrivateKey(id string, alg Alg, signer crypto.Signer) (*Key, error) {
	if signer == nil {
		return nil, unusable("no private key")
	}
	if r, ok := signer.(*rsa.PrivateKey); ok && r.Validate() != nil {
		return nil, unusable("RSA key is inconsistent")
	}
	k, err := NewPublicKey(id, alg, signer.Public())
	if err != nil {
		return nil, err
	}
	k.signer = signer
	return k, nil
}

// NewPublicKey binds a key that only verifies. An empty id becomes the key's thumbprint (RFC 7638).
func NewPublicKey(id string, alg Alg, public crypto.PublicKey) (*Key, error) {
	switch pub := public.(type) {
	case *rsa.PublicKey:
		if alg[:min(1, len(alg))] != "R" && alg[:min(1, len(alg))] != "P" || hashes[alg] == 0 {
			return nil, unusable("an RSA key cannot serve %q", alg)
		}
		if pub.N == nil || pub.N.BitLen() < 2048 || pub.N.BitLen() > 8192 || pub.N.Bit(0) == 0 {
			return nil, unusable("RSA needs an odd modulus of 2048 to 8192 bits")
		}
		if pub.E < 3 || pub.E > math.MaxInt32 || pub.E%2 == 0 {
			return nil, unusable("RSA needs an odd exponent of at least 3 and at most 31 bits")
		}
		if isROCA(pub.N) {
			return nil, unusable("the RSA key comes from a broken generator (CVE-2017-15361)")
		}
	case *ecdsa.PublicKey:
		if curves[alg] == nil || pub.Curve != curves[alg] {
			return nil, unusable("the curve is not that of %q", alg)
		}
		if _, err := pub.Bytes(); err != nil {
			return nil, unusable("the point is not on the curve")
		}
	case ed25519.PublicKey:
		if alg != EdDSA || len(pub) != ed25519.PublicKeySize {
			return nil, unusable("an Ed25519 key cannot serve %q", alg)
		}
	default:
		return nil, unusable("%T is no key for signatures", public)
	}
	return newKey(&Key{id: id, alg: alg, public: public})
}

func newKey(k *Key) (*Key, error) {
	if k.id == "" && k.public != nil {
		k.id = k.Thumbprint()
	}
	// A header of twice the length is still one that a verifier reads.
	if k.id == "" || len(k.id) > maxKeyID || len(quote(k.id)) > 2*maxKeyID+2 || !utf8.ValidString(k.id) {
		return nil, unusable("the id must be UTF-8 of 1 to %d bytes, and of twice as many in JSON", maxKeyID)
	}
	k.digesters = newDigesters(hashes[k.alg], k.secret)
	return k, nil
}

// GenerateKey draws a new key: a secret for HS, 3072 bits for RS and PS. An empty id becomes a thumbprint, or a random name
// for HS.
func GenerateKey(id string, alg Alg) (*Key, error) {
	var signer crypto.Signer
	var err error
	switch {
	case alg.symmetric() && hashes[alg] != 0:
		secret := make([]byte, hashes[alg].Size())
		_, _ = rand.Read(secret) // never fails
		if id == "" {
			id = rand.Text()
		}
		return newKey(&Key{id: id, alg: alg, secret: secret})
	case curves[alg] != nil:
		signer, err = ecdsa.GenerateKey(curves[alg], rand.Reader)
	case alg == EdDSA:
		_, signer, err = ed25519.GenerateKey(rand.Reader)
	case hashes[alg] != 0:
		signer, err = rsa.GenerateKey(rand.Reader, 3072)
	default:
		return nil, unusable("unknown algorithm %q", alg)
	}
	if err != nil {
		return nil, err
	}
	return NewPrivateKey(id, alg, signer)
}

// ParsePEM reads one PKCS #8 private key or one PKIX public key. An empty id becomes the key's thumbprint.
func ParsePEM(id string, alg Alg, data []byte) (*Key, error) {
	block, rest := pem.Decode(data)
	if block == nil || strings.TrimSpace(string(rest)) != "" {
		return nil, unusable("want exactly one PEM block")
	}
	switch block.Type {
	case "PRIVATE KEY":
		parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		signer, ok := parsed.(crypto.Signer)
		if err != nil || !ok {
			return nil, unusable("PKCS #8 private key cannot be read")
		}
		return NewPrivateKey(id, alg, signer)
	case "PUBLIC KEY":
		public, err := x509.ParsePKIXPublicKey(block.Bytes)
		if err != nil {
			return nil, unusable("public key cannot be read")
		}
		return NewPublicKey(id, alg, public)
	}
	return nil, unusable("PEM block must be PRIVATE KEY or PUBLIC KEY")
}

// MarshalPrivatePEM returns the private key as PKCS #8 PEM, to be stored with mode 0600 or sealed.
func (k *Key) MarshalPrivatePEM() ([]byte, error) {
	if k.signer == nil {
		return nil, unusable("there is no private key to marshal")
	}
	der, err := x509.MarshalPKCS8PrivateKey(k.signer)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// ID returns the key's id, the kid of its tokens.
func (k *Key) ID() string { return k.id }

// Alg returns the one algorithm that the key serves.
func (k *Key) Alg() Alg { return k.alg }

// CanSign reports whether the private half, or the secret, is here.
func (k *Key) CanSign() bool { return k.signer != nil || k.secret != nil }

// String names the key without its material.
func (k *Key) String() string { return "token.Key(" + k.id + ", " + string(k.alg) + ")" }

// GoString is String, so that %#v shows no material either.
func (k *Key) GoString() string { return k.String() }

// Format is String, whatever the verb, for a Key that was copied too.
func (k Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

// LogValue is String, for slog.
func (k *Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalText is String, so that no encoder that respects it prints material.
func (k *Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }
