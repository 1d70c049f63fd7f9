package token

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/gopalisade/palisade/internal/jose"
)

// jwk is RFC 7517 section 4 with the members of RFC 7518 section 6 and RFC 8037 section 2. Only the public ones are ever
// written.
type jwk struct {
	Kty string `json:"kty"`
	Kid string `json:"kid,omitempty"`
	Alg string `json:"alg,omitempty"`
	Use string `json:"use,omitempty"`
	Crv string `json:"crv,omitempty"`
	X   string `json:"x,omitempty"`
	Y   string `json:"y,omitempty"`
	N   string `json:"n,omitempty"`
	E   string `json:"e,omitempty"`

	ops     []string
	k       string
	private bool // a member that must not leave its owner was there
	odd     bool // a member had the wrong type
}

// Bounds of a key set.
const (
	maxJWKS   = 512 << 10
	maxKeys   = 64
	maxKeyOps = 16
)

// ParseJWK reads one JWK as a key that verifies; private members are not read. It must name its algorithm, its use, where
// given, must be "sig", and its operations must include "verify" (RFC 7517 sections 4.2 to 4.4).
func ParseJWK(data []byte) (*Key, error) {
	j, err := parseJWK(data)
	if err != nil {
		return nil, err
	}
	return j.key()
}

// ParsePublicJWK reads a JWK that came from somebody else, as ParseJWK does. A shared secret is refused, and so is a key
// with a private member, whose owner has lost it. One that names no algorithm serves alg.
func ParsePublicJWK(data []byte, alg Alg) (*Key, error) {
	j, err := parseJWK(data)
	switch {
	case err != nil:
		return nil, err
	case j.leaked():
		return nil, errLeaked
	case j.Alg == "":
		j.Alg = string(alg)
	}
	return j.key()
}

var errLeaked = fmt.Errorf("%w: JWK is not public", ErrKey)

// leaked reports what must not be published.
func (j *jwk) leaked() bool { return j.private || j.k != "" || j.Kty == "oct" }

