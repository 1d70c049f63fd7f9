package apikey

import (
	"context"
	"sync"
	"time"
)

// uses remembers which keys were noted as used lately, by this process. What other processes note, the record says.
type uses struct {
	every time.Duration // negative: never

	mu   sync.Mutex
	last map[string]time.Time
}

const (
	maxUses      = 8192 // more keys in use at once cost a write more now and then
	touchTimeout = 250 * time.Millisecond
)

// due reports, to one caller in a while, that a use should be noted.
func (u *uses) due(key *Key, now time.Time) bool {
	if u.every < 0 || now.Sub(key.UsedAt) < u.every {
		return false
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if last, ok := u.last[key.ID]; ok && now.Sub(last) < u.every {
		return false
	}
	if len(u.last) >= maxUses {
		clear(u.last)
	}
	u.last[key.ID] = now
	return true
}

// touch notes a use. A failure is not tried again before the next time: a store that is ill gets no more work.
func (k *Keys) touch(ctx context.Context, id string, now time.Time) {
	bounded, cancel := context.WithTimeout(ctx, touchTimeout)
	defer cancel()
	_ = k.store.Touch(bounded, id, now.Truncate(time.Microsecond))
}
