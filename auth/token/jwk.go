package token

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"math/big"
	"net/http"
	"slices"
	"strconv"

	"github.com/gopalisade/palisade/problem"
)

// jwk is RFC 7517 section 4 with the members of RFC 7518 section 6 and RFC 8037 section 2. Only the public ones are ever
// written.
type jwk struct {
	Kty    string   `json:"kty"`
	Kid    string   `json:"kid,omitempty"`
	Alg    string   `json:"alg,omitempty"`
	Use    string   `json:"use,omitempty"`
	KeyOps []string `json:"key_ops,omitempty"`
	Crv    string   `json:"crv,omitempty"`
	X      string   `json:"x,omitempty"`
	Y      string   `json:"y,omitempty"`
	N      string   `json:"n,omitempty"`
	E      string   `json:"e,omitempty"`
	K      string   `json:"k,omitempty"`
}

// Bounds of a key set.
const (
	maxJWKS = 512 << 10
	maxKeys = 64
)

// ParseJWK reads one JWK as a key that verifies; private members are not read. It must name its algorithm, its use, where
// given, must be "sig", and its operations must include "verify" (RFC 7517 sections 4.2 to 4.4).
func ParseJWK(data []byte) (*Key, error) {
	if len(data) > maxJWKS {
		return nil, unusable("JWK is too long")
	}
	strict := scanner{src: string(data)}
	if !strict.members(func(string) bool { return strict.skip(1) }) || !strict.end() {
		return nil, unusable("JWK is not strict JSON")
	}
	var j jwk
	if err := json.Unmarshal(data, &j); err != nil {
		return nil, unusable("JWK has a member of the wrong type")
	}
	return j.key()
}

// ParseJWKS reads a key set (RFC 7517 section 5), for [NewKeyring]. One unusable key makes the set unusable: whoever wrote
// it should know.
func ParseJWKS(data []byte) ([]*Key, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if len(data) > maxJWKS {
		return nil, unusable("key set is too long")
	}
	if err := json.Unmarshal(data, &set); err != nil || len(set.Keys) == 0 || len(set.Keys) > maxKeys {
		return nil, unusable("key set must hold 1 to %d keys", maxKeys)
	}
	keys := make([]*Key, len(set.Keys))
	for i, raw := range set.Keys {
		var err error
		if keys[i], err = ParseJWK(raw); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

func (j *jwk) key() (*Key, error) {
	if j.Use != "" && j.Use != "sig" {
		return nil, unusable("JWK is not for signatures")
	}
	if j.KeyOps != nil && !slices.Contains(j.KeyOps, "verify") && !slices.Contains(j.KeyOps, "sign") {
		return nil, unusable("JWK is not for verifying")
	}
	alg := Alg(j.Alg)
	x, okX := decode(nil, j.X)
	y, okY := decode(nil, j.Y)
	n, okN := decode(nil, j.N)
	e, okE := decode(nil, j.E)
	k, okK := decode(nil, j.K)
	if !okX || !okY || !okN || !okE || !okK {
		return nil, unusable("JWK has a member that is not base64url")
	}
	switch j.Kty {
	case "oct":
		return NewHMACKey(j.Kid, alg, k)
	case "RSA":
		if len(e) == 0 || len(e) > 4 || n == nil {
			return nil, unusable("JWK has no RSA modulus, or an unusual exponent")
		}
		return NewPublicKey(j.Kid, alg, &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())})
	case "EC":
		curve := curves[alg]
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
		return NewPublicKey(j.Kid, alg, public)
	case "OKP":
		if j.Crv != "Ed25519" {
			return nil, unusable("JWK's curve is not Ed25519")
		}
		return NewPublicKey(j.Kid, alg, ed25519.PublicKey(x))
	}
	return nil, unusable("JWK has an unknown key type")
}

// jwk renders the public half.
func (k *Key) jwk() jwk {
	j := jwk{Kid: k.id, Alg: string(k.alg), Use: "sig"}
	switch pub := k.public.(type) {
	case *rsa.PublicKey:
		j.Kty, j.N = "RSA", b64.EncodeToString(pub.N.Bytes())
		j.E = b64.EncodeToString(big.NewInt(int64(pub.E)).Bytes())
	case *ecdsa.PublicKey:
		j.Kty, j.Crv = "EC", pub.Curve.Params().Name
		point, _ := pub.Bytes() // NewPublicKey checked the point
		half := len(point) / 2
		j.X, j.Y = b64.EncodeToString(point[1:1+half]), b64.EncodeToString(point[1+half:])
	case ed25519.PublicKey:
		j.Kty, j.Crv, j.X = "OKP", "Ed25519", b64.EncodeToString(pub)
	}
	return j
}

// thumbprint is RFC 7638: the hash of the required members in alphabetical order.
func (k *Key) thumbprint() string {
	j := k.jwk()
	var text string
	switch j.Kty {
	case "RSA":
		text = `{"e":"` + j.E + `","kty":"RSA","n":"` + j.N + `"}`
	case "EC":
		text = `{"crv":"` + j.Crv + `","kty":"EC","x":"` + j.X + `","y":"` + j.Y + `"}`
	default:
		text = `{"crv":"` + j.Crv + `","kty":"OKP","x":"` + j.X + `"}`
	}
	sum := sha256.Sum256([]byte(text))
	return b64.EncodeToString(sum[:])
}

// JWKS returns a handler that publishes the ring's public keys, cacheable for five minutes. A ring of shared secrets has
// nothing to publish, and matches [ErrKey].
func JWKS(ring *Keyring) (http.Handler, error) {
	if ring == nil || ring.active.alg.symmetric() {
		return nil, unusable("shared secrets cannot be published")
	}
	set := struct {
		Keys []jwk `json:"keys"`
	}{}
	for _, k := range ring.keys {
		set.Keys = append(set.Keys, k.jwk())
	}
	body, err := json.Marshal(set)
	if err != nil {
		return nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			problem.Write(w, r, &problem.Problem{Status: http.StatusMethodNotAllowed})
			return
		}
		h := w.Header()
		h.Set("Content-Type", "application/jwk-set+json")
		h.Set("Cache-Control", "public, max-age=300")
		h.Set("Content-Length", strconv.Itoa(len(body)))
		if r.Method == http.MethodGet {
			_, _ = w.Write(body) // the client is gone: nobody is left to tell
		}
	}), nil
}
