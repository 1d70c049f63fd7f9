package apikey

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gopalisade/palisade/internal/ascii"
	"github.com/gopalisade/palisade/monitor/event"
)

// Params is what a new key shall be. Name and Owner are required.
type Params struct {
	Name   string    // at most 100 printable characters
	Owner  string    // id of the user it acts for
	Tenant string    // his tenant, in an application that has several
	Tier   string    // plan, which package ratelimit may ask for
	Scopes []string  // permissions, at most 64; none: it may do nothing
	Expiry time.Time // in the future, and no later than Config.MaxAge allows; zero: as late as that
}

// Bounds of [Params].
const (
	maxName   = 100 // characters
	maxID     = 255 // bytes of an owner, a tenant or a tier
	maxScopes = 64
	maxScope  = 100 // bytes
)

// scopeChars stand in scopes beside letters and digits, as in rbac's names: there is no "*".
const scopeChars = "._:-"

// check says what is wrong, without the values.
func (p *Params) check(now time.Time) error {
	printable := func(s string) bool {
		return utf8.ValidString(s) && !slices.ContainsFunc([]rune(s), func(c rune) bool { return !unicode.IsPrint(c) })
	}
	isScope := func(s string) bool { return len(s) <= maxScope && ascii.All(s, scopeChars) }
	fault := ""
	switch {
	case p.Name == "" || len(p.Name) > maxName*utf8.UTFMax || utf8.RuneCountInString(p.Name) > maxName || !printable(p.Name):
		fault = "Name must be 1 to 100 printable characters"
	case p.Owner == "" || len(p.Owner) > maxID || !printable(p.Owner):
		fault = "Owner must be 1 to 255 printable bytes"
	case len(p.Tenant) > maxID || !printable(p.Tenant) || len(p.Tier) > maxID || !printable(p.Tier):
		fault = "Tenant and Tier must be at most 255 printable bytes"
	case len(p.Scopes) > maxScopes:
		fault = "Scopes must be at most 64"
	case slices.ContainsFunc(p.Scopes, func(s string) bool { return !isScope(s) }):
		fault = "Scopes must be letters, digits and . _ : - only, at most 100 each"
	case !p.Expiry.IsZero() && !p.Expiry.After(now):
		fault = "Expiry must be in the future"
	default:
		return nil
	}
	return fmt.Errorf("%w: %s", ErrParams, fault)
}

// Created is a new key, with its text for the one time that it is known. Text is a secret; the whole prints without it.
type Created struct {
	Text string // the key: show it to its owner, and forget it
	Key  Key
}

// String keeps the secret out of logs. It shows the key up to its id.
func (c Created) String() string { return redact(c.Text) }

// GoString is String.
func (c Created) GoString() string { return c.String() }

// LogValue is String.
func (c Created) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalText is String: an answer that shall hold the key must name Text.
func (c Created) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// Create makes a key. The error matches [ErrParams], [ErrTooMany] or [auth.ErrUnavailable].
//
// It gives the scopes that it is told to give: that the owner holds them himself is for the caller to see.
func (k *Keys) Create(ctx context.Context, p Params) (Created, error) {
	now := time.Now()
	if err := p.check(now); err != nil {
		return Created{}, err
	}
	c, rec := k.build(Key{
		Name: p.Name, Owner: p.Owner, Tenant: p.Tenant, Tier: p.Tier, Scopes: slices.Clone(p.Scopes), ExpiresAt: p.Expiry,
	}, now)
	if err := k.store.Create(ctx, rec, k.maxPerOwner); err != nil {
		return Created{}, answer("create", err)
	}
	event.Emit(ctx, event.Event{Code: event.AuthnTokenCreated, Principal: p.Owner, Object: c.Key.ID, Reason: "api_key"})
	return c, nil
}

// build completes a key with a new text and its times.
func (k *Keys) build(key Key, now time.Time) (Created, Record) {
	id, text := k.newText()
	// Whole microseconds are what every store keeps.
	key.ID, key.CreatedAt = id, now.Truncate(time.Microsecond)
	key.ExpiresAt = key.ExpiresAt.Truncate(time.Microsecond)
	if last := key.CreatedAt.Add(k.maxAge); k.maxAge > 0 && (key.ExpiresAt.IsZero() || key.ExpiresAt.After(last)) {
		key.ExpiresAt = last
	}
	pepper := k.peppers[0]
	return Created{Text: text, Key: key}, Record{Key: key, Hash: pepper.hash(text), Pepper: pepper.id}
}

