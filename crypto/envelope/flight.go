package envelope

import (
	"context"
	"errors"
	"strings"
	"time"
	"weak"

	"github.com/gopalisade/palisade/crypto/field"
)

// flight loads or confirms the ring of a subject, for all who ask for it meanwhile.
type flight struct {
	began time.Time
	done  chan struct{} // closed when it has landed
	held  *held         // set before
	err   error         // set before
	void  bool          // the subject was shredded meanwhile; guarded by Keys.mu
	gone  []field.KeyID // were retired meanwhile; guarded by Keys.mu
}

// failure is remembered for a while, so that an outage is not met by a storm.
type failure struct {
	err   error
	until time.Time
	pause time.Duration
}

// isFresh reports that the outage, if it was one, may last still. Where nobody has asked since, it says nothing.
func (f *failure) isFresh(now time.Time) bool { return now.Before(f.until.Add(lastPause)) }

const (
	firstPause  = time.Second
	lastPause   = 16 * time.Second
	maxFailures = 10_000
)

// start returns the flight of a subject, which may have begun before, or the failure that is too young for another one.
// failing says that the last one failed, not long ago.
func (k *Keys) start(ctx context.Context, subject string, now time.Time) (f *flight, failing bool, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	last, known := k.failures[subject]
	failing = known && last.isFresh(now)
	switch f = k.flights[subject]; {
	case k.closed:
		return nil, failing, newError(ErrClosed, "", 0, nil)
	case f != nil:
		return f, failing, nil
	case known && now.Before(last.until):
		return nil, failing, later(last.err, last.until.Sub(now))
	}
	f = &flight{began: now, done: make(chan struct{})}
	subject = strings.Clone(subject) // it may be a slice of a whole request
	k.flights[subject] = f
	ctx = context.WithoutCancel(ctx) // everybody waits for it, so nobody's leaving may end it
	k.running.Go(func() { k.fly(ctx, subject, f) })
	return f, failing, nil
}

// later returns err with the time at which the next flight may begin.
func later(err error, wait time.Duration) error {
	if e, ok := errors.AsType[*Error](err); ok && e.Kind == ErrUnavailable {
		own := *e
		own.RetryAfter = wait
		return &own
	}
	return err
}

func (k *Keys) fly(ctx context.Context, subject string, f *flight) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(k.base, cancel)()
	k.mu.RLock()
	old := k.cache.last(subject)
	k.mu.RUnlock()
	var h *held
	err := newError(ErrUnavailable, "", 0, errPanic)
	defer func() {
		_ = recover() // store and wrapper are others' code, and nobody above could catch it
		k.finish(subject, f, h, err)
	}()
	h, err = k.load(ctx, subject, old)
}

var errPanic = errors.New("store or wrapper panicked")

// finish tells all who wait.
func (k *Keys) finish(subject string, f *flight, h *held, err error) {
	k.mu.Lock()
	f.err = k.land(subject, f, h, err)
	f.held = h
	delete(k.flights, subject)
	close(f.done)
	k.mu.Unlock()
	if f.err != nil {
		k.report(subject, f.err)
	}
}

func (k *Keys) report(subject string, err error) {
	if k.onError != nil {
		defer func() { _ = recover() }() // as in fly; there is nobody else to tell
		k.onError(subject, err)
	}
}

// land puts the result of a flight into place. The caller holds Keys.mu.
func (k *Keys) land(subject string, f *flight, h *held, err error) error {
	switch {
	case k.closed:
		err = newError(ErrClosed, "", 0, nil)
	case f.void:
		err = newError(ErrShredded, "", 0, nil)
	case err == nil && h.ring.Keys() == nil:
		err = newError(ErrUnavailable, "", 0, errLate)
	case err == nil:
		delete(k.failures, subject)
		for _, id := range f.gone {
			_ = h.ring.Disable(id) // as in Retire
		}
		ring := weak.Make(h.ring) // the timer keeps no ring that nobody uses
		h.timer = time.AfterFunc(time.Until(h.hard), func() { k.expire(subject, ring) })
		k.cache.put(h)
		return nil
	}
	if h != nil {
		_ = h.ring.Close()
	}
	if !errors.Is(err, ErrUnavailable) {
		k.cache.close(subject) // the answer was no
	}
	k.remember(subject, err)
	return err
}

var errLate = errors.New("the ring was closed before it could be confirmed")

// remember needs Keys.mu. What does not fit is tried again too early.
func (k *Keys) remember(subject string, err error) {
	last, known := k.failures[subject]
	if !known && len(k.failures) >= maxFailures {
		for other := range k.failures {
			delete(k.failures, other)
			break
		}
	}
	now, pause := time.Now(), firstPause
	if known && last.isFresh(now) {
		pause = min(2*last.pause, lastPause)
	}
	k.failures[subject] = failure{err: err, until: now.Add(pause), pause: pause}
}

func (k *Keys) expire(subject string, ring weak.Pointer[field.Ring]) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.cache.expire(subject, ring)
}
