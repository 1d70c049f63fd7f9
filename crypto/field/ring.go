package field

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/gopalisade/palisade/internal/conf"
)

// Ring seals with its primary key and opens with every key that is not disabled. It is safe for concurrent use: sealing
// and opening take no lock once the key of a column has been derived. A nil or closed Ring answers [ErrClosed].
type Ring struct {
	suite        Suite
	opens        [AES256GCMCommit + 1]bool
	maxPlaintext int
	maxSeals     uint64
	ahead        uint32 // nonces counted at once, at most

	state   atomic.Pointer[snapshot] // nil when closed
	mu      sync.RWMutex             // guards changes of state and cache, and the bytes of keys
	cache   cache
	scratch sync.Pool
	slots   atomic.Uint32 // memos that were given to columns
}

// scratch is the memory that one call borrows, since what goes through an interface is allocated otherwise.
type scratch struct {
	aad   []byte
	text  []byte // padded plaintext: cleared before it is given back, as the next is
	plain []byte // encoded values
	spans []span // one for each of them
	wire  []byte
	memo  [memos]memo
}

// span is a value among others in scratch.plain.
type span struct {
	field *rowField // nil for NULL, and for what is no value
	end   int
}

// memo is a subkey that was used a moment ago on the same core, with some nonces counted ahead: neither costs a shared
// cache line then.
type memo struct {
	sk   *subkey
	left uint32
	step uint32 // counted the last time; grows, so that a memo that is lost loses no more than it has used
}

const memos = 64

// slot is the memo of a column: the one it was given, or one by its name.
func (b *Binding) slot() uint {
	if b.own != 0 || b.column == "" {
		return uint(b.own)
	}
	n := uint(len(b.column))
	return 5*uint(len(b.table)) + 3*n + uint(b.column[0]) + 7*uint(b.column[n-1])
}

// find returns the memo of a binding's column, filled.
func (r *Ring) find(s *scratch, k *ringKey, suite Suite, b *Binding) (*memo, error) {
	m := &s.memo[(b.slot()+uint(suite))%memos]
	if m.sk.serves(k, suite, b) {
		r.cache.touch(m.sk)
		return m, nil
	}
	sk, err := r.subkey(k, &scope{suite: suite, table: b.table, column: b.column, tenant: b.tenant})
	if err != nil {
		return nil, err
	}
	*m = memo{sk: sk}
	return m, nil
}

// serves reports whether sk is the key of a binding's column, and still the only one.
func (sk *subkey) serves(k *ringKey, suite Suite, b *Binding) bool {
	return sk != nil && sk.key == k && sk.scope.suite == suite && sk.scope.column == b.column &&
		sk.scope.table == b.table && sk.scope.tenant == b.tenant && !sk.evicted.Load()
}

const maxScratch = 64 << 10

func (r *Ring) borrow() *scratch { return r.scratch.Get().(*scratch) }

func (r *Ring) giveBack(s *scratch) {
	clear(s.text)
	clear(s.plain)
	if max(cap(s.text), cap(s.plain), cap(s.wire)) <= maxScratch {
		s.text, s.plain, s.wire = s.text[:0], s.plain[:0], s.wire[:0]
		r.scratch.Put(s)
	}
}

// now returns the snapshot, or nil when the ring is closed.
func (r *Ring) now() *snapshot {
	if r == nil {
		return nil
	}
	return r.state.Load()
}

