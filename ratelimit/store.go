package ratelimit

import (
	"context"
	"time"
)

// Store keeps the counts. It must be safe for concurrent use; package limittest checks an implementation.
type Store interface {
	// Take charges cost permits to key under every policy, in one atomic step: all of them, or, when one has too few, none.
	// It writes what each policy says after that into states, which has a place for each. A cost of zero changes
	// nothing, and reports. An error means that nothing is known; the limiter then does what its FailMode says.
	Take(ctx context.Context, key Key, cost int64, policies []Policy, states []State) (allowed bool, err error)
}

// State is what one policy says about a key.
type State struct {
	Remaining  int64         // permits left now
	ResetAfter time.Duration // until all permits are back
	RetryAfter time.Duration // until this cost would pass, 0 where it does; negative: never
}

// Decide is GCRA for one policy: given the theoretical arrival time tat stored for a key and the present, both in
// nanoseconds on one clock that never runs backwards, it returns the tat to store if every policy allows, and the state in
// either case. It is exported for implementations of [Store].
func Decide(p Policy, tat, now, cost int64) (next int64, denied, allowed State) {
	if p.Limit <= 0 || cost < 0 {
		never := State{RetryAfter: -1}
		return tat, never, never
	}
	step, room := p.interval(), p.tolerance()
	ahead := max(tat-now, 0)
	need := saturate(cost, step)
	denied = p.state(step, room, ahead)
	switch {
	case need > room:
		denied.RetryAfter = -1
	case ahead+need > room:
		denied.RetryAfter = time.Duration(ahead + need - room)
	default:
		return now + ahead + need, denied, p.state(step, room, ahead+need)
	}
	return tat, denied, denied
}

func (q Policy) state(step, room, ahead int64) State {
	return State{Remaining: max(room-ahead, 0) / step, ResetAfter: time.Duration(ahead)}
}
