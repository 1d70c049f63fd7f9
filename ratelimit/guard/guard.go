package guard

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"log/slog"
	"net/netip"
	"time"

	"github.com/gopalisade/palisade/monitor/event"
	"github.com/gopalisade/palisade/ratelimit"
)

// Guard counts guesses. It is safe for concurrent use.
type Guard struct {
	store     Store
	local     *Memory // while store is out of reach, where FailLocal says so
	onError   ratelimit.FailMode
	normalize func(string) string
	identity  []byte   // keys the hashes
	device    [][]byte // sign cookies
	life      time.Duration
	rules     [dimensions]Counter
}

// Attempt is somebody about to prove who he is. Account is as he typed it; bound its length before.
type Attempt struct {
	Account string
	Addr    netip.Addr // as package transport found it; all that are unknown share their counters
	Device  string     // device cookie, as it came; one that is forged, foreign or too old is as good as none

	// Kind keeps the counters of different secrets apart: "" is the password, "otp" may be a second factor, "reset" a code by
	// mail. A fresh code of one Kind does not forgive the failures on the one before.
	Kind string
}

// storeTime bounds each step of a store: a login does not wait longer for one that hangs, and a ticket's steps do not end with
// the request.
const storeTime = 2 * time.Second

// Begin reserves one guess, as failed. The error matches [ErrBlocked] or ratelimit.ErrUnavailable; there is no ticket then,
// and nobody must look at the secret. Otherwise close the ticket in a defer.
func (g *Guard) Begin(ctx context.Context, a Attempt) (*Ticket, error) {
	t := &Ticket{guard: g, addr: a.Addr}
	account, h := g.normalize(a.Account), newHasher(g.identity)
	accountKey := h.key(byAccount, a.Kind, account)
	t.account = accountKey
	if nonce, ok := g.holder(a.Device, account); ok {
		t.add(byDevice, h.key(byDevice, a.Kind, nonce), 0)
		t.add(byHolders, h.key(byHolders, a.Kind, account), 0)
		if ok, err := g.reserve(ctx, t); ok || err != nil {
			return t.orNil(err)
		}
		t.n = 0 // banned: a stranger from here on
	}
	at := prefix(a.Addr)
	addrKey := h.key(byAddr, a.Kind, at)
	t.add(byAccount, accountKey, 0)
	t.add(byPair, h.key(byPair, a.Kind, account, at), 0)
	t.add(byAddr, addrKey, 0)
	t.add(accountsPerAddr, h.key(accountsPerAddr, a.Kind, at), mark(accountKey))
	t.add(addrsPerAccount, h.key(addrsPerAccount, a.Kind, account), mark(addrKey))
	ok, err := g.reserve(ctx, t)
	if err == nil && !ok {
		err = t.blocked(ctx)
	}
	return t.orNil(err)
}

// reserve charges the ticket's counters where there is somebody to count.
func (g *Guard) reserve(ctx context.Context, t *Ticket) (bool, error) {
	t.store = g.store
	wait := storeTime
	if end, ok := ctx.Deadline(); ok {
		wait = min(wait, time.Until(end)/2) // so that there is time left to count here
	}
	bounded, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	ok, err := g.store.Reserve(bounded, t.counters[:t.n], t.tallies[:t.n])
	if err == nil {
		return ok, nil
	}
	if ctx.Err() != nil { // a client that hangs up must not choose who counts, nor alarm anybody
		return false, &ratelimit.UnavailableError{Err: err}
	}
	g.storeFailed(ctx, err)
	if g.local == nil {
		return false, &ratelimit.UnavailableError{Err: err}
	}
	t.store = g.local
	return g.local.Reserve(ctx, t.counters[:t.n], t.tallies[:t.n])
}

func (g *Guard) storeFailed(ctx context.Context, err error) {
	event.Emit(ctx, event.Event{Code: event.SysMonitorDisabled, Level: slog.LevelError, Reason: "guard_store", Err: err})
}

// Normalize returns the spelling under which an account is counted: the one to look it up by.
func (g *Guard) Normalize(account string) string { return g.normalize(account) }

// Unlock forgets the failures on an account, for an operator whom its owner has asked: of all together, and also of those at
// a.Addr and of a.Device, where they are given. What the address did elsewhere stays. An error matches
// ratelimit.ErrUnavailable.
func (g *Guard) Unlock(ctx context.Context, a Attempt) error {
	ctx, cancel := context.WithTimeout(ctx, storeTime)
	defer cancel()
	account, h := g.normalize(a.Account), newHasher(g.identity)
	changes := []Change{
		{Key: h.key(byAccount, a.Kind, account), Clear: true},
		{Key: h.key(addrsPerAccount, a.Kind, account), Clear: true},
		{Key: h.key(byHolders, a.Kind, account), Clear: true},
	}
	if a.Addr.IsValid() {
		changes = append(changes, Change{Key: h.key(byPair, a.Kind, account, prefix(a.Addr)), Clear: true})
	}
	if nonce, ok := g.holder(a.Device, account); ok {
		changes = append(changes, Change{Key: h.key(byDevice, a.Kind, nonce), Clear: true})
	}
	if g.local != nil {
		_ = g.local.Settle(ctx, changes) // never fails
	}
	if err := g.store.Settle(ctx, changes); err != nil {
		return &ratelimit.UnavailableError{Err: err}
	}
	return nil
}

// object names an account in events, so that those of one belong together: the start of its hash, from which nobody can
// read it.
func object(k ratelimit.Key) string {
	return hex.EncodeToString(binary.BigEndian.AppendUint64(nil, k.Hi))
}
