package guard

import (
	"context"
	"math/bits"
	"time"

	"github.com/gopalisade/palisade/ratelimit"
)

// Store keeps the counters. It must be safe for concurrent use, by several processes where several share it; package guardtest
// checks an implementation. Both methods are one atomic step over all their counters, at most [MaxCounters] of different keys.
type Store interface {
	// Reserve charges a failure to every counter, or, where one of them is banned, to none. It writes what became of each
	// into tallies, which has a place for each. An error means that nothing is known; the Guard then does what its FailMode
	// says.
	Reserve(ctx context.Context, counters []Counter, tallies []Tally) (ok bool, err error)
	// Settle takes charges back. A key that is not there is left alone.
	Settle(ctx context.Context, changes []Change) error
}

// MaxCounters is the most counters in one step.
const MaxCounters = 8

// Counter is one count of failures and the rule for it.
type Counter struct {
	Key      ratelimit.Key
	Limit    int64         // failures at which bans begin
	Every    time.Duration // one failure is forgiven in this time
	BanFirst time.Duration // at Limit; each further failure doubles it
	BanMax   time.Duration // up to this

	// Mark, where it is not zero, is one bit of a sketch: below Limit a failure counts only if its mark is new. So the
	// count is of different things, accounts at an address, and never more than there are.
	Mark uint64
}

// State is what is kept of a counter. Times are nanoseconds on one clock that should not run backwards; the zero State has no
// failures.
type State struct {
	Full int64  // when the last failure will be forgiven: Every ahead for each
	Last int64  // when the last failure was charged
	Seen uint64 // marks
}

// Tally is what Reserve did to one counter.
type Tally struct {
	Count   int64         // failures now, this one included
	Wait    time.Duration // until the counter's ban is over; 0 where there is none
	Ban     time.Duration // the ban that this charge began, if it is not taken back
	Charged bool          // false: the mark was there already, or something was banned
	At      int64         // when it was charged, on the store's clock
	New     bool          // the mark was not there before
}

// Change takes one charge back.
type Change struct {
	Key   ratelimit.Key
	Clear bool          // forget every failure, the rest of the fields too
	Every time.Duration // the counter's
	Mark  uint64        // to remove from the sketch, or 0
	At    int64         // the charge's: if it is still the last one, the ban that it began ends with it
}

// Charge is the rule of a [Counter], for implementations of [Store]: what state s becomes when a failure is charged at a time
// now, and the tally of that. A Wait that is not zero means that the counter is banned; the state is then kept as it is
// returned, too. It differs only where the clock went back, after a fail-over: the last failure is taken to be now, and the
// others as far from it as they were, so that nobody is banned for longer than a ban.
//
// More in Full or, in the past, in Last, or less in Seen, never makes a refusal into a pass.
func (c Counter) Charge(s State, now int64) (State, Tally) {
	every := max(int64(c.Every), 1)
	if ahead := s.Last - now; ahead > 0 {
		s.Full, s.Last = s.Full-ahead, now
	}
	if s.Full <= now {
		s = State{}
	}
	count := ceil(s.Full-now, every)
	if ban := c.ban(count); s.Last+ban > now {
		return s, Tally{Count: count, Wait: time.Duration(s.Last + ban - now)}
	}
	t := Tally{Count: count, New: c.Mark&^s.Seen != 0}
	t.Charged = c.Mark == 0 || t.New || count >= c.Limit
	s.Seen |= c.Mark
	if t.Charged {
		s.Full, s.Last = min(max(s.Full, now)+every, now+(c.Limit+overshoot)*every), now
		t.Count = ceil(s.Full-now, every)
		t.Ban, t.At = time.Duration(c.ban(t.Count)), now
	}
	return s, t
}

// Undo is the rule of a [Change]: what state s becomes. A zero Full says that there is nothing left to keep.
func (c Change) Undo(s State, now int64) State {
	s.Full -= max(int64(c.Every), 1)
	s.Seen &^= c.Mark
	if s.Last == c.At {
		s.Last = longAgo // no ban was running when that charge was made
	}
	if c.Clear || s.Full <= now {
		return State{}
	}
	return s
}

// longAgo is before every ban, on every clock.
const longAgo = -1 << 62

// overshoot is how far a count goes over its limit. It doubles no ban any more, and would take ever longer to be forgiven.
const overshoot = 64

// ban is how long a count is banned for, from its last failure.
func (c Counter) ban(count int64) int64 {
	if count < c.Limit || count <= 0 {
		return 0
	}
	first, most, doubled := int64(c.BanFirst), int64(c.BanMax), count-c.Limit
	if doubled >= int64(bits.Len64(uint64(most))) || first > most>>doubled {
		return most
	}
	return first << doubled
}

// ceil divides, upwards; a negative amount is none.
func ceil(amount, by int64) int64 {
	if amount <= 0 {
		return 0
	}
	return (amount-1)/by + 1
}
