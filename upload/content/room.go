package content

import (
	"context"
	"sync"
)

// room lets in what fits, in the order of coming, so that a large image is not passed by small ones for ever.
type room struct {
	size int64

	mu    sync.Mutex
	free  int64
	queue []*guest
}

type guest struct {
	need int64
	in   chan struct{} // closed when there is room
}

func newRoom(size int64) *room { return &room{size: size, free: size} }

// enter waits for room. What it got must be given back by leave; on an error it got nothing.
func (r *room) enter(ctx context.Context, need int64) error {
	r.mu.Lock()
	g := &guest{need: need, in: make(chan struct{})}
	r.queue = append(r.queue, g)
	r.admit()
	r.mu.Unlock()
	select {
	case <-g.in:
		return nil
	case <-ctx.Done():
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, other := range r.queue {
		if other == g {
			r.queue = append(r.queue[:i], r.queue[i+1:]...)
			r.admit()
			return ctx.Err()
		}
	}
	r.free += need // admitted at the same moment
	r.admit()
	return ctx.Err()
}

func (r *room) leave(need int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.free += need
	r.admit()
}

// admit lets in the first ones, as long as they fit.
func (r *room) admit() {
	for len(r.queue) > 0 && r.queue[0].need <= r.free {
		r.free -= r.queue[0].need
		close(r.queue[0].in)
		r.queue = r.queue[1:]
	}
}
