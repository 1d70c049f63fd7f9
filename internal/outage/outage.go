// Package outage remembers that a store is out of reach, so that not every request waits for it.
package outage

import (
	"sync/atomic"
	"time"
)

// Pause is how long a store is left alone after it failed. One caller tries it then, and the others wait for what he finds.
const Pause = time.Second

// Memory is of one store. The zero value knows of no outage. It is safe for concurrent use.
type Memory struct{ until atomic.Int64 }

// Ask reports whether the caller should ask the store. He must tell what came of it.
func (m *Memory) Ask() bool {
	until := m.until.Load()
	if until == 0 {
		return true
	}
	now := time.Now()
	wait := time.Duration(until - now.UnixNano())
	over := wait <= 0 || wait > Pause // or the clock was set back
	return over && m.until.CompareAndSwap(until, now.Add(Pause).UnixNano())
}

// Tell says whether the store answered.
func (m *Memory) Tell(answered bool) {
	switch {
	case !answered:
		m.until.Store(time.Now().Add(Pause).UnixNano())
	case m.until.Load() != 0:
		m.until.Store(0)
	}
}
