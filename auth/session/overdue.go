package session

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/gopalisade/palisade/internal/outage"
)

// overdue holds the sessions that should have ended, and that a store was too ill to revoke. It is bounded: what does not fit
// is in the log.
type overdue struct {
	some atomic.Bool   // hardly ever: a request takes no lock
	ill  outage.Memory // of the store: one request a second tries again, and the others do not wait

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

// all returns the ids.
func (o *overdue) all() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Collect(maps.Keys(o.ids))
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
