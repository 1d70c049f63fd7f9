package token

import (
	"encoding/base64"
	"strings"
)

// Bounds before any work is done.
const (
	maxToken  = 8 << 10
	maxHeader = 1 << 10
)

// header is what a JOSE header says that matters here.
type header struct {
	alg    Alg
	typ    string
	kid    string
	hasKid bool
}

// b64 refuses padding and unused bits that are set: a token has one spelling, or a list of refused ones could be walked
// around.
var b64 = base64.RawURLEncoding.Strict()

// decode appends the bytes of a segment to dst. The library skips CR and LF wherever they stand; we do not.
func decode(dst []byte, segment string) ([]byte, bool) {
	if strings.ContainsAny(segment, "\r\n") {
		return nil, false
	}
	out, err := b64.AppendDecode(dst, []byte(segment))
	return out, err == nil
}

// open verifies a compact JWS (RFC 7515 section 7.1) and returns its payload, of which nothing was read before the
// signature held. wantType checks the typ header.
func (ring *Keyring) open(token string, wantType func(string) bool) ([]byte, error) {
	if len(token) > maxToken {
		return nil, ErrMalformed
	}
	first := strings.IndexByte(token, '.')
	last := strings.LastIndexByte(token, '.')
	if first <= 0 || first == last || strings.IndexByte(token[first+1:last], '.') >= 0 || first > maxHeader {
		return nil, ErrMalformed
	}
	segment, input := token[:first], token[:last]
	h, cached := ring.recall(segment)
	if !cached {
		var err error
		if h, err = parseHeader(segment); err != nil {
			return nil, err
		}
	}
	if !wantType(h.typ) {
		return nil, ErrType
	}
	key := ring.find(h.kid, h.hasKid)
	switch {
	case key == nil:
		return nil, ErrUnknownKey
	case key.alg != h.alg:
		return nil, ErrAlgorithm
	}
	var room [512]byte // RSA 4096; a longer signature takes an allocation
	sig, ok := decode(room[:0], token[last+1:])
	if !ok {
		return nil, ErrMalformed
	}
	if !key.verify(input, sig) {
		return nil, ErrSignature
	}
	payload, ok := decode(make([]byte, 0, b64.DecodedLen(last-first-1)), token[first+1:last])
	if !ok {
		return nil, ErrMalformed
	}
	if !cached {
		h.kid, h.typ = strings.Clone(h.kid), strings.Clone(h.typ)
		ring.remember(strings.Clone(segment), h)
	}
	return payload, nil
}

// Names of RFC 7515 section 4.1 and RFC 7797 whose variants would mislead a laxer reader.
var headerNames = []string{"alg", "typ", "cty", "kid", "crit", "b64", "jku", "jwk", "x5u", "x5c", "x5t", "enc", "zip"}

// parseHeader reads the first segment.
func parseHeader(segment string) (header, error) {
	raw, ok := decode(nil, segment)
	if !ok {
		return header{}, ErrMalformed
	}
	var h header
	accepted := true
	s := scanner{src: string(raw)}
	ok = s.members(func(name string) bool {
		switch name {
		case "alg":
			alg, ok := s.text()
			h.alg = Alg(alg)
			return ok
		case "typ":
			h.typ, ok = s.text()
			return ok
		case "kid":
			h.kid, ok = s.text()
			h.hasKid = true
			return ok && len(h.kid) <= maxKeyID
		case "crit", "b64", "jku", "jwk", "x5u", "x5c", "enc", "zip":
			// crit asks for something we do not know (RFC 7515 section 4.1.11); the others bring a key along, or change
			// what is signed. None is needed by an issuer that we know.
			accepted = false
		default:
			accepted = accepted && !isVariant(name, headerNames)
		}
		return s.skip(1)
	})
	switch {
	case !ok || !s.end():
		return header{}, ErrMalformed
	case !accepted:
		return header{}, ErrHeader
	}
	return h, nil
}

// isVariant reports a name that differs from a known one by case only.
func isVariant(name string, known []string) bool {
	for _, k := range known {
		if len(k) == len(name) && k != name && strings.EqualFold(k, name) {
			return true
		}
	}
	return false
}

// isAccessToken checks typ as RFC 9068 section 4 wants: at+jwt, with or without "application/", in any case.
func isAccessToken(typ string) bool {
	const prefix = "application/"
	if len(typ) > len(prefix) && strings.EqualFold(typ[:len(prefix)], prefix) {
		typ = typ[len(prefix):]
	}
	return strings.EqualFold(typ, "at+jwt")
}

// seal signs payload with the active key.
func (ring *Keyring) seal(payload []byte) (string, error) {
	k := ring.active
	head := `{"alg":"` + string(k.alg) + `","typ":"at+jwt","kid":` + quote(k.id) + `}`
	input := b64.EncodeToString([]byte(head)) + "." + b64.EncodeToString(payload)
	sig, err := k.sign(input)
	if err != nil {
		return "", err
	}
	return input + "." + b64.EncodeToString(sig), nil
}
