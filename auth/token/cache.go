package token

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
	"sync/atomic"

	"github.com/gopalisade/palisade/auth"
)

// cache remembers tokens that held, by the hash of their one spelling; no token is in it. It never grows, takes no lock, and
// what it does costs the same whatever is in it. Whoever finds something in it must ask again for all that may have changed.
type cache struct {
	sets []set
}

const ways = 4

// set is where a token may lie. Its hash says which one, so that only an issuer could crowd one.
type set [ways]atomic.Pointer[verified]

// verified is a token that held. It does not change.
type verified struct {
	id            [sha256.Size]byte
	key           *Key // that its signature held under
	kid           string
	hasKid        bool
	exp, nbf, iat int64
	cnf           Confirmation
	cnfUnknown    bool
	principal     auth.Principal
}

func newCache(entries int) *cache {
	return &cache{sets: make([]set, (entries+ways-1)/ways)}
}

func tokenID(token string) [sha256.Size]byte {
	var room [1024]byte // most tokens; a longer one takes an allocation
	return sha256.Sum256(append(room[:0], token...))
}

func (c *cache) set(id *[sha256.Size]byte) *set {
	i, _ := bits.Mul64(binary.LittleEndian.Uint64(id[:]), uint64(len(c.sets))) // a fraction of the hash, without a division
	return &c.sets[i]
}

func (c *cache) get(id *[sha256.Size]byte) *verified {
	s := c.set(id)
	for i := range s {
		// Not in constant time: whoever learns bytes of a hash cannot make a token of them.
		if t := s[i].Load(); t != nil && t.id == *id {
			return t
		}
	}
	return nil
}

// put keeps t where it lay before, in a free place, or instead of the token that expires first.
func (c *cache) put(t *verified) {
	s := c.set(&t.id)
	var place *atomic.Pointer[verified]
	first := t.exp
	for i := range s {
		old := s[i].Load()
		if old == nil || old.id == t.id {
			place = &s[i]
			break
		}
		if place == nil || old.exp < first {
			place, first = &s[i], old.exp
		}
	}
	place.Store(t)
}
