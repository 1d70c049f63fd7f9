package token

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/gopalisade/palisade/internal/conf"
	"github.com/gopalisade/palisade/internal/jose"
)

// KeySource finds the key that a token names. It must be safe for concurrent use. [Keyring] and [Remote] are sources.
//
// Key is asked for every token, so it must be fast, and its answer counts for that token only: a key that it stops to return
// stops to work. Where given is false the token has no kid, and only a source of one key has an answer. The error is
// [ErrUnknownKey], which refuses the token, or one that matches [auth.ErrUnavailable]; any other counts as the latter.
type KeySource interface {
	Key(ctx context.Context, kid string, given bool) (*Key, error)
}

// Keyring holds the keys that tokens may be signed with, of which one is active: it signs. The keys can be replaced while
// the ring is in use. It is safe for concurrent use.
type Keyring struct {
	set     atomic.Pointer[keySet]
	changes sync.Mutex // held by whoever replaces set
}

// keySet does not change.
type keySet struct {
	active *Key
	keys   []*Key
	byID   map[string]*Key
}

// NewKeyring returns a ring in which active signs and all verify, at most 64. All keys must be secrets or none: a ring of both
// invites tokens whose "secret" is a public key. Two keys must not share an id.
func NewKeyring(active *Key, others ...*Key) (*Keyring, error) {
	f := conf.Faults{Room: "token"}
	set := newKeySet(&f, append([]*Key{active}, others...))
	if err := f.Err(); err != nil {
		return nil, err
	}
	ring := &Keyring{}
	ring.set.Store(set)
	return ring, nil
}

func newKeySet(f *conf.Faults, keys []*Key) *keySet {
	set := &keySet{active: keys[0], byID: make(map[string]*Key, len(keys))}
	f.Check(len(keys) <= maxKeys, "Keyring", len(keys), "must not hold more than 64 keys")
	for i, k := range keys {
		field := fmt.Sprintf("Keyring[%d]", i)
		if k == nil || k.digesters == nil {
			f.Check(false, field, nil, "must be a key that this package made")
			continue
		}
		f.Check(set.byID[k.id] == nil, field, k.id, "has the id of another key")
		f.Check(len(set.keys) == 0 || k.alg.symmetric() == set.keys[0].alg.symmetric(), field, string(k.alg),
			"must not stand beside keys of the other kind, shared secrets or key pairs")
		set.keys = append(set.keys, k)
		set.byID[k.id] = k
	}
	return set
}

// Replace puts other keys into the ring, at once and as [NewKeyring] would: active signs from now on, and a key that is not
// among the new ones stops working, for tokens that were verified before too. A ring of secrets stays one, and a ring that
// signs goes on signing. Where Replace returns an error, the ring is as it was.
//
// To change keys without refusing a token: Replace(old, next), and wait until every verifier has fetched the set; Rotate(next);
// wait until the last token of the old key has expired; Replace(next).
func (ring *Keyring) Replace(active *Key, others ...*Key) error {
	ring.changes.Lock()
	defer ring.changes.Unlock()
	return ring.replace(append([]*Key{active}, others...))
}

// Rotate makes next sign. The present keys go on verifying, next may be one of them.
func (ring *Keyring) Rotate(next *Key) error {
	ring.changes.Lock()
	defer ring.changes.Unlock()
	others := slices.DeleteFunc(slices.Clone(ring.set.Load().keys), func(k *Key) bool { return k == next })
	return ring.replace(append([]*Key{next}, others...))
}

func (ring *Keyring) replace(keys []*Key) error {
	f := conf.Faults{Room: "token"}
	set, old := newKeySet(&f, keys), ring.set.Load()
	if set.active != nil {
		f.Check(set.active.alg.symmetric() == old.active.alg.symmetric(), "Keyring[0]", string(set.active.alg),
			"must be of the kind that the ring holds, shared secrets or key pairs")
		f.Check(set.active.CanSign() || !old.active.CanSign(), "Keyring[0]", set.active.id,
			"must be able to sign, as the active key before it")
	}
	if err := f.Err(); err != nil {
		return err
	}
	ring.set.Store(set)
	return nil
}

// made reports that NewKeyring made the ring.
func (ring *Keyring) made() bool { return ring != nil && ring.set.Load() != nil }

// Active returns the key that signs.
func (ring *Keyring) Active() *Key { return ring.set.Load().active }

// Key implements [KeySource]. It never waits.
func (ring *Keyring) Key(_ context.Context, kid string, given bool) (*Key, error) {
	if k := ring.set.Load().find(kid, given); k != nil {
		return k, nil
	}
	return nil, ErrUnknownKey
}

// find returns the key for a kid. Without one, only a set of one key leaves no choice.
func (set *keySet) find(kid string, given bool) *Key {
	if !given && len(set.keys) == 1 {
		return set.keys[0]
	}
	return set.byID[kid]
}

// seal signs payload with the active key.
func (ring *Keyring) seal(payload []byte) (string, error) {
	k := ring.Active()
	head := `{"alg":"` + string(k.alg) + `","typ":"at+jwt","kid":` + quote(k.id) + `}`
	input := jose.Encode([]byte(head)) + "." + jose.Encode(payload)
	sig, err := k.sign(input)
	if err != nil {
		return "", err
	}
	return input + "." + jose.Encode(sig), nil
}
