package ratelimit

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"hash/maphash"
	"net/http"
	"net/netip"

	"github.com/gopalisade/palisade/transport"
)

// KeyFunc appends to dst what identifies the caller to be charged. A function that appends nothing puts the request into
// the bucket of all requests that it says nothing about. What is appended is hashed at once, and never stored or logged.
type KeyFunc func(r *http.Request, dst []byte) []byte

// Key identifies a caller in a [Store]: 128 bits of a keyed hash, from which the caller cannot be read.
type Key struct{ Hi, Lo uint64 }

// ByAddr charges the client's address as package transport finds it: each IPv4 address, and each /64 of IPv6, of which a
// single subscriber has 2^64 addresses. Requests of unknown address share one bucket.
func ByAddr(r *http.Request, dst []byte) []byte { return appendAddr(r, dst, 64) }

// ByAddrPrefix is [ByAddr] with another IPv6 prefix length, 32 to 64: providers hand out /56 and /48 too. A length outside
// that is taken as the nearest bound.
func ByAddrPrefix(bits int) KeyFunc {
	bits = min(max(bits, 32), 64)
	return func(r *http.Request, dst []byte) []byte { return appendAddr(r, dst, bits) }
}

func appendAddr(r *http.Request, dst []byte, bits int) []byte {
	addr := transport.PeerOf(r).Addr
	if addr.Is6() {
		prefix, _ := addr.Prefix(bits) // 32 to 64 is always a length of IPv6
		addr = prefix.Addr()
	}
	return appendBytes(dst, addr)
}

func appendBytes(dst []byte, addr netip.Addr) []byte {
	switch {
	case addr.Is4():
		b := addr.As4()
		return append(dst, b[:]...)
	case addr.Is6():
		b := addr.As16()
		return append(dst, b[:]...)
	}
	return dst
}

// ByPrincipal charges the id that the function returns, a signed-in user's; where it is empty, what orElse says. The id
// and the fallback never meet in one bucket.
func ByPrincipal(id func(*http.Request) string, orElse KeyFunc) KeyFunc {
	return func(r *http.Request, dst []byte) []byte {
		if name := id(r); name != "" {
			return append(append(dst, 'p'), name...)
		}
		return orElse(r, append(dst, 'a'))
	}
}

// ByRoute charges the pattern of [http.ServeMux] that matched, never the path, of which a client can make any number. It
// belongs inside the mux; before it, every request has the same, empty pattern.
func ByRoute(r *http.Request, dst []byte) []byte { return append(dst, r.Pattern...) }

// Join charges the combination of its parts. Each part carries its length, so that no two combinations read the same.
func Join(parts ...KeyFunc) KeyFunc {
	return func(r *http.Request, dst []byte) []byte {
		for _, part := range parts {
			at := len(dst)
			dst = part(r, append(dst, 0, 0, 0, 0))
			binary.BigEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
		}
		return dst
	}
}

// hasher turns identities into keys.
type hasher struct {
	secret     []byte
	seed, salt maphash.Seed
}

func newHasher(secret []byte) *hasher {
	return &hasher{secret: append([]byte(nil), secret...), seed: maphash.MakeSeed(), salt: maphash.MakeSeed()}
}

// key uses two seeds of this process, or the shared secret, so that nobody can search for a name that collides with another
// caller's.
func (h *hasher) key(identity []byte) Key {
	if len(h.secret) == 0 {
		return Key{maphash.Bytes(h.seed, identity), maphash.Bytes(h.salt, identity)}
	}
	mac := hmac.New(sha256.New, h.secret)
	mac.Write(identity)
	sum := mac.Sum(nil)
	return Key{binary.BigEndian.Uint64(sum), binary.BigEndian.Uint64(sum[8:])}
}
