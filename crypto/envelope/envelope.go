package envelope

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/gopalisade/palisade/crypto/field"
)

// Keys hands out the rings of subjects. It is safe for concurrent use. A goroutine of its own runs while a ring is loaded or
// confirmed, with Timeout for each call that it makes; [Keys.Close] ends them.
type Keys struct {
	store       Store
	wrapper     KeyWrapper
	wrappers    map[string]KeyWrapper
	ttl         time.Duration
	hardTTL     time.Duration
	delay       time.Duration // until a new data key is used
	timeout     time.Duration
	maxAge      time.Duration
	maxUses     uint64
	maxContexts int
	onError     func(subject string, err error)

	base    context.Context // ends by Close
	cancel  context.CancelFunc
	running sync.WaitGroup

	mu       sync.RWMutex // guards all below; nobody holds it and waits
	cache    cache
	flights  map[string]*flight
	failures map[string]failure
	closed   bool
}

// patience is how long a flight is waited for by callers who could go on without.
const patience = time.Second

// Ring returns the ring of a subject, which is given a data key if it has none. Its values are sealed by
// [field.AES256GCMCommit], as somebody else may have chosen the key. Ask for it anew in every request: the ring stays the
// same one while it is ready, so that its count of values goes on. Do not close it. When it says [field.ErrExhausted], call
// [Keys.Rotate], or lower MaxUses before.
//
// Most calls return at once. Of those that come for a ring that is not there, one loads it, and the others wait for that;
// whoever's ctx ends leaves alone. Failures are remembered for a second, up to 16 when they repeat.
//
// The error is an [*Error]: [ErrUnavailable], [ErrRefused], [ErrForged], [ErrShredded], [ErrSubject], [ErrFull] or [ErrClosed].
func (k *Keys) Ring(ctx context.Context, subject string) (*field.Ring, error) {
	now := time.Now()
	h := k.find(subject)
	if h != nil && h.use(now) != k.maxUses && now.Before(h.ahead) {
		return h.ring, nil
	}
	return k.confirm(ctx, subject, h, now)
}

func (k *Keys) find(subject string) *held {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.cache.held[subject]
}

// confirm returns a ring that is missing, or due for confirmation.
func (k *Keys) confirm(ctx context.Context, subject string, h *held, now time.Time) (*field.Ring, error) {
	if !isName(subject) {
		return nil, newError(ErrSubject, "", 0, nil)
	}
	f, failing, err := k.start(ctx, subject, now)
	usable := h != nil && now.Before(h.hard)
	if f == nil {
		if usable && errors.Is(err, ErrUnavailable) {
			return h.ring, nil
		}
		return nil, err
	}
	var enough <-chan time.Time
	if usable {
		if failing || now.Before(h.stale) { // while it is known that somebody does not answer, nobody waits to hear it again
			return h.ring, nil
		}
		enough = time.After(f.began.Add(patience).Sub(now))
	}
	select {
	case <-f.done:
	case <-enough:
		return h.ring, nil
	case <-ctx.Done():
		return nil, newError(ErrUnavailable, "wait", 0, context.Cause(ctx))
	}
	switch {
	case f.err == nil:
		return f.held.ring, nil
	case usable && errors.Is(f.err, ErrUnavailable) && time.Now().Before(h.hard):
		return h.ring, nil
	}
	return nil, f.err
}

// Close ends what runs, and closes every ring that is ready. Later calls fail with [ErrClosed].
func (k *Keys) Close() error {
	k.mu.Lock()
	k.closed = true
	k.mu.Unlock()
	k.cancel()
	k.running.Wait()
	k.mu.Lock()
	defer k.mu.Unlock()
	for subject := range k.cache.held {
		k.cache.close(subject)
	}
	for subject := range k.cache.left {
		k.cache.close(subject)
	}
	return nil
}
