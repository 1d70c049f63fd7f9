package token

import (
	"context"
	"errors"
	"maps"
	"strings"
	"sync/atomic"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/internal/jose"
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

// opener verifies compact JWS with the keys of a source.
type opener struct {
	keys KeySource

	// headers maps the first segments that led to a good signature to what they said: an issuer writes a handful of
	// them, and comparing a string beats decoding it. A stranger cannot fill it without a key. It holds no keys: those
	// are asked for each time, so that one that was removed stops working.
	headers atomic.Pointer[map[string]header]
}

// opened is a payload whose signature held, and what said so.
type opened struct {
	payload []byte
	key     *Key
	kid     string
	hasKid  bool
}

// open verifies a compact JWS (RFC 7515 section 7.1), of whose payload nothing is read before the signature holds. wantType
// checks the typ header.
func (o *opener) open(ctx context.Context, token string, wantType func(string) bool) (opened, error) {
	if len(token) > maxToken {
		return opened{}, ErrMalformed
	}
	parts, ok := jose.Split(token, maxHeader)
	if !ok {
		return opened{}, ErrMalformed
	}
	h, cached := o.recall(parts.Header)
	if !cached {
		var err error
		if h, err = parseHeader(parts.Header); err != nil {
			return opened{}, err
		}
	}
	if !wantType(h.typ) {
		return opened{}, ErrType
	}
	key, err := o.key(ctx, h)
	if err != nil {
		return opened{}, err
	}
	var room [512]byte // RSA 4096; a longer signature takes an allocation
	sig, ok := jose.Decode(room[:0], parts.Signature)
	if !ok {
		return opened{}, ErrMalformed
	}
	if !key.Verify(parts.Input, sig) {
		return opened{}, ErrSignature
	}
	payload, ok := jose.Decode(make([]byte, 0, jose.DecodedLen(len(parts.Payload))), parts.Payload)
	if !ok {
		return opened{}, ErrMalformed
	}
	if !cached {
		h.kid, h.typ = strings.Clone(h.kid), strings.Clone(h.typ)
		o.remember(strings.Clone(parts.Header), h)
	}
	return opened{payload, key, h.kid, h.hasKid}, nil
}

// key asks the source. What is neither a key nor ErrUnknownKey says nothing about the token.
func (o *opener) key(ctx context.Context, h header) (*Key, error) {
	key, err := o.keys.Key(ctx, h.kid, h.hasKid)
	switch {
	case errors.Is(err, ErrUnknownKey):
		return nil, ErrUnknownKey
	case errors.Is(err, auth.ErrUnavailable):
		return nil, err
	case err != nil || key == nil:
		return nil, &auth.Error{Kind: auth.ErrUnavailable, Reason: "keys", Err: err}
	case key.alg != h.alg:
		return nil, ErrAlgorithm
	}
	return key, nil
}

const maxHeaders = 64

// remember caches a header segment that led to a good signature.
func (o *opener) remember(segment string, h header) {
	old := o.headers.Load()
	next := map[string]header{}
	if old != nil && len(*old) < maxHeaders { // a full one begins anew: keys have changed that often
		maps.Copy(next, *old)
	}
	next[segment] = h
	o.headers.CompareAndSwap(old, &next) // losing a race costs one more decoding
}

// recall returns what a cached segment said.
func (o *opener) recall(segment string) (header, bool) {
	cached := o.headers.Load()
	if cached == nil {
		return header{}, false
	}
	h, ok := (*cached)[segment]
	return h, ok
}

// parseHeader reads the first segment.
func parseHeader(segment string) (header, error) {
	raw, ok := jose.Decode(nil, segment)
	if !ok {
		return header{}, ErrMalformed
	}
	var h header
	accepted := true
	s := jose.Scan(string(raw))
	ok = s.Members(func(name string) bool {
		switch name {
		case "alg":
			alg, ok := s.Text()
			h.alg = Alg(alg)
			return ok
		case "typ":
			h.typ, ok = s.Text()
			return ok
		case "kid":
			h.kid, ok = s.Text()
			h.hasKid = true
			return ok && len(h.kid) <= maxKeyID
		case "crit", "b64", "jku", "jwk", "x5u", "x5c", "enc", "zip":
			// crit asks for something we do not know (RFC 7515 section 4.1.11); the others bring a key along, or change
			// what is signed. None is needed by an issuer that we know.
			accepted = false
		default:
			accepted = accepted && !jose.IsHeaderVariant(name)
		}
		return s.Skip()
	})
	switch {
	case !ok || !s.End():
		return header{}, ErrMalformed
	case !accepted:
		return header{}, ErrHeader
	}
	return h, nil
}

// isAccessToken checks typ as RFC 9068 section 4 wants: at+jwt, with or without "application/", in any case.
func isAccessToken(typ string) bool {
	const prefix = "application/"
	if len(typ) > len(prefix) && strings.EqualFold(typ[:len(prefix)], prefix) {
		typ = typ[len(prefix):]
	}
	return strings.EqualFold(typ, "at+jwt")
}
