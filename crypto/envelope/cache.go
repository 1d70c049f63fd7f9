package envelope

import (
	"sync/atomic"
	"time"

	"github.com/gopalisade/palisade/crypto/field"
)

// held is a ring with what is known about it. A confirmation puts another one in its place, mostly with the same ring.
type held struct {
	subject string
	ring    *field.Ring
	newest  uint32      // Seq of the newest record
	primary field.KeyID // of the ring

	ahead time.Time // when to confirm it in the background
	stale time.Time // when to wait for that
	hard  time.Time // when to close it

	uses  *atomic.Uint64 // of the primary
	used  atomic.Int64   // milliseconds
	timer *time.Timer    // closes it
}

// use counts a use and returns how many there were. The time is written when it has changed only, so that cores share the
// cache line for most of a millisecond.
func (h *held) use(now time.Time) uint64 {
	h.touch(now)
	return h.uses.Add(1)
}

func (h *held) touch(now time.Time) {
	if ms := now.UnixMilli(); h.used.Load() != ms {
		h.used.Store(ms)
	}
}

// cache is the rings that are ready. Keys.mu guards it.
type cache struct {
	max  int
	held map[string]*held
}

const sample = 16

// put has h take the place of an older one, or of the one that was not used for the longest time: among a sample where
// there are many, since an exact order would have every use write to a list.
func (c *cache) put(h *held) {
	if old := c.held[h.subject]; old != nil {
		old.timer.Stop()
	} else if len(c.held) >= c.max {
		c.evict()
	}
	c.held[h.subject] = h
}

// evict drops a ring without closing it, because somebody may be using it.
func (c *cache) evict() {
	var oldest *held
	n := 0
	for _, h := range c.held {
		if oldest == nil || h.used.Load() < oldest.used.Load() {
			oldest = h
		}
		if n++; n == sample {
			break
		}
	}
	oldest.timer.Stop()
	delete(c.held, oldest.subject)
}

// close closes a ring that is held, and forgets it.
func (c *cache) close(h *held) {
	h.timer.Stop()
	delete(c.held, h.subject)
	_ = h.ring.Close() // never fails
}
