package guard

import (
	"context"
	"log/slog"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/gopalisade/palisade/monitor/event"
	"github.com/gopalisade/palisade/ratelimit"
)

// Ticket is one reserved guess. The first of its methods that is called decides, and the others do nothing then. They finish
// even if the context is cancelled, so that a client changes nothing by hanging up. It is safe for concurrent use.
type Ticket struct {
	guard   *Guard
	store   Store // that made the reservation
	account ratelimit.Key
	addr    netip.Addr
	decided atomic.Bool

	n        int
	of       [len(strangers)]dimension
	counters [len(strangers)]Counter
	tallies  [len(strangers)]Tally
}

func (t *Ticket) add(d dimension, k ratelimit.Key, mark uint64) {
	c := t.guard.rules[d]
	c.Key, c.Mark = k, mark
	jitter := time.Duration(k.Lo % 101) // thousandths, each counter's own: not all bans shall end at once
	c.BanFirst += c.BanFirst / 1000 * jitter
	c.BanMax += c.BanMax / 1000 * jitter
	t.of[t.n], t.counters[t.n] = d, c
	t.n++
}

func (t *Ticket) orNil(err error) (*Ticket, error) {
	if err != nil {
		return nil, err
	}
	return t, nil
}

// Succeed takes the guess back: the secret was right. A stranger's success also forgets the failures before it on the account,
// and at his address on it, but nothing that tells against the address, or of how many addresses tried: else an attacker would
// log in to an account of his own now and then. A device holder's success forgets those of his device only, and
// leaves what all holders of the account's cookies have failed together.
func (t *Ticket) Succeed(ctx context.Context) { t.settle(ctx, true) }

// Abort takes the guess back because nobody could judge it: our own fault, such as a database out of reach or no memory for
// the hash. Never call it for what a client can bring about, hanging up for one; that would be a free guess.
func (t *Ticket) Abort(ctx context.Context) { t.settle(ctx, false) }

// Fail says that the secret was wrong.
func (t *Ticket) Fail(ctx context.Context) { t.Close(ctx) }

// Close is Fail for a ticket that nobody has decided. Call it in a defer.
func (t *Ticket) Close(ctx context.Context) {
	if t.decided.Swap(true) {
		return
	}
	worst := 0
	for i, y := range t.tallies[:t.n] {
		if y.Ban > t.tallies[worst].Ban {
			worst = i
		}
	}
	if ban := t.tallies[worst].Ban; ban > 0 { // the charge stands already; what is left is to tell
		t.tell(context.WithoutCancel(ctx), event.AuthnLoginLock, worst, ban)
	}
}

// tell emits an event about one of the counters.
func (t *Ticket) tell(ctx context.Context, code event.Code, i int, retry time.Duration) {
	event.Emit(ctx, event.Event{
		Code: code, Level: slog.LevelWarn, Object: object(t.account), Addr: t.addr,
		Reason: t.of[i].String(), Count: t.tallies[i].Count, Retry: retry,
	})
}

// Failures is how many failures in a row were charged before this guess to the account, or to the device for its holder, and
// are not forgiven.
func (t *Ticket) Failures() int64 { return t.tallies[0].Count - 1 }

func (t *Ticket) settle(ctx context.Context, succeeded bool) {
	if t.decided.Swap(true) {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTime)
	defer cancel()
	var changes [len(strangers)]Change
	n := 0
	for i, c := range t.counters[:t.n] {
		d, y := t.of[i], t.tallies[i]
		change := Change{Key: c.Key, Every: c.Every, At: y.At, Clear: succeeded && (d == byAccount || d == byPair || d == byDevice)}
		if y.New {
			change.Mark = c.Mark
		}
		if y.Charged || change.Clear {
			changes[n] = change
			n++
		}
	}
	if err := t.store.Settle(ctx, changes[:n]); err != nil {
		t.guard.storeFailed(ctx, err) // the guess stays charged, and the login stands
	}
}

// blocked tells of a refusal by the ban that lasts longest.
func (t *Ticket) blocked(ctx context.Context) error {
	worst := 0
	for i, y := range t.tallies[:t.n] {
		if y.Wait > t.tallies[worst].Wait {
			worst = i
		}
	}
	e := &BlockedError{RetryAfter: t.tallies[worst].Wait, By: t.of[worst].String()}
	t.tell(ctx, event.AuthnLoginFailMax, worst, e.RetryAfter)
	return e
}