// change replaces the snapshot by what f makes of it. Calls that run at the same time see the one or the other.
func (r *Ring) change(f func(*snapshot) (*snapshot, error)) error {
	if r == nil {
		return ErrClosed
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.state.Load()
	if s == nil {
		return ErrClosed
	}
	next, err := f(s)
	if err == nil {
		r.state.Store(next)
	}
	return err
}

// SetPrimary makes a key seal from now on, and the one before it only open. The error is [ErrUnknownKey],
// [ErrKeyDisabled] or [ErrClosed].
func (r *Ring) SetPrimary(id KeyID) error {
	return r.change(func(s *snapshot) (*snapshot, error) {
		if _, err := s.usable(id); err != nil {
			return nil, err
		}
		return s.with(id, Primary), nil
	})
}

// Add puts a key into the ring. A Primary takes over at once: with many processes add it as Active everywhere first, so
// that each can open what the others seal. The error names every fault, as that of [New] does.
func (r *Ring) Add(k Key) error {
	return r.change(func(s *snapshot) (*snapshot, error) {
		f := conf.Faults{Room: "field"}
		f.Check(len(s.entries) < maxKeys, "Keys", len(s.entries)+1, "must be at most 256")
		checkKey(&f, "Key", k, s.entries)
		if err := f.Err(); err != nil {
			return nil, err
		}
		entries := append(slices.Clip(s.entries), entry{newRingKey(k), Active})
		return (&snapshot{primary: s.primary, entries: entries}).with(k.ID, k.State), nil
	})
}

// Disable takes a key out of use: what it sealed does not open any more. The error is [ErrUnknownKey], [ErrPrimary] or
// [ErrClosed].
func (r *Ring) Disable(id KeyID) error {
	return r.change(func(s *snapshot) (*snapshot, error) {
		e, ok := s.find(id)
		switch {
		case !ok:
			return nil, ErrUnknownKey
		case e.state == Primary:
			return nil, ErrPrimary
		}
		return s.with(id, Disabled), nil
	})
}

// Keys lists the ring's keys in the order in which they came, and none when it is closed.
func (r *Ring) Keys() []KeyInfo {
	s := r.now()
	if s == nil {
		return nil
	}
	list := make([]KeyInfo, len(s.entries))
	for i, e := range s.entries {
		list[i] = KeyInfo{e.key.id, e.state}
	}
	return list
}

// Close overwrites the ring's keys with zeros, and every later call fails with [ErrClosed]; one that is running may finish.
// What was derived from the keys is left to the garbage collector.
func (r *Ring) Close() error {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := r.state.Swap(nil); s != nil {
		wipe(s.entries)
		r.cache.clear()
	}
	return nil
}

func wipe(entries []entry) {
	for _, e := range entries {
		clear(e.key.bytes[:])
	}
}

const labelDerive = "palisade/derive/v1"

// Derive returns 32 bytes for a construction of one's own, such as a file format or a keyed fingerprint, from the key with an
// id, or from the primary for 0; it returns the id to keep beside what was made. The purpose names the construction. No
// purpose and context can lead to a key that the ring uses itself, or to one of another purpose or context; the same ones
// always lead to the same key. Each derived key should be used with one algorithm only.
//
// The error is [ErrBinding] for an empty purpose, [ErrUnknownKey], [ErrKeyDisabled] or [ErrClosed].
func (r *Ring) Derive(purpose string, id KeyID, context ...[]byte) (KeyID, []byte, error) {
	if purpose == "" {
		return 0, nil, ErrBinding
	}
	if r == nil {
		return 0, nil, ErrClosed
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	s := r.state.Load()
	if s == nil {
		return 0, nil, ErrClosed
	}
	if id == 0 {
		id = s.primary.id
	}
	key, err := s.usable(id)
	if err != nil {
		return 0, nil, err
	}
	info := appendPrefixed(append([]byte(labelDerive), 0), purpose)
	info = binary.BigEndian.AppendUint32(info, uint32(len(context)))
	for _, c := range context {
		info = appendPrefixed(info, c)
	}
	return id, expand(key, info, keySize), nil
}

// expand is HKDF-Expand (RFC 5869 section 2.3): the ring's keys are random, there is nothing to extract. The caller holds
// Ring.mu.
func expand(k *ringKey, info []byte, size int) []byte {
	out, _ := hkdf.Expand(sha256.New, k.bytes[:], string(info), size) // fails for 8 KiB and more only
	return out
}
