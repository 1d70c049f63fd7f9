// Package jose reads what JOSE objects are made of: strict JSON, strict base64url, and the three parts of a compact JWS.
//
// Everything is bounded, and what two readers might understand in two ways is refused. It verifies nothing.
//
// Standards: RFC 7515 section 7.1 (compact serialisation), RFC 8259 (JSON), RFC 4648 section 5 (base64url).
package jose

import (
	"encoding/base64"
	"strings"
)

// b64 refuses padding and unused bits that are set: a token has one spelling, or a list of refused ones could be walked
// around.
var b64 = base64.RawURLEncoding.Strict()

// Encode is base64url without padding.
func Encode(b []byte) string { return b64.EncodeToString(b) }

// DecodedLen is the number of bytes in n characters.
func DecodedLen(n int) int { return b64.DecodedLen(n) }

// Decode appends the bytes of a segment to dst. The standard library skips CR and LF wherever they stand; this does not.
func Decode(dst []byte, segment string) ([]byte, bool) {
	if strings.IndexByte(segment, '\n') >= 0 || strings.IndexByte(segment, '\r') >= 0 {
		return nil, false
	}
	out, err := b64.AppendDecode(dst, []byte(segment))
	return out, err == nil
}

// IsHash reports whether s is the one spelling of a SHA-256 hash.
func IsHash(s string) bool {
	var room [33]byte
	out, ok := Decode(room[:0], s)
	return ok && len(out) == 32
}

// Compact is a compact JWS in its parts, none of them decoded.
type Compact struct {
	Header, Payload, Signature string
	Input                      string // what was signed
}

// Split cuts a compact JWS with a header of 1 to maxHeader characters.
func Split(jws string, maxHeader int) (Compact, bool) {
	first := strings.IndexByte(jws, '.')
	last := strings.LastIndexByte(jws, '.')
	if first <= 0 || first == last || first > maxHeader || strings.IndexByte(jws[first+1:last], '.') >= 0 {
		return Compact{}, false
	}
	return Compact{jws[:first], jws[first+1 : last], jws[last+1:], jws[:last]}, true
}

// IsVariant reports a name that differs from a known one by case only: a laxer reader would take one for the other.
func IsVariant(name string, known []string) bool {
	for _, k := range known {
		if len(k) == len(name) && k != name && strings.EqualFold(k, name) {
			return true
		}
	}
	return false
}

// IsHeaderVariant is [IsVariant] for the names of RFC 7515 section 4.1, RFC 7516 section 4.1 and RFC 7797.
func IsHeaderVariant(name string) bool { return IsVariant(name, headerNames) }

var headerNames = []string{"alg", "typ", "cty", "kid", "crit", "b64", "jku", "jwk", "x5u", "x5c", "x5t", "enc", "zip"}
