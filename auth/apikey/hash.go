package apikey

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"log/slog"
	"sync"
)

// Hash is what a store holds of a key: the SHA-256 of its text, or the HMAC-SHA-256 under a pepper. A fast hash is enough,
// since nobody can try 2^256 secrets. It prints as [redacted].
type Hash [sha256.Size]byte

// String keeps the hash out of logs.
func (Hash) String() string { return "[redacted]" }

// GoString is String.
func (h Hash) GoString() string { return h.String() }

// LogValue is String.
func (h Hash) LogValue() slog.Value { return slog.StringValue(h.String()) }

// MarshalText is String, so that JSON does not hold the hash either.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// pepper makes hashes: keyed ones, or plain ones where it has no id.
type pepper struct {
	id   string
	macs sync.Pool // of *mac, so that hashing allocates nothing
}

type mac struct {
	hash hash.Hash
	in   []byte
	sum  []byte
}

func newPepper(secret []byte) *pepper {
	secret = append([]byte(nil), secret...)
	sum := sha256.Sum256(append([]byte("palisade api key pepper id\x00"), secret...))
	p := &pepper{id: hex.EncodeToString(sum[:8])}
	p.macs.New = func() any { return &mac{hash: hmac.New(sha256.New, secret)} }
	return p
}

func (p *pepper) hash(text string) Hash {
	if p.id == "" {
		var room [maxText]byte
		return sha256.Sum256(append(room[:0], text...))
	}
	m, _ := p.macs.Get().(*mac)
	defer p.macs.Put(m)
	m.hash.Reset()
	m.in = append(m.in[:0], text...)
	m.hash.Write(m.in)
	m.sum = m.hash.Sum(m.sum[:0])
	return Hash(m.sum)
}

// pepper returns the pepper with an id. Where it is gone, another does the same work, to no avail.
func (k *Keys) pepper(id string) *pepper {
	for _, p := range k.peppers {
		if p.id == id {
			return p
		}
	}
	return k.peppers[0]
}
