package session

import (
	"context"
	"time"
)

// storeTime bounds a step of the store: an answer that comes later is none, and the client asks again within its grace.
const storeTime = 3 * time.Second

// bounded is a Store whose steps take no longer than storeTime. Those that end something are done even if the client hangs
// up: a thief would. DeleteExpired is nobody's request, and takes as long as it takes.
type bounded struct{ Store }

// soon returns a context for a step that the client waits for.
func soon(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, storeTime)
}

// certainly returns a context for a step that must be done.
func certainly(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), storeTime)
}

func (s bounded) Create(ctx context.Context, f Family) error {
	ctx, cancel := soon(ctx)
	defer cancel()
	return s.Store.Create(ctx, f)
}

func (s bounded) Get(ctx context.Context, id string) (Family, error) {
	ctx, cancel := soon(ctx)
	defer cancel()
	return s.Store.Get(ctx, id)
}

func (s bounded) Rotate(ctx context.Context, id string, from uint64, at, idleUntil time.Time) (Family, bool, error) {
	ctx, cancel := soon(ctx)
	defer cancel()
	return s.Store.Rotate(ctx, id, from, at, idleUntil)
}

func (s bounded) List(ctx context.Context, u User, at time.Time) ([]Family, error) {
	ctx, cancel := soon(ctx)
	defer cancel()
	return s.Store.List(ctx, u, at)
}

func (s bounded) Denied(ctx context.Context, sessionID string, keys []string, issuedAt, at time.Time) (bool, error) {
	ctx, cancel := soon(ctx)
	defer cancel()
	return s.Store.Denied(ctx, sessionID, keys, issuedAt, at)
}

func (s bounded) Revoke(ctx context.Context, id string, at time.Time) error {
	ctx, cancel := certainly(ctx)
	defer cancel()
	return s.Store.Revoke(ctx, id, at)
}

func (s bounded) RevokeUser(ctx context.Context, u User, except string, at time.Time) (int, error) {
	ctx, cancel := certainly(ctx)
	defer cancel()
	return s.Store.RevokeUser(ctx, u, except, at)
}

func (s bounded) Deny(ctx context.Context, d Denial) error {
	ctx, cancel := certainly(ctx)
	defer cancel()
	return s.Store.Deny(ctx, d)
}
