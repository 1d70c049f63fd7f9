package login

import (
	"context"
	"errors"
	"log/slog"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/crypto/password"
	"github.com/gopalisade/palisade/monitor/event"
	"github.com/gopalisade/palisade/ratelimit/guard"
)

// guess is a ticket, or nothing where there is no guard.
type guess struct{ ticket *guard.Ticket }

func (c *Checker) begin(ctx context.Context, a Attempt) (*guess, error) {
	if c.guard == nil {
		return &guess{}, nil
	}
	ticket, err := c.guard.Begin(ctx, guard.Attempt{Account: a.Login, Addr: a.Addr, Device: a.Device})
	return &guess{ticket}, err
}

// close counts a guess that nobody has decided, one that ends in a panic too.
func (g *guess) close(ctx context.Context) {
	if g.ticket != nil {
		g.ticket.Close(ctx)
	}
}

// succeed returns how many failures there were before.
func (g *guess) succeed(ctx context.Context) int64 {
	if g.ticket == nil {
		return 0
	}
	g.ticket.Succeed(ctx)
	return g.ticket.Failures()
}

// ours takes the guess back, because the fault is ours, and says so. Not where the client hung up: then the fault may be its
// own, and hanging up would be a way to guess for nothing.
func (g *guess) ours(ctx context.Context, a Attempt, reason string, err error) error {
	e := event.Event{Code: event.AuthnLoginFail, Level: slog.LevelError, Addr: a.Addr, Reason: reason, Err: err}
	if ctx.Err() != nil || errors.Is(err, password.ErrBusy) {
		e.Level = slog.LevelWarn
	}
	event.Emit(ctx, e)
	if g.ticket != nil && ctx.Err() == nil {
		g.ticket.Abort(ctx)
	}
	if errors.Is(err, password.ErrBusy) {
		return password.ErrBusy
	}
	return &auth.Error{Kind: auth.ErrUnavailable, Reason: reason, Err: err}
}
