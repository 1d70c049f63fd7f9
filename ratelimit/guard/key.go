package guard

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"net/netip"
	"strings"

	"github.com/gopalisade/palisade/ratelimit"
)

// dimension is one way in which failures are counted.
type dimension uint8

const (
	byAccount dimension = iota
	byPair
	byAddr
	accountsPerAddr
	addrsPerAccount
	byDevice
	byHolders
	dimensions
)

func (d dimension) String() string {
	return [...]string{"account", "pair", "addr", "accounts_per_addr", "addrs_per_account", "device", "holders"}[d]
}

// strangers are the dimensions of somebody without a device cookie.
var strangers = [...]dimension{byAccount, byPair, byAddr, accountsPerAddr, addrsPerAccount}

// derive makes a key for one purpose out of one for several.
func derive(secret []byte, purpose string) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(purpose))
	return mac.Sum(nil)
}

// normalize is the default of Config.Normalize.
func normalize(account string) string { return strings.ToLower(strings.TrimSpace(account)) }

// hasher turns who is asking into keys, by HMAC, so that a store learns neither accounts nor addresses.
type hasher struct {
	mac  hash.Hash
	room []byte
}

func newHasher(secret []byte) *hasher {
	return &hasher{mac: hmac.New(sha256.New, secret), room: make([]byte, 0, 128)}
}

// key hashes its parts. Each carries its length, so that no two lists read the same.
func (h *hasher) key(d dimension, kind string, parts ...string) ratelimit.Key {
	h.room = append(h.room[:0], byte(d))
	h.add(kind)
	for _, p := range parts {
		h.add(p)
	}
	h.mac.Reset()
	h.mac.Write(h.room)
	sum := h.mac.Sum(h.room[:0])
	return ratelimit.Key{Hi: binary.BigEndian.Uint64(sum), Lo: binary.BigEndian.Uint64(sum[8:])}
}

func (h *hasher) add(part string) {
	h.room = append(binary.BigEndian.AppendUint32(h.room, uint32(len(part))), part...)
}

// prefix is what counts as one address: an IPv4 address, a /64 of IPv6. Those that are unknown are one, too.
func prefix(addr netip.Addr) string {
	addr = addr.Unmap()
	if addr.Is6() {
		p, _ := addr.Prefix(64) // always a length of IPv6; without a zone
		addr = p.Addr()
	}
	return string(addr.AsSlice())
}

// mark is the one bit of a sketch that stands for a key.
func mark(k ratelimit.Key) uint64 { return 1 << (k.Lo & 63) }
