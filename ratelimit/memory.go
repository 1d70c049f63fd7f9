package ratelimit

import (
	"context"
	"math/bits"
	"sync"
	"sync/atomic"
	"time"
)

// Memory is a [Store] in this process. It holds a bounded number of keys, in flat memory that the garbage collector does
// not scan, has no goroutine, and allocates nothing per request.
//
// A key is 64 bits of its hash and one time. It lives in one of two sets of seven; when both are full, the key that is
// nearest to being forgotten anyway makes room, and leaves its time behind as the sets' low-water mark. Whoever comes back
// into such a set starts no better than that mark: flooding the store with new keys forgives nobody, it only makes
// newcomers wait for as long as the forgotten would have.
type Memory struct {
	base     time.Time
	sets     uint64
	segments []atomic.Pointer[segment]
}

const (
	ways       = 7
	setsPerSeg = 8 // a kibibyte
	// defaultKeys is a million: 25 MiB when all are in use, 200 KiB and 2 KiB for each key when few are.
	defaultKeys = 1 << 20
)

// set is two cache lines.
type set struct {
	mu   sync.Mutex
	mark int64 // the latest time that was evicted
	id   [ways]uint64
	tat  [ways]int64 // in the past: free
}

type segment [setsPerSeg]set

// NewMemory returns a store for about maxKeys keys that are over their rest state at once; 0 means a million. Memory is
// taken as keys come, 26 bytes for each of maxKeys at most.
func NewMemory(maxKeys int) *Memory {
	if maxKeys <= 0 {
		maxKeys = defaultKeys
	}
	segments := (maxKeys*4/3/ways)/setsPerSeg + 1
	return &Memory{
		base: time.Now(), sets: uint64(segments * setsPerSeg),
		segments: make([]atomic.Pointer[segment], segments),
	}
}

// Take implements [Store]. It never fails.
func (m *Memory) Take(_ context.Context, key Key, cost int64, policies []Policy, states []State) (bool, error) {
	now := int64(time.Since(m.base)) + 1 // monotonic: the wall clock may jump, this does not
	a, b := m.pair(key)
	a.mu.Lock()
	defer a.mu.Unlock()
	if b != a {
		b.mu.Lock()
		defer b.mu.Unlock()
	}
	var next [MaxPolicies]int64
	var after [MaxPolicies]State
	allowed := len(policies) <= MaxPolicies
	for i := range policies[:min(len(policies), MaxPolicies)] {
		tat := max(a.mark, b.mark) // for a key that is not here: no better than whoever was forgotten
		if t := find(a, b, key.id(policies[i].Name)); t != nil {
			// A policy that was made smaller never locks a key for longer than its own room.
			*t = min(*t, now+policies[i].tolerance())
			tat = *t
		}
		next[i], states[i], after[i] = Decide(policies[i], tat, now, cost)
		allowed = allowed && states[i].RetryAfter == 0
	}
	if !allowed || cost == 0 {
		return allowed, nil
	}
	copy(states, after[:len(policies)])
	for i := range policies {
		put(a, b, key.id(policies[i].Name), next[i], now)
	}
	return true, nil
}

// pair returns the key's two sets, in the order in which they are locked.
func (m *Memory) pair(k Key) (*set, *set) {
	i, _ := bits.Mul64(mix(k.Hi), m.sets) // a fraction of the hash, without a division
	j, _ := bits.Mul64(mix(k.Hi^0x9e3779b97f4a7c15), m.sets)
	return m.set(min(i, j)), m.set(max(i, j))
}

func (m *Memory) set(i uint64) *set {
	slot := &m.segments[i/setsPerSeg]
	seg := slot.Load()
	if seg == nil {
		slot.CompareAndSwap(nil, new(segment))
		seg = slot.Load()
	}
	return &seg[i%setsPerSeg]
}

// id is a key under one policy; never 0, which is an empty place.
func (k Key) id(policy string) uint64 {
	h := uint64(14695981039346656037) // FNV-1a over the policy's name, which is ours
	for i := range len(policy) {
		h = (h ^ uint64(policy[i])) * 1099511628211
	}
	return mix(k.Lo^h) | 1
}

// mix spreads every bit over all (the finaliser of MurmurHash3).
func mix(x uint64) uint64 {
	x = (x ^ x>>33) * 0xff51afd7ed558ccd
	x = (x ^ x>>33) * 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}

// find returns where the id's time is kept, or nil.
func find(a, b *set, id uint64) *int64 {
	for i := range a.id {
		if a.id[i] == id {
			return &a.tat[i]
		}
	}
	for i := range b.id {
		if b.id[i] == id {
			return &b.tat[i]
		}
	}
	return nil
}

// put stores an id's time: where it is, in a free place of the emptier set, or instead of the earliest time of both.
func put(a, b *set, id uint64, tat, now int64) {
	if t := find(a, b, id); t != nil {
		*t = tat
		return
	}
	s, i := a, earliest(a)
	if b != a {
		if free(b, now) > free(a, now) {
			s, i = b, earliest(b)
		} else if j := earliest(b); free(a, now) == 0 && b.tat[j] < a.tat[i] {
			s, i = b, j
		}
	}
	if s.tat[i] > now {
		s.mark = max(s.mark, s.tat[i])
	}
	s.id[i], s.tat[i] = id, tat
}

func earliest(s *set) int {
	least := 0
	for i := range s.tat {
		if s.tat[i] < s.tat[least] {
			least = i
		}
	}
	return least
}

func free(s *set, now int64) (n int) {
	for i := range s.tat {
		if s.tat[i] <= now {
			n++
		}
	}
	return n
}
