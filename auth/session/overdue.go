package session

import (
	"sync"
	"sync/atomic"
)

// overdue holds the sessions that should have ended, and that a store was too ill to revoke. It is bounded: what does not fit
// is in the log.
type overdue struct {
	some atomic.Bool // hardly ever: a request takes no lock

	mu  sync.Mutex
	ids map[string]struct{}
}

const maxOverdue = 10_000

func (o *overdue) has(id string) bool {
	if !o.some.Load() {
		return false
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	_, is := o.ids[id]
	return is
}

// set notes whether the session is overdue.
func (o *overdue) set(id string, is bool) {
	if !is && !o.has(id) {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ids == nil {
		o.ids = map[string]struct{}{}
	}
	if !is {
		delete(o.ids, id)
	} else if len(o.ids) < maxOverdue {
		o.ids[id] = struct{}{}
	}
	o.some.Store(len(o.ids) > 0)
}