// maxOverlap bounds how long two keys stand for one.
const maxOverlap = 30 * 24 * time.Hour

// Rotate replaces one of the owner's keys by a new one with the same name, rights and lifetime. The old one ends after the
// overlap, of at most 30 days, or when it would have ended anyway, whichever is earlier.
//
// The error matches [ErrNotFound], [ErrEnded], [ErrRotated], [ErrTooMany], [ErrParams] for the overlap, or
// [auth.ErrUnavailable]: a key that has ended gets no successor, none gets two, and an owner has no more than twice
// Config.MaxPerOwner with those that are about to end.
func (k *Keys) Rotate(ctx context.Context, owner, id string, overlap time.Duration) (Created, error) {
	if overlap < 0 || overlap > maxOverlap {
		return Created{}, fmt.Errorf("%w: overlap must be between 0 and 720h", ErrParams)
	}
	old, err := k.find(ctx, owner, id)
	if err != nil {
		return Created{}, err
	}
	now := time.Now()
	// Keys that were rotated do not count at Create, or nobody at his limit could rotate. Here they do.
	all, err := k.store.List(ctx, owner, now)
	switch {
	case err != nil:
		return Created{}, unavailable("rotate", err)
	case len(all) >= min(2*k.maxPerOwner, MaxList):
		return Created{}, ErrTooMany
	}
	next := old.Key
	next.UsedAt, next.RevokedAt, next.RotatedTo = time.Time{}, time.Time{}, ""
	if !old.ExpiresAt.IsZero() {
		next.ExpiresAt = now.Add(old.ExpiresAt.Sub(old.CreatedAt))
	}
	c, rec := k.build(next, now)
	if err := k.store.Rotate(ctx, id, rec.CreatedAt.Add(overlap), rec); err != nil {
		return Created{}, answer("rotate", err)
	}
	event.Emit(ctx, event.Event{Code: event.AuthnTokenCreated, Principal: owner, Object: c.Key.ID, Reason: "api_key_rotated"})
	return c, nil
}

// Revoke ends one of the owner's keys at once. It returns [ErrNotFound] for a key that is not his, and nil for one that has
// ended already.
func (k *Keys) Revoke(ctx context.Context, owner, id string) error {
	rec, err := k.find(ctx, owner, id)
	if err != nil || !rec.RevokedAt.IsZero() {
		return err
	}
	if err := k.store.Revoke(ctx, id, time.Now().Truncate(time.Microsecond)); err != nil {
		return unavailable("revoke", err)
	}
	event.Emit(ctx, event.Event{Code: event.AuthnTokenRevoked, Principal: owner, Object: id, Reason: "api_key"})
	return nil
}

// List returns the owner's keys that may still be used, newest first.
func (k *Keys) List(ctx context.Context, owner string) ([]Key, error) {
	all, err := k.store.List(ctx, owner, time.Now())
	if err != nil {
		return nil, unavailable("list", err)
	}
	list := make([]Key, len(all))
	for i, rec := range all {
		list[i] = rec.Key
	}
	return list, nil
}

// Prune forgets the keys that ended more than thirty days ago, and says how many they were. Call it now and then, every day,
// say.
func (k *Keys) Prune(ctx context.Context) (int, error) {
	n, err := k.store.DeleteExpired(ctx, time.Now().Add(-maxOverlap))
	if err != nil {
		return 0, unavailable("prune", err)
	}
	return n, nil
}

// find returns a key of the owner. What cannot be an id is not looked for.
func (k *Keys) find(ctx context.Context, owner, id string) (Record, error) {
	if len(id) != idSize || !ascii.All(id, "") {
		return Record{}, ErrNotFound
	}
	rec, err := k.store.Get(ctx, id)
	switch {
	case errors.Is(err, ErrNotFound), err == nil && rec.Owner != owner:
		return Record{}, ErrNotFound
	case err != nil:
		return Record{}, unavailable("find", err)
	}
	return rec, nil
}
