package dpop

import (
	"context"
	"sync"
	"time"
)

// ReplayStore remembers which proofs were used. It must be safe for concurrent use; machines that serve the same clients should
// share one.
type ReplayStore interface {
	// Use records key until then and reports whether it was not there, in one atomic step: of any number of concurrent calls
	// with the same key, one gets true. A store that has no room must return an error, never forget.
	Use(ctx context.Context, key [32]byte, until time.Time) (fresh bool, err error)
}

// Memory is a [ReplayStore] in this process. It holds a bounded number of proofs and has no goroutine. When it is full of
// proofs that might come back, it fails with [ErrFull]: who could make it forget could replay.
//
// All clients share the room. One with a good token can fill it with proofs of his own, and the others get 503 until those have
// expired: put a rate limit by address in front, of far fewer requests in twice the window than there is room for, and take the
// tokens of whoever comes near it.
type Memory struct {
	mu    sync.Mutex
	known map[[32]byte]struct{}
	queue []used // a ring, in the order in which the proofs came
	head  int
	size  int
}

type used struct {
	key   [32]byte
	until int64 // Unix, in nanoseconds
}

// NewMemory returns a store for so many proofs; 0 means 100 000, which take 4 MB at once and as much again when they come.
// A proof stays for twice the window and a little: with a minute, that is enough for 800 requests a second.
func NewMemory(maxProofs int) *Memory {
	if maxProofs <= 0 {
		maxProofs = 100_000
	}
	return &Memory{known: map[[32]byte]struct{}{}, queue: make([]used, maxProofs)}
}

// perUse is how many proofs one use may forget: more than the one that it adds, and few enough that nobody waits long.
const perUse = 16

// Use implements [ReplayStore]. Proofs leave in the order in which they came, none before its time.
func (m *Memory) Use(_ context.Context, key [32]byte, until time.Time) (bool, error) {
	now := time.Now().UnixNano()
	m.mu.Lock()
	defer m.mu.Unlock()
	for range perUse {
		if m.size == 0 || m.queue[m.head].until > now {
			break
		}
		delete(m.known, m.queue[m.head].key)
		m.head = (m.head + 1) % len(m.queue)
		m.size--
	}
	if _, ok := m.known[key]; ok {
		return false, nil
	}
	if m.size == len(m.queue) {
		return false, ErrFull
	}
	m.known[key] = struct{}{}
	m.queue[(m.head+m.size)%len(m.queue)] = used{key, until.UnixNano()}
	m.size++
	return true, nil
}
