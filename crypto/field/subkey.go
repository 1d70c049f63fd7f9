package field

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"hash"
	"hash/maphash"
	"math/bits"
	"strings"
	"sync"
	"sync/atomic"
)

// scope is what a subkey is derived for, beside the ring's key.
type scope struct {
	suite                 Suite // 0 for a blind index
	table, column, tenant string
	index                 string // name and transforms of a blind index
}

// subkey is a derived key, ready for use. The ring's key itself meets no cipher, so that the same bytes are never used for
// two purposes, and the limit on nonces counts for each column alone.
type subkey struct {
	key   *ringKey
	scope scope

	aead       cipher.AEAD // of suites 1 and 3
	xaes       *xaes       // of suite 2
	commitment []byte      // of suite 3
	macs       *sync.Pool  // of an index

	// aad begins what a value of an unpadded cell authenticates, up to the row's parts.
	aad []byte

	seals   atomic.Uint64
	used    atomic.Uint64 // the cache's clock when it was last found
	evicted atomic.Bool   // another subkey of the same scope may count nonces
}

const labelField = "palisade/field/v1"

// info is the input of HKDF: label 0 purpose suite, and the names with their lengths. The purposes are no prefixes of each
// other, and the label is none of labelDerive.
func (c *scope) info() []byte {
	purpose := "field"
	if c.suite == 0 {
		purpose = "bidx"
	}
	info := append(append(append([]byte(labelField), 0), purpose...), byte(c.suite))
	info = appendPrefixed(appendPrefixed(appendPrefixed(info, c.table), c.column), c.tenant)
	if c.suite == 0 {
		info = appendPrefixed(info, c.index)
	}
	return info
}

// clone copies the names: they may be slices of a whole request, and bindings stay off the heap.
func (c *scope) clone() scope {
	return scope{
		suite: c.suite, table: strings.Clone(c.table), column: strings.Clone(c.column),
		tenant: strings.Clone(c.tenant), index: strings.Clone(c.index),
	}
}

// newSubkey derives a key. The caller holds Ring.mu.
func newSubkey(k *ringKey, c scope) *subkey {
	sk := &subkey{key: k, scope: c, aad: appendAAD(appendHeader(nil, c.suite, k.id), c.table, c.column)}
	sk.seals.Store(k.floor.Load())
	okm := expand(k, c.info(), keySize+commitSize)
	key := okm[:keySize]
	switch c.suite {
	case AES256GCMCommit:
		sk.commitment = okm[keySize:] // says nothing about the key: it is the next block of HKDF
		sk.aead = newGCM(key)
	case AES256GCM:
		sk.aead = newGCM(key)
	case XAES256GCM:
		sk.xaes = newXAES(key)
	default:
		own := [keySize]byte(key)
		sk.macs = &sync.Pool{New: func() any { return newMAC(own[:]) }}
	}
	clear(key)
	return sk
}

// mac is a keyed hash with room for its sum.
type mac struct {
	hash.Hash
	sum []byte
}

// newMAC takes a sum at once: only then does Reset put the whole state back, and no plaintext stays in the pool.
func newMAC(key []byte) *mac {
	m := &mac{Hash: hmac.New(sha256.New, key)}
	m.sum = m.Sum(m.sum)
	m.Reset()
	return m
}

// newGCM cannot fail for 32 bytes. The nonce is drawn inside of it: there is no way to pass one, and FIPS 140-3 allows no
// other constructor.
func newGCM(key []byte) cipher.AEAD {
	block, _ := aes.NewCipher(key)
	aead, _ := cipher.NewGCMWithRandomNonce(block)
	return aead
}

const ways = 4

// cache keeps subkeys in sets of four, of which the one that was not used for the longest time makes room. Finding one
// takes no lock.
type cache struct {
	seed  maphash.Seed
	clock atomic.Uint64 // counts subkeys that were put in
	sets  [][ways]atomic.Pointer[subkey]
}

// newCache has room for size subkeys, or up to the next power of two.
func newCache(size int, seed maphash.Seed) cache {
	sets := 1 << bits.Len(uint(size-1)/ways)
	return cache{seed: seed, sets: make([][ways]atomic.Pointer[subkey], sets)}
}

func (c *cache) set(k *ringKey, s *scope) *[ways]atomic.Pointer[subkey] {
	h := maphash.String(c.seed, s.table) ^ bits.RotateLeft64(maphash.String(c.seed, s.column), 16)
	if s.tenant != "" {
		h ^= bits.RotateLeft64(maphash.String(c.seed, s.tenant), 32)
	}
	if s.index != "" {
		h ^= bits.RotateLeft64(maphash.String(c.seed, s.index), 48)
	}
	h += uint64(k.id) + uint64(s.suite)<<32
	h ^= h >> 32
	return &c.sets[h&uint64(len(c.sets)-1)]
}

func (c *cache) find(k *ringKey, s *scope) *subkey {
	set := c.set(k, s)
	for i := range set {
		sk := set[i].Load()
		if sk != nil && sk.key == k && sk.scope == *s {
			c.touch(sk)
			return sk
		}
	}
	return nil
}

// touch writes only when something has changed, so that cores share the cache line.
func (c *cache) touch(sk *subkey) {
	if now := c.clock.Load(); sk.used.Load() != now {
		sk.used.Store(now)
	}
}

// put is called under Ring.mu.
func (c *cache) put(sk *subkey) {
	sk.used.Store(c.clock.Add(1))
	set := c.set(sk.key, &sk.scope)
	oldest := &set[0]
	for i := range set {
		held := set[i].Load()
		if held == nil {
			oldest = &set[i]
			break
		}
		if held.used.Load() < oldest.Load().used.Load() {
			oldest = &set[i]
		}
	}
	// A subkey that leaves must not come back with a fresh count of nonces. Which one it was is forgotten, so all that come
	// to this key start with the highest count: too early is safe.
	if gone := oldest.Swap(sk); gone != nil {
		gone.evicted.Store(true)
		if gone.scope.suite != XAES256GCM {
			gone.key.floor.Store(max(gone.key.floor.Load(), gone.seals.Load()))
		}
	}
}

func (c *cache) clear() {
	for i := range c.sets {
		for j := range c.sets[i] {
			c.sets[i][j].Store(nil)
		}
	}
}

// place remembers the subkey that an index used the last time, beside the cache.
type place struct{ sk atomic.Pointer[subkey] }

// find returns the subkey if it is still the one.
func (p *place) find(k *ringKey) *subkey {
	if sk := p.sk.Load(); sk != nil && sk.key == k && !sk.evicted.Load() {
		return sk
	}
	return nil
}

// subkey returns the key of a scope, derived once.
func (r *Ring) subkey(k *ringKey, s *scope) (*subkey, error) {
	if sk := r.cache.find(k, s); sk != nil {
		return sk, nil
	}
	return r.derive(k, s)
}

func (r *Ring) derive(k *ringKey, s *scope) (*subkey, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.state.Load() == nil {
		return nil, ErrClosed // and the key is overwritten
	}
	if sk := r.cache.find(k, s); sk != nil {
		return sk, nil // somebody else was faster, and its count of nonces must be the only one
	}
	sk := newSubkey(k, s.clone())
	r.cache.put(sk)
	return sk, nil
}
