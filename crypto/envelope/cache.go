package envelope

import (
	"sync/atomic"
	"time"
	"weak"

	"github.com/gopalisade/palisade/crypto/field"
)

// facts are what is known about a ring. They do not change: a confirmation puts others in their place.
type facts struct {
	newest  uint32      // Seq of the newest record
	primary field.KeyID // of the ring

	ahead time.Time // when to confirm it in the background
	stale time.Time // when to wait for that
	hard  time.Time // when to close it

	uses  *atomic.Uint64 // of the primary
	timer *time.Timer    // closes it
}

// held is a ring that is ready.
type held struct {
	facts
	subject string
	ring    *field.Ring
	used    atomic.Int64 // milliseconds
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

// left is a ring that made room for others. Somebody may be using it, so it is not closed, and must be found when it has to
// be; where nobody is, the garbage collector takes it.
type left struct {
	facts
	ring weak.Pointer[field.Ring]
}

// cache is the rings that are ready, and those that were. Keys.mu guards it.
type cache struct {
	max  int
	held map[string]*held
	left map[string]left
}

// last returns the ring that a subject had last, if it is there still.
func (c *cache) last(subject string) *held {
	if h := c.held[subject]; h != nil {
		return h
	}
	if l, ok := c.left[subject]; ok {
		if ring := l.ring.Value(); ring != nil {
			return &held{facts: l.facts, subject: subject, ring: ring}
		}
	}
	return nil
}

const sample = 16

// put has h take the place of what the subject had, or of the ring that was not used for the longest time: among a sample
// where there are many, since an exact order would have every use write to a list.
func (c *cache) put(h *held) {
	if old := c.held[h.subject]; old != nil {
		old.timer.Stop()
	} else if len(c.held) >= c.max {
		c.evict()
	}
	if old, ok := c.left[h.subject]; ok {
		old.timer.Stop()
		delete(c.left, h.subject)
	}
	c.held[h.subject] = h
}

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
	delete(c.held, oldest.subject)
	c.sweep()
	c.left[oldest.subject] = left{oldest.facts, weak.Make(oldest.ring)}
}

// sweep forgets some rings that nobody uses: more than come, so that there are never many.
func (c *cache) sweep() {
	n := 0
	for subject, l := range c.left {
		if l.ring.Value() == nil {
			l.timer.Stop()
			delete(c.left, subject)
		}
		if n++; n == sample {
			break
		}
	}
}

// close closes what a subject has, whoever uses it.
func (c *cache) close(subject string) {
	if l, ok := c.left[subject]; ok {
		l.timer.Stop() // whose ring may be gone
	}
	if h := c.last(subject); h != nil {
		h.timer.Stop()
		_ = h.ring.Close() // never fails
	}
	delete(c.held, subject)
	delete(c.left, subject)
}

// expire closes a ring that nobody has confirmed in time.
func (c *cache) expire(subject string, ring weak.Pointer[field.Ring]) {
	h, r := c.last(subject), ring.Value()
	switch {
	case r == nil, h == nil, h.ring != r:
		// Nobody uses it, or what the subject has is another one.
		if c.left[subject].ring == ring {
			delete(c.left, subject)
		}
	case !time.Now().Before(h.hard): // or it was confirmed while the timer ran
		c.close(subject)
	}
}
