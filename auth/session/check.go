package session

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gopalisade/palisade/auth"
)

// Check refuses the principal of an access token whose session was ended, or that was denied by itself or with all
// tokens of its user. Give it to token.VerifierConfig.Check.
//
// The error matches [auth.ErrInvalid], or [auth.ErrUnavailable] when the Store cannot say. A good answer is believed for
// Config.CheckEvery; what this Manager ends itself is refused from that moment.
func (m *Manager) Check(ctx context.Context, p *auth.Principal) error {
	who := checked{p.TokenID, p.SessionID, UserOf(p)}
	now := time.Now()
	if m.overdue.has(p.SessionID) {
		m.makeUp(ctx, p.SessionID)
		return &auth.Error{Kind: auth.ErrInvalid, Reason: "revoked", Scheme: "Bearer"}
	}
	epoch, good := m.checks.recall(who, now)
	if good {
		return nil
	}
	keys := []string{userKey(who.user)}
	if p.TokenID != "" {
		keys = append(keys, tokenKey(p.Issuer, p.TokenID))
	}
	// A token says its second of issue only, so the whole second counts as before.
	denied, err := m.store.Denied(ctx, p.SessionID, keys, p.IssuedAt, now)
	switch {
	case err != nil:
		return &auth.Error{Kind: auth.ErrUnavailable, Reason: "revocation", Err: err}
	case denied:
		return &auth.Error{Kind: auth.ErrInvalid, Reason: "revoked", Scheme: "Bearer"}
	}
	m.checks.remember(who, epoch, now)
	return nil
}

// checked is what an answer is about. An ID alone is not: another issuer may give the same.
type checked struct {
	token, session string
	user           User
}

// checks remembers good answers. Each is good for a while, and until anything is revoked in this process: a revocation
// starts a new epoch, and an answer that was asked for in an older one does not count.
type checks struct {
	every time.Duration
	epoch atomic.Uint64

	mu   sync.RWMutex
	good map[checked]answer
}

type answer struct {
	epoch uint64
	at    time.Time
}

const maxChecks = 8192

func newChecks(every time.Duration) *checks {
	return &checks{every: every, good: map[checked]answer{}}
}

func (c *checks) recall(who checked, now time.Time) (epoch uint64, good bool) {
	epoch = c.epoch.Load()
	c.mu.RLock()
	a, ok := c.good[who]
	c.mu.RUnlock()
	return epoch, ok && a.epoch == epoch && now.Sub(a.at) < c.every
}

func (c *checks) remember(who checked, epoch uint64, at time.Time) {
	if c.every <= 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.good) >= maxChecks {
		clear(c.good) // now and then everybody is asked again
	}
	c.good[who] = answer{epoch, at}
}

func (c *checks) forget() { c.epoch.Add(1) }
