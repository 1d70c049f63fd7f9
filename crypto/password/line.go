package password

import (
	"container/list"
	"context"
	"sync"
	"time"
)

// line hands out memory in the order in which it was asked for: a large request is not overtaken by small ones for ever.
type line struct {
	mu      sync.Mutex
	free    int64     // KiB
	waiting list.List // of *waiter
	most    int
	wait    time.Duration
}

type waiter struct {
	need  int64
	ready chan struct{} // closed when the memory is the waiter's
}

func newLine(budget int64, most int, wait time.Duration) *line {
	return &line{free: budget, most: most, wait: wait}
}

// enter waits for need KiB and returns what gives them back.
func (l *line) enter(ctx context.Context, need int64) (release func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	release = func() { l.leave(need) }
	l.mu.Lock()
	if l.waiting.Len() == 0 && l.free >= need {
		l.free -= need
		l.mu.Unlock()
		return release, nil
	}
	if l.waiting.Len() >= l.most {
		l.mu.Unlock()
		return nil, ErrBusy
	}
	w := &waiter{need: need, ready: make(chan struct{})}
	place := l.waiting.PushBack(w)
	l.mu.Unlock()

	timer := time.NewTimer(l.wait)
	defer timer.Stop()
	select {
	case <-w.ready:
		return release, nil
	case <-ctx.Done():
		err = ctx.Err()
	case <-timer.C:
		err = ErrBusy
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-w.ready: // granted in the same moment: give it back
		l.free += need
	default:
		l.waiting.Remove(place)
	}
	l.grant()
	return nil, err
}

func (l *line) leave(need int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.free += need
	l.grant()
}

// grant serves the head of the line as far as memory goes. l.mu is held.
func (l *line) grant() {
	for e := l.waiting.Front(); e != nil; e = l.waiting.Front() {
		w, ok := e.Value.(*waiter)
		if !ok || w.need > l.free {
			return
		}
		l.free -= w.need
		l.waiting.Remove(e)
		close(w.ready)
	}
}