// ParseJWKS reads a key set (RFC 7517 section 5), for [NewKeyring]. One unusable key makes the set unusable: whoever wrote
// it should know.
func ParseJWKS(data []byte) ([]*Key, error) {
	set, err := splitJWKS(data)
	if err != nil {
		return nil, err
	}
	keys := make([]*Key, len(set))
	for i, raw := range set {
		if keys[i], err = ParseJWK([]byte(raw)); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

// splitJWKS returns the text of each key.
func splitJWKS(data []byte) ([]string, error) {
	if len(data) > maxJWKS {
		return nil, unusable("key set is too long")
	}
	var keys []string
	s := jose.Scan(string(data))
	ok := s.Members(func(name string) bool {
		if name != "keys" {
			return s.Skip()
		}
		return s.Elements(func() bool {
			raw, ok := s.Raw()
			keys = append(keys, raw)
			return ok && len(keys) <= maxKeys
		})
	})
	if !ok || !s.End() || len(keys) == 0 {
		return nil, unusable("key set must be strict JSON and hold 1 to %d keys", maxKeys)
	}
	return keys, nil
}

func parseJWK(data []byte) (*jwk, error) {
	if len(data) > maxJWKS {
		return nil, unusable("JWK is too long")
	}
	j := &jwk{}
	texts := map[string]*string{
		"kty": &j.Kty, "kid": &j.Kid, "alg": &j.Alg, "use": &j.Use,
		"crv": &j.Crv, "x": &j.X, "y": &j.Y, "n": &j.N, "e": &j.E, "k": &j.k,
	}
	s := jose.Scan(string(data))
	ok := s.Members(func(name string) bool {
		known := true
		var ok bool
		switch text := texts[name]; {
		case text != nil:
			ok = s.Try(func() (ok bool) { *text, ok = s.Text(); return ok })
		case name == "key_ops":
			ok = s.Try(func() (ok bool) { j.ops, ok = s.List(maxKeyOps, false); return ok })
		default:
			known = false
			isName := func(member string) bool { return strings.EqualFold(member, name) }
			j.private = j.private || slices.ContainsFunc(privateMembers, isName)
		}
		j.odd = j.odd || known && !ok
		return ok || s.Skip()
	})
	if !ok || !s.End() {
		return nil, unusable("JWK is not strict JSON")
	}
	return j, nil
}

// privateMembers are those of RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1, and of RFC 8037 section 2. One in another case tells a
// laxer reader as much.
var privateMembers = []string{"k", "d", "p", "q", "dp", "dq", "qi", "oth"}

func (j *jwk) key() (*Key, error) {
	if j.odd {
		return nil, unusable("JWK has a member of the wrong type")
	}
	if j.Use != "" && j.Use != "sig" {
		return nil, unusable("JWK is not for signatures")
	}
	if j.ops != nil && !slices.Contains(j.ops, "verify") {
		return nil, unusable("JWK is not for verifying")
	}
	var raw [5][]byte
	for i, text := range []string{j.X, j.Y, j.N, j.E, j.k} {
		var ok bool
		if raw[i], ok = jose.Decode(nil, text); !ok {
			return nil, unusable("JWK has a member that is not base64url")
		}
	}
	x, y, n, e := raw[0], raw[1], raw[2], raw[3]
	switch j.Kty {
	case "oct":
		return NewHMACKey(j.Kid, Alg(j.Alg), raw[4])
	case "RSA":
		if len(e) == 0 || len(e) > 4 || len(n) == 0 {
			return nil, unusable("JWK has no RSA modulus, or an unusual exponent")
		}
		public := &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}
		return NewPublicKey(j.Kid, Alg(j.Alg), public)
	case "EC":
		return j.ecKey(x, y)
	case "OKP":
		if j.Crv != "Ed25519" {
			return nil, unusable("JWK's curve is not Ed25519")
		}
		return NewPublicKey(j.Kid, Alg(j.Alg), ed25519.PublicKey(x))
	}
	return nil, unusable("JWK has an unknown key type")
}

func (j *jwk) ecKey(x, y []byte) (*Key, error) {
	curve := curves[Alg(j.Alg)]
	if curve == nil || j.Crv != curve.Params().Name {
		return nil, unusable("JWK's curve is not its algorithm's")
	}
	size := (curve.Params().BitSize + 7) / 8
	if len(x) != size || len(y) != size {
		return nil, unusable("JWK's coordinates have the wrong length")
	}
	public, err := ecdsa.ParseUncompressedPublicKey(curve, slices.Concat([]byte{4}, x, y))
	if err != nil {
		return nil, unusable("JWK's point is not on the curve")
	}
	return NewPublicKey(j.Kid, Alg(j.Alg), public)
}

// jwk renders the public half.
func (k *Key) jwk() jwk {
	j := jwk{Kid: k.id, Alg: string(k.alg), Use: "sig"}
	switch pub := k.public.(type) {
	case *rsa.PublicKey:
		j.Kty, j.N = "RSA", jose.Encode(pub.N.Bytes())
		j.E = jose.Encode(big.NewInt(int64(pub.E)).Bytes())
	case *ecdsa.PublicKey:
		j.Kty, j.Crv = "EC", pub.Curve.Params().Name
		point, _ := pub.Bytes() // NewPublicKey checked the point
		half := len(point) / 2
		j.X, j.Y = jose.Encode(point[1:1+half]), jose.Encode(point[1+half:])
	case ed25519.PublicKey:
		j.Kty, j.Crv, j.X = "OKP", "Ed25519", jose.Encode(pub)
	}
	return j
}

// Thumbprint names the public key by what it is (RFC 7638, SHA-256), the jkt of a [Confirmation]. A shared secret has none: "".
func (k *Key) Thumbprint() string {
	j := k.jwk()
	var text string // the required members in alphabetical order
	switch j.Kty {
	case "RSA":
		text = `{"e":"` + j.E + `","kty":"RSA","n":"` + j.N + `"}`
	case "EC":
		text = `{"crv":"` + j.Crv + `","kty":"EC","x":"` + j.X + `","y":"` + j.Y + `"}`
	case "OKP":
		text = `{"crv":"` + j.Crv + `","kty":"OKP","x":"` + j.X + `"}`
	default:
		return ""
	}
	sum := sha256.Sum256([]byte(text))
	return jose.Encode(sum[:])
}
