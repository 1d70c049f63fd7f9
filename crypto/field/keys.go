package field

import (
	"bytes"
	"crypto/subtle"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/gopalisade/palisade/crypto/secret"
	"github.com/gopalisade/palisade/internal/conf"
)

// KeyID is the number of a key in every value that it sealed. It is not secret and never 0; draw it at random, so that two
// rings do not number different keys alike.
type KeyID uint32

// State is what a key of the ring may do.
type State uint8

// The states of a key.
const (
	Active   State = iota // opens what it sealed once
	Primary               // seals, and opens
	Disabled              // does nothing
)

// String returns the state's name.
func (s State) String() string {
	switch s {
	case Active:
		return "active"
	case Primary:
		return "primary"
	case Disabled:
		return "disabled"
	}
	return fmt.Sprintf("State(%d)", uint8(s))
}

// Key is a key of a [Ring]: 32 bytes from crypto/rand or a key management service. They are copied.
type Key struct {
	ID     KeyID
	Secret secret.Bytes
	State  State
}

// KeyInfo is what may be shown of a key.
type KeyInfo struct {
	ID    KeyID
	State State
}

// ringKey is a key in all states that it goes through.
type ringKey struct {
	id    KeyID
	bytes [keySize]byte // guarded by Ring.mu
	floor atomic.Uint64 // what a subkey that comes back to the cache has sealed at most
}

func newRingKey(k Key) *ringKey {
	own := &ringKey{id: k.ID}
	copy(own.bytes[:], k.Secret.Reveal())
	return own
}

// entry is a key in the state that it has in one snapshot.
type entry struct {
	key   *ringKey
	state State
}

// snapshot is the ring at one moment. It never changes.
type snapshot struct {
	primary *ringKey
	entries []entry
}

// find returns the entry of an id. Rings are short: a scan is faster than a map.
func (s *snapshot) find(id KeyID) (entry, bool) {
	if id == s.primary.id {
		return entry{s.primary, Primary}, true
	}
	for _, e := range s.entries {
		if e.key.id == id {
			return e, true
		}
	}
	return entry{}, false
}

// with returns a copy in which id has the state, and no other key is primary beside it.
func (s *snapshot) with(id KeyID, state State) *snapshot {
	next := &snapshot{primary: s.primary, entries: slices.Clone(s.entries)}
	for i := range next.entries {
		e := &next.entries[i]
		switch {
		case e.key.id == id:
			e.state = state
		case e.state == Primary && state == Primary:
			e.state = Active
		}
		if e.state == Primary {
			next.primary = e.key
		}
	}
	return next
}

// usable returns the key of an id, or why there is none to open with.
func (s *snapshot) usable(id KeyID) (*ringKey, error) {
	e, ok := s.find(id)
	switch {
	case !ok:
		return nil, ErrUnknownKey
	case e.state == Disabled:
		return nil, ErrKeyDisabled
	}
	return e.key, nil
}

// checkKey records what is wrong with one key, never showing it.
func checkKey(f *conf.Faults, field string, k Key, others []entry) {
	raw := k.Secret.Reveal()
	f.Check(k.ID != 0, field+".ID", nil, "must not be 0")
	f.Check(k.State <= Disabled, field+".State", k.State, "must be Active, Primary or Disabled")
	f.Check(len(raw) == keySize, field+".Secret", nil, "must be 32 bytes")
	f.Check(len(raw) != keySize || !isGuessable(raw), field+".Secret", nil, "does not look random: draw it with crypto/rand")
	for _, other := range others {
		f.Check(other.key.id != k.ID, field+".ID", k.ID, "must be the id of one key only")
		same := len(raw) == keySize && subtle.ConstantTimeCompare(other.key.bytes[:], raw) == 1
		f.Check(!same, field+".Secret", nil, fmt.Sprintf("must differ from the secret of key %d", other.key.id))
	}
}

// isGuessable reports keys that crypto/rand does not draw in the age of the universe: of few different bytes, counted up,
// shorter ones that were filled up or repeated, or text that was meant to be decoded. It cannot prove that a key is random.
func isGuessable(key []byte) bool {
	var seen [256]bool
	distinct, printable, steady := 0, true, true
	for i, b := range key {
		if !seen[b] {
			seen[b] = true
			distinct++
		}
		printable = printable && b >= ' ' && b <= '~'
		steady = steady && (i == 0 || b-key[i-1] == key[1]-key[0])
	}
	one, other := key[:len(key)/2], key[len(key)/2:]
	filled := bytes.Count(one, one[:1]) == len(one) || bytes.Count(other, other[:1]) == len(other)
	return distinct < 16 || printable || steady || filled || bytes.Equal(one, other)
}
