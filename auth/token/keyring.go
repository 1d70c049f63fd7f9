package token

import (
	"fmt"
	"maps"
	"sync/atomic"

	"github.com/gopalisade/palisade/internal/conf"
)

// Keyring holds the keys that tokens may be signed with. It does not change; it is safe for concurrent use.
type Keyring struct {
	active *Key
	keys   []*Key
	byID   map[string]*Key

	// headers maps the first segments that led to a good signature to what they said: an issuer writes a handful of
	// them, and comparing a string beats decoding it. A stranger cannot fill it without a key.
	headers atomic.Pointer[map[string]header]
}

// NewKeyring returns a ring in which active signs and all verify. All keys must be secrets or none: a ring of both invites
// tokens whose "secret" is a public key. Two keys must not share an id.
func NewKeyring(active *Key, others ...*Key) (*Keyring, error) {
	f := conf.Faults{Room: "token"}
	ring := &Keyring{active: active, byID: map[string]*Key{}}
	for i, k := range append([]*Key{active}, others...) {
		field := fmt.Sprintf("Keyring[%d]", i)
		if k == nil {
			f.Check(false, field, nil, "must not be nil")
			continue
		}
		f.Check(ring.byID[k.id] == nil, field, k.id, "has the id of another key")
		f.Check(len(ring.keys) == 0 || k.alg.symmetric() == ring.keys[0].alg.symmetric(), field, string(k.alg),
			"must not stand beside keys of the other kind, shared secrets or key pairs")
		ring.keys = append(ring.keys, k)
		ring.byID[k.id] = k
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	return ring, nil
}

// find returns the key for a kid. Without one, only a ring of one key leaves no choice.
func (ring *Keyring) find(kid string, given bool) *Key {
	if !given && len(ring.keys) == 1 {
		return ring.keys[0]
	}
	return ring.byID[kid]
}

const maxHeaders = 64

// remember caches a header segment that led to a good signature.
func (ring *Keyring) remember(segment string, h header) {
	old := ring.headers.Load()
	next := map[string]header{}
	if old != nil {
		if len(*old) >= maxHeaders {
			return
		}
		maps.Copy(next, *old)
	}
	next[segment] = h
	ring.headers.CompareAndSwap(old, &next) // losing a race costs one more decoding
}

// recall returns what a cached segment said.
func (ring *Keyring) recall(segment string) (header, bool) {
	cached := ring.headers.Load()
	if cached == nil {
		return header{}, false
	}
	h, ok := (*cached)[segment]
	return h, ok
}
