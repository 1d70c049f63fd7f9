package guard

import (
	"context"
	"math/bits"
	"sync"
	"time"

	"github.com/gopalisade/palisade/ratelimit"
)

// Memory is a [Store] in this process. It holds a bounded number of counters in flat memory, has no goroutine, and
// allocates nothing per step but memory for counters that it did not have before.
//
// A counter lives in one of two sets of seven. When both are full, the one that is nearest to being forgiven makes room, and
// leaves its count behind as its set's low-water mark; a counter that is not found starts no better than the marks of its two
// sets. So an attacker who invents accounts cannot push out the one that counts his guesses: he makes newcomers wait.
type Memory struct {
	base time.Time
	sets uint64

	mu       sync.Mutex // for tens of nanoseconds, in front of a hash of tens of milliseconds
	segments []*segment
}

const (
	ways        = 7
	setsPerSeg  = 8
	defaultKeys = 1 << 20
)

// place is a counter that is kept. Whatever is forgiven leaves it free.
type place struct {
	id    uint64
	every int64
	State
}

// set holds places, and what was known of those that had to go: none of them counted more than count, was full later than
// full, or failed later than last.
type set struct {
	places            [ways]place
	count, full, last int64
}

type segment [setsPerSeg]set

// NewMemory returns a store for about maxKeys counters that are not forgiven at once; 0 means a million. A stranger's failed
// guess takes five at most. Memory is taken as counters come, 64 bytes for each of maxKeys at most.
func NewMemory(maxKeys int) *Memory {
	if maxKeys <= 0 {
		maxKeys = defaultKeys
	}
	segments := (maxKeys*4/3/ways)/setsPerSeg + 1
	return &Memory{base: time.Now(), sets: uint64(segments * setsPerSeg), segments: make([]*segment, segments)}
}

// now is monotonic: the wall clock may jump, this does not.
func (m *Memory) now() int64 { return int64(time.Since(m.base)) + 1 }

// Reserve implements [Store]. It never fails.
func (m *Memory) Reserve(_ context.Context, counters []Counter, tallies []Tally) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now, ok := m.now(), len(counters) <= MaxCounters
	var next [MaxCounters]State
	for i, c := range counters[:min(len(counters), MaxCounters)] {
		a, b := m.pair(c.Key)
		s := State{}
		if p := find(a, b, c.Key.Lo); p != nil && p.Full > now {
			s = p.State
		} else {
			s.Full, s.Last = start(a, b, c, now)
		}
		next[i], tallies[i] = c.Charge(s, now)
		ok = ok && tallies[i].Wait == 0
	}
	for i := range counters {
		if !ok {
			tallies[i].Charged, tallies[i].New, tallies[i].Ban, tallies[i].At = false, false, 0, 0
			continue
		}
		m.put(counters[i], next[i], now)
	}
	return ok, nil
}

// Settle implements [Store]. It never fails.
func (m *Memory) Settle(_ context.Context, changes []Change) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	for _, c := range changes {
		a, b := m.pair(c.Key)
		if p := find(a, b, c.Key.Lo); p != nil {
			p.State = c.Undo(p.State, now)
		}
	}
	return nil
}

// pair returns the key's two sets. Keys are hashes already.
func (m *Memory) pair(k ratelimit.Key) (*set, *set) {
	i, _ := bits.Mul64(k.Hi, m.sets) // a fraction of the hash, without a division
	j, _ := bits.Mul64(bits.RotateLeft64(k.Hi, 32)*0x9e3779b97f4a7c15, m.sets)
	return m.set(i), m.set(j)
}

func (m *Memory) set(i uint64) *set {
	seg := &m.segments[i/setsPerSeg]
	if *seg == nil {
		*seg = new(segment)
	}
	return &(*seg)[i%setsPerSeg]
}

func find(a, b *set, id uint64) *place {
	for _, s := range [...]*set{a, b} {
		for i := range s.places {
			if p := &s.places[i]; p.id == id && p.Full != 0 {
				return p
			}
		}
	}
	return nil
}

// start is where a counter that is not here begins: no better than any that had to go.
func start(a, b *set, c Counter, now int64) (full, last int64) {
	for _, s := range [...]*set{a, b} {
		full = max(full, min(s.full, now+s.count*int64(c.Every)))
		last = max(last, s.last)
	}
	return full, last
}

// put keeps a state: where its counter is, in a free place of the emptier set, or instead of the one nearest to being forgiven.
func (m *Memory) put(c Counter, next State, now int64) {
	a, b := m.pair(c.Key)
	p := find(a, b, c.Key.Lo)
	if p == nil {
		s := a
		if free(b, now) > free(a, now) || free(a, now) == 0 && b.soonest().Full < a.soonest().Full {
			s = b
		}
		p = s.soonest()
		s.retire(p, now)
	}
	*p = place{id: c.Key.Lo, every: max(int64(c.Every), 1), State: next}
}

// retire remembers of p what nobody who takes its place may be spared.
func (s *set) retire(p *place, now int64) {
	if s.full <= now {
		s.count, s.full, s.last = 0, 0, 0 // all who went are forgiven
	}
	if p.Full > now {
		s.count = max(s.count, ceil(p.Full-now, p.every))
		s.full = max(s.full, p.Full)
		s.last = max(s.last, p.Last)
	}
}

func (s *set) soonest() *place {
	least := &s.places[0]
	for i := range s.places {
		if p := &s.places[i]; p.Full < least.Full {
			least = p
		}
	}
	return least
}

func free(s *set, now int64) (n int) {
	for i := range s.places {
		if s.places[i].Full <= now {
			n++
		}
	}
	return n
}
